using System.Globalization;
using Rookery.Kernel;
using Rookery.Kernel.Data;
using Rookery.Kernel.Expressions;
using Rookery.Kernel.Scheduling;
using Rookery.Workflows.Definition;

namespace Rookery.Workflows.Schedules;

/// <summary>
/// A schedule has come: in the transaction that takes its timer away its runs are put on record as waiting and the next timer is
/// set, so each time starts one run, whichever node it comes to and whatever stops in between. What becomes of a run is nothing
/// to the schedule.
/// </summary>
internal sealed class FireSchedule(Timers timers, WorkflowLimits limits) : ITimerHandler
{
    public const string TimerKind = "workflow_schedule";

    public string Kind => TimerKind;

    /// <summary>Of the timer that belongs to the row as it is.</summary>
    public static string Key(Schedule schedule) => string.Create(CultureInfo.InvariantCulture, $"{schedule.ScheduleId:N}:{schedule.Revision}");

    public async Task RunAsync(DueTimer timer, Transaction transaction, CancellationToken ct)
    {
        var parts = timer.Key.Split(':');
        var (id, revision) = (Guid.Parse(parts[0]), int.Parse(parts[1], CultureInfo.InvariantCulture));
        var schedule = await transaction.FindAsync(
            $"""
            select {Schedule.Columns} from workflows.workflow_schedules s
            where s.schedule_id = {id} and s.revision = {revision} and s.is_active for no key update
            """,
            Schedule.Read,
            ct);
        if (schedule?.NextExecutionAt is not { } first || first > timer.Now)
        {
            // The schedule was changed, paused or deleted meanwhile.
            return;
        }

        var due = schedule.Timing.Due(first, timer.Now, CatchUp.Most);
        var chosen = CatchUp.Choose(schedule.CatchUp, due, timer.Now);
        var target = await TargetAsync(transaction, schedule, ct);
        var reason = chosen.Count == 0 ? "missed" : target.Reason;
        IReadOnlyList<DateTimeOffset> starts = reason is null ? [.. chosen.Take(Math.Min(schedule.Left ?? int.MaxValue, target.Free))] : [];
        var left = schedule.Left - starts.Count;
        var skipped = left == 0 ? 0 : due.Count - starts.Count;
        await StartAsync(transaction, schedule, target.Version, starts, timer.Now, ct);
        await NoteAsync(transaction, schedule, starts, skipped, reason ?? (starts.Count < chosen.Count ? "busy" : "missed"), left == 0 ? null : due.Next, timer.Now, ct);
    }

    /// <summary>What the schedule starts. Whoever counts the runs of a workflow counts alone.</summary>
    private async Task<Target> TargetAsync(Transaction transaction, Schedule schedule, CancellationToken ct)
    {
        var (target, most, waits) = (await transaction.ListAsync(
            $"""
            select d.version, case
                when d.status <> 'published' then 'not_published' when v.trigger_type <> 'schedule' then 'other_trigger'
                when not (e.is_active and c.is_active) then 'channel_off' end,
                coalesce((v.settings ->> 'max_parallel_executions')::integer, {RunSettings.Default.MaxParallelExecutions}),
                coalesce(v.settings ->> 'queue_policy', {RunSettings.Default.QueuePolicy}) = {QueuePolicies.Queue}
            from workflows.workflow_definitions d
            left join workflows.workflow_versions v on v.workflow_id = d.workflow_id and v.version = d.version
            join kernel.entities e on e.id = {schedule.EntityKey} and e.community_id = d.community_id
            join kernel.communities c on c.id = d.community_id
            where d.workflow_id = {schedule.WorkflowId} and d.community_id = {schedule.CommunityId}
            for no key update of d
            """,
            r => (new Target(r.GetInt32(0), r.IsDBNull(1) ? null : r.GetString(1)), r.GetInt32(2), r.GetBoolean(3)),
            ct)).FirstOrDefault((new Target(0, "channel_off"), 0, false));
        if (target.Reason is not null)
        {
            return target;
        }

        var (running, waiting) = (await transaction.ListAsync(
            $"select many, waiting from workflows.busy({schedule.WorkflowId})", r => (r.GetInt64(0), r.GetInt64(1)), ct))[0];
        var places = waits ? await limits.WaitingAsync(schedule.CommunityId, ct) : 0;
        return target with { Free = (int)(Math.Max(0, most - running) + Math.Max(0, places - waiting)) };
    }

