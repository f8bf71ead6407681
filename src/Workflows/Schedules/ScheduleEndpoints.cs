using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;
using Rookery.Workflows.Api;

namespace Rookery.Workflows.Schedules;

/// <param name="NextExecutions">In the zone of the schedule.</param>
internal sealed record SchedulePreview(string Timezone, IReadOnlyList<DateTimeOffset> NextExecutions);

internal static class ScheduleEndpoints
{
    private const int Previewed = 5;

    public static void Map(RouteGroupBuilder group)
    {
        var schedules = group.MapGroup("/schedules").WithTags("workflows");
        schedules.MapGet("", ListAsync).Needs(Scopes.WorkflowsRead).WithSummary("Lists the schedules of a community, newest first; of one workflow with workflow_id.");
        schedules.MapPost("/preview", Preview).Needs(Scopes.WorkflowsRead)
            .WithSummary("Shows when a schedule would come next, without making it.").ProducesProblem(400);
        schedules.MapGet("/{schedule_id:guid}", GetAsync).Needs(Scopes.WorkflowsRead).WithSummary("Shows a schedule.").ProducesProblem(403).ProducesProblem(404);
        schedules.MapGet("/{schedule_id:guid}/preview", PreviewAsync).Needs(Scopes.WorkflowsRead)
            .WithSummary("Shows when a schedule comes next, up to five times.").ProducesProblem(403).ProducesProblem(404);
        schedules.MapPatch("/{schedule_id:guid}", PatchAsync).Needs(Scopes.WorkflowsWrite)
            .WithSummary("Changes what the body names; is_active pauses it and lets it go on.").ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        schedules.MapDelete("/{schedule_id:guid}", DeleteAsync).Needs(Scopes.WorkflowsWrite).WithSummary("Deletes a schedule.").ProducesProblem(403).ProducesProblem(404);
        var ofWorkflow = group.MapGroup("/{workflow_id:guid}/schedules").WithTags("workflows");
        ofWorkflow.MapGet("", ListOfWorkflowAsync).Needs(Scopes.WorkflowsRead).WithSummary("Lists the schedules of a workflow, newest first.").ProducesProblem(403).ProducesProblem(404);
        ofWorkflow.MapPost("", CreateAsync).Needs(Scopes.WorkflowsWrite)
            .WithSummary("Makes a schedule for a workflow.").ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
    }

    private static async Task<Results<Ok<Page<Schedule>>, ProblemHttpResult>> ListAsync(
        long community_id, Guid? workflow_id, PageQuery page, Actor actor, Gate gate, Rights rights, ScheduleStore store, CancellationToken ct)
    {
        if (workflow_id is { } one)
        {
            return await ListOfWorkflowAsync(community_id, one, page, actor, gate, store, ct);
        }

        var visible = await rights.VisibleAsync(community_id, actor, ct);
        return TypedResults.Ok(Page.Of(await store.ListAsync(community_id, visible, page, ct), page.Limit, s => s.ScheduleId));
    }

    private static async Task<Results<Ok<Page<Schedule>>, ProblemHttpResult>> ListOfWorkflowAsync(
        long community_id, Guid workflow_id, PageQuery page, Actor actor, Gate gate, ScheduleStore store, CancellationToken ct)
    {
        var (workflow, refusal) = await gate.EnterAsync(community_id, workflow_id, actor, Right.View, "schedule.list", ct);
        return workflow is null ? refusal! : TypedResults.Ok(Page.Of(await store.ListAsync(community_id, [workflow_id], page, ct), page.Limit, s => s.ScheduleId));
    }

