using System.Text.Json;
using System.Text.Json.Nodes;
using Rookery.Kernel.Data;
using Rookery.Kernel.Scheduling;
using Rookery.Kernel.Web;
using Rookery.Workflows.Api;

namespace Rookery.Workflows.Schedules;

/// <summary>
/// The table <c>workflow_schedules</c>, each row with its timer. Whoever changes a row first takes its timer away, as a timer
/// that runs has done, so that neither waits for the other; the new timer has a key of its own.
/// </summary>
internal sealed class ScheduleStore(Database db, Timers timers, WorkflowAudit audit, TimeProvider clock)
{
    public const int MaxPerWorkflow = 50;

    /// <param name="workflows">Null: of all workflows.</param>
    public Task<IReadOnlyList<Schedule>> ListAsync(long community, Guid[]? workflows, PageQuery page, CancellationToken ct)
    {
        Guid? after = Guid.TryParse(page.After, out var id) ? id : null;
        return db.Read.ListAsync(
            $"""
            select {Schedule.Columns} from workflows.workflow_schedules s
            where s.community_id = {community} and ({workflows}::uuid[] is null or s.workflow_id = any({workflows}))
                and ({after}::uuid is null or s.schedule_id < {after})
            order by s.schedule_id desc limit {page.Limit + 1}
            """,
            Schedule.Read,
            ct);
    }

    public Task<Schedule?> FindAsync(long community, Guid id, CancellationToken ct) => FindAsync(db.Read, community, id, ct);

    /// <param name="entity">Null: the channel of the workflow.</param>
    /// <returns>Null: the workflow has as many as it may have.</returns>
    public Task<Schedule?> CreateAsync(long community, Guid workflow, long? entity, ScheduleText text, Actor actor, CancellationToken ct) => db.TransactionAsync(
        async transaction =>
        {
            var now = clock.GetUtcNow();
            var id = Guid.CreateVersion7(now);
            await transaction.ExecuteAsync(
                $"select 1 from workflows.workflow_definitions where workflow_id = {workflow} and community_id = {community} for no key update", ct);
            var made = await transaction.FindAsync(
                $"""
                insert into workflows.workflow_schedules as s (schedule_id, workflow_id, community_id, entity_id, schedule_type, cron_expression,
                    interval_seconds, timezone, next_execution_at, max_executions, is_active, context_data, catch_up, created_by, created_at, updated_at)
                select {id}, d.workflow_id, d.community_id, coalesce({entity}, d.entity_id), {text.ScheduleType}, {text.CronExpression},
                    {text.IntervalSeconds}, {text.Timezone}, {text.Next}, {text.MaxExecutions}, {text.IsActive}, {text.ContextData}::jsonb, {text.CatchUp},
                    {actor.Key}, {now}, {now}
                from workflows.workflow_definitions d
                where d.workflow_id = {workflow} and d.community_id = {community}
                    and (select count(*) from workflows.workflow_schedules o where o.workflow_id = {workflow}) < {MaxPerWorkflow}
                returning {Schedule.Columns}
                """,
                Schedule.Read,
                ct);
            if (made is not null)
            {
                await SetTimerAsync(transaction, made, ct);
                await NoteAsync(transaction, "created", null, made, actor, ct);
            }

            return made;
        },
        ct);

    /// <returns>Null: it was changed or deleted since it was read.</returns>
    public Task<Schedule?> UpdateAsync(Schedule known, ScheduleText text, Actor actor, CancellationToken ct) => db.TransactionAsync(
        async transaction =>
        {
            await timers.CancelAsync(transaction, FireSchedule.TimerKind, FireSchedule.Key(known), ct);
            var isSame = text.Next == known.NextExecutionAt;
            var changed = await transaction.FindAsync(
                $"""
                update workflows.workflow_schedules s
                set cron_expression = {text.CronExpression}, interval_seconds = {text.IntervalSeconds}, timezone = {text.Timezone},
                    next_execution_at = case when {isSame} then s.next_execution_at else {text.Next} end,
                    max_executions = {text.MaxExecutions}, is_active = {text.IsActive}, context_data = {text.ContextData}::jsonb,
                    catch_up = {text.CatchUp}, revision = s.revision + 1, updated_at = {clock.GetUtcNow()}
                where s.schedule_id = {known.ScheduleId} and s.community_id = {known.CommunityId} and s.revision = {known.Revision}
                    and (not {text.IsActive} or not {isSame} or s.next_execution_at is not null)
                    and ({text.MaxExecutions}::integer is null or s.execution_count <= {text.MaxExecutions})
                returning {Schedule.Columns}
                """,
                Schedule.Read,
                ct);
            if (changed is not null)
            {
                await SetTimerAsync(transaction, changed, ct);
                await NoteAsync(transaction, "updated", known, changed, actor, ct);
            }

            return changed;
        },
        ct);

    /// <returns>False: there is none.</returns>
    public Task<bool> DeleteAsync(long community, Guid id, Actor actor, CancellationToken ct) => db.TransactionAsync(
        async transaction =>
        {
            if (await FindAsync(transaction, community, id, ct) is not { } known)
            {
                return false;
            }

            await timers.CancelAsync(transaction, FireSchedule.TimerKind, FireSchedule.Key(known), ct);
            await transaction.ExecuteAsync($"delete from workflows.workflow_schedules where schedule_id = {id} and community_id = {community}", ct);
            await NoteAsync(transaction, "deleted", known, null, actor, ct);
            return true;
        },
        ct);

    private static Task<Schedule?> FindAsync(Session session, long community, Guid id, CancellationToken ct) => session.FindAsync(
        $"select {Schedule.Columns} from workflows.workflow_schedules s where s.schedule_id = {id} and s.community_id = {community}",
        Schedule.Read,
        ct);

    private Task SetTimerAsync(Transaction transaction, Schedule schedule, CancellationToken ct) => schedule is { IsActive: true, NextExecutionAt: { } next }
        ? timers.SetAsync(transaction, FireSchedule.TimerKind, FireSchedule.Key(schedule), next, "{}", schedule.CommunityId, ct)
        : Task.CompletedTask;

    private Task NoteAsync(Transaction transaction, string action, Schedule? before, Schedule? after, Actor actor, CancellationToken ct)
    {
        var schedule = (after ?? before)!;
        var (old, now) = Act.Changes(Values(before), Values(after));
        var act = new Act(schedule.CommunityId, schedule.WorkflowId, $"schedule.{action}", "schedule", schedule.ScheduleId.ToString()) { Old = old, New = now };
        return audit.WriteAsync(transaction, actor, act, ct);
    }

    private static JsonObject? Values(Schedule? schedule) =>
        schedule is null ? null : JsonSerializer.SerializeToNode(schedule, WorkflowsJson.Default.Schedule)!.AsObject();
}