    private static async Task StartAsync(
        Transaction transaction, Schedule schedule, int version, IReadOnlyList<DateTimeOffset> times, DateTimeOffset now, CancellationToken ct)
    {
        if (times.Count == 0)
        {
            return;
        }

        var by = $"schedule:{schedule.ScheduleId}";
        // Waiting runs are taken in the order of their ids.
        var ids = times.Select((_, i) => Ids.New(now.AddMilliseconds(i))).ToArray();
        var data = times.Select(t => Data(schedule, t, now)).ToArray();
        var keys = times.Select(t => $"{by}:{Text(t)}").ToArray();
        await transaction.ExecuteAsync(
            $"""
            insert into workflows.workflow_executions (execution_id, workflow_id, version, community_id, entity_id, trigger_type, trigger_key,
                trigger_data, caused_by, created_at, updated_at)
            select u.id, {schedule.WorkflowId}, {version}, {schedule.CommunityId}, {schedule.EntityKey}, 'schedule', u.key, u.data::jsonb, {by}, {now}, {now}
            from unnest({ids}, {keys}, {data}) as u (id, key, data)
            """,
            ct);
        await transaction.ExecuteAsync($"select pg_notify('rookery', 'workflow_waiting:' || {schedule.WorkflowId.ToString()})", ct);
    }

    private async Task NoteAsync(
        Transaction transaction, Schedule schedule, IReadOnlyList<DateTimeOffset> starts, long skipped, string reason, DateTimeOffset? next, DateTimeOffset now, CancellationToken ct)
    {
        DateTimeOffset? last = starts.Count > 0 ? starts[^1] : null;
        await transaction.ExecuteAsync(
            $"""
            update workflows.workflow_schedules
            set next_execution_at = {next}, is_active = {next is not null}, execution_count = execution_count + {starts.Count},
                last_execution_at = coalesce({last}, last_execution_at), skipped_count = skipped_count + {skipped},
                last_skipped_at = case when {skipped > 0} then {now} else last_skipped_at end,
                last_skip_reason = case when {skipped > 0} then {reason} else last_skip_reason end, updated_at = {now}
            where schedule_id = {schedule.ScheduleId} and community_id = {schedule.CommunityId}
            """,
            ct);
        if (next is { } at)
        {
            await timers.SetAsync(transaction, TimerKind, Key(schedule), at, "{}", schedule.CommunityId, ct);
        }
    }

    /// <summary>What the run's trigger tells; the schedule's own data must not hide when and why it began.</summary>
    private static string Data(Schedule schedule, DateTimeOffset time, DateTimeOffset now)
    {
        var made = new ObjectBuilder();
        foreach (var (name, value) in Value.Parse(schedule.ContextData).Members)
        {
            if (!ScheduleRules.Reserved.Contains(name, StringComparer.Ordinal))
            {
                made.Set(name, value);
            }
        }

        return made.Set("scheduled_time", Text(time)).Set("triggered_at", Text(now)).Set("schedule_id", schedule.ScheduleId.ToString()).Build().ToJson();
    }

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFZ", CultureInfo.InvariantCulture);

    /// <param name="Reason">Why nothing can be started; null: it can.</param>
    private sealed record Target(int Version, string? Reason)
    {
        /// <summary>Runs there is a place for: at work, or waiting where the workflow's starts wait.</summary>
        public int Free { get; init; }
    }
}