    private static async Task<Results<Created<Schedule>, ProblemHttpResult>> CreateAsync(
        long community_id, Guid workflow_id, CreateSchedule request, Actor actor, Gate gate, ScheduleStore store, TimeProvider clock, CancellationToken ct)
    {
        var (workflow, refusal) = await gate.EnterAsync(community_id, workflow_id, actor, Right.Edit, "schedule.created", ct);
        if (workflow is null)
        {
            return refusal!;
        }

        var checks = new Checks();
        var text = ScheduleRules.Check(request, clock.GetUtcNow(), checks);
        var entity = await gate.EntityAsync(community_id, request.EntityId, ct);
        checks.That(request.EntityId is null || entity is not null, "entity_id", "the community has no such channel.");
        if (!checks.Ok)
        {
            return checks.Problem();
        }

        if (workflow.TriggerType != "schedule")
        {
            return Problems.Conflict($"The workflow starts by {workflow.TriggerType}; only one with a trigger_schedule node can have schedules.");
        }

        return await store.CreateAsync(community_id, workflow_id, entity?.Id, text!, actor, ct) is { } made
            ? TypedResults.Created($"/api/v1/communities/{community_id}/workflows/schedules/{made.ScheduleId}", made)
            : Problems.Conflict($"The workflow has {ScheduleStore.MaxPerWorkflow} schedules, which is the most; delete one.");
    }

    private static async Task<Results<Ok<Schedule>, ProblemHttpResult>> GetAsync(
        long community_id, Guid schedule_id, Actor actor, Gate gate, ScheduleStore store, CancellationToken ct)
    {
        var (found, refusal) = await FindAsync(community_id, schedule_id, actor, Right.View, "schedule.view", gate, store, ct);
        return found is null ? refusal! : TypedResults.Ok(found);
    }

    private static async Task<Results<Ok<Schedule>, ProblemHttpResult>> PatchAsync(
        long community_id, Guid schedule_id, PatchSchedule request, Actor actor, Gate gate, ScheduleStore store, TimeProvider clock, CancellationToken ct)
    {
        var (known, refusal) = await FindAsync(community_id, schedule_id, actor, Right.Edit, "schedule.updated", gate, store, ct);
        if (known is null)
        {
            return refusal!;
        }

        var checks = new Checks();
        if (ScheduleRules.Check(known, request, clock.GetUtcNow(), checks) is not { } text)
        {
            return checks.Problem();
        }

        return await store.UpdateAsync(known, text, actor, ct) is { } changed
            ? TypedResults.Ok(changed)
            : Problems.Conflict("The schedule changed at the same time; read it again.");
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        long community_id, Guid schedule_id, Actor actor, Gate gate, ScheduleStore store, CancellationToken ct)
    {
        var (known, refusal) = await FindAsync(community_id, schedule_id, actor, Right.Edit, "schedule.deleted", gate, store, ct);
        return known is null ? refusal!
            : await store.DeleteAsync(community_id, schedule_id, actor, ct) ? TypedResults.NoContent()
            : NoSchedule(schedule_id);
    }

    /// <returns>Either the schedule, of a workflow with which the actor may do this, or the refusal.</returns>
    private static async Task<(Schedule? Found, ProblemHttpResult? Refusal)> FindAsync(
        long community, Guid id, Actor actor, string right, string action, Gate gate, ScheduleStore store, CancellationToken ct)
    {
        if (await store.FindAsync(community, id, ct) is not { } found)
        {
            return (null, NoSchedule(id));
        }

        var (workflow, refusal) = await gate.EnterAsync(community, found.WorkflowId, actor, right, action, ct);
        return workflow is null ? (null, refusal) : (found, null);
    }

    private static Results<Ok<SchedulePreview>, ProblemHttpResult> Preview(long community_id, CreateSchedule request, TimeProvider clock)
    {
        var checks = new Checks();
        return ScheduleRules.Check(request, clock.GetUtcNow(), checks) is { } text
            ? TypedResults.Ok(new SchedulePreview(text.Timezone, text.Timing.Preview(text.Next, Math.Min(Previewed, text.MaxExecutions ?? Previewed))))
            : checks.Problem();
    }

    private static async Task<Results<Ok<SchedulePreview>, ProblemHttpResult>> PreviewAsync(
        long community_id, Guid schedule_id, Actor actor, Gate gate, ScheduleStore store, CancellationToken ct)
    {
        var (found, refusal) = await FindAsync(community_id, schedule_id, actor, Right.View, "schedule.preview", gate, store, ct);
        return found is null ? refusal! : TypedResults.Ok(new SchedulePreview(
            found.Timezone, found.Timing.Preview(found.IsActive ? found.NextExecutionAt : null, Math.Min(Previewed, found.Left ?? Previewed))));
    }

    private static ProblemHttpResult NoSchedule(Guid id) => Problems.NotFound($"No schedule with id {id} here.");
}
