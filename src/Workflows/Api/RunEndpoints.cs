using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;

namespace Rookery.Workflows.Api;

/// <summary>Runs: start, test, read, cancel, tell again, go on with.</summary>
internal static class RunEndpoints
{
    private static readonly string[] Statuses = ["pending", "running", "success", "failed", "cancelled"];
    private static readonly string[] Orders = ["start_time", "status", "execution_time"];

    public static void Map(RouteGroupBuilder group)
    {
        var runs = group.WithTags("workflow runs");
        runs.MapPost("/{id:guid}/execute", ExecuteAsync).Needs(Scopes.WorkflowsRun)
            .WithSummary("Starts a run of what is published. The same Idempotency-Key starts one run only.")
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(429);
        runs.MapPost("/{id:guid}/test", TestAsync).Needs(Scopes.WorkflowsRun)
            .WithSummary("Runs the draft, or a version, at once: delays are skipped, nothing leaves the server, every step is told.")
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(404);
        runs.MapPost("/test", TestUnsavedAsync).Needs(Scopes.WorkflowsRun)
            .WithSummary("The same for a definition that is not stored; nothing is kept of it.").ProducesProblem(400).ProducesProblem(404);
        runs.MapGet("/{id:guid}/executions", ListAsync).Needs(Scopes.WorkflowsRead).WithSummary("Lists the runs of a workflow, newest first unless told.")
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(404);
        runs.MapGet("/executions/{id:guid}", GetAsync).Needs(Scopes.WorkflowsRead).WithSummary("Reads a run, step by step.")
            .ProducesProblem(403).ProducesProblem(404);
        runs.MapPost("/executions/{id:guid}/cancel", CancelAsync).Needs(Scopes.WorkflowsRun).WithSummary("Ends a run within a second.")
            .ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        runs.MapPost("/executions/{id:guid}/replay", ReplayAsync).Needs(Scopes.WorkflowsRun)
            .WithSummary("Starts a new run from what started this one, with its version or another.")
            .ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(429);
        runs.MapPost("/executions/{id:guid}/resume", ResumeAsync).Needs(Scopes.WorkflowsRun)
            .WithSummary("Goes on with a failed run at the step that failed.").ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
    }

    private static async Task<Results<Accepted<StartedRun>, ProblemHttpResult>> ExecuteAsync(
        long community_id, Guid id, ExecuteRequest request, HttpRequest http, Actor actor, Gate gate, RunStarts starts, CancellationToken ct)
    {
        var key = http.Headers["Idempotency-Key"].ToString();
        var checks = new Checks().Json("variables", request.Variables, RunStarts.MaxVariables).Optional("Idempotency-Key", key, 200);
        if (!checks.Ok)
        {
            return checks.Problem();
        }

        var (workflow, refusal) = await gate.EnterAsync(community_id, id, actor, Right.Execute, "execute", ct);
        return workflow is null ? refusal! : Answer(community_id, await starts.ExecuteAsync(workflow, request.Variables, key.Length == 0 ? null : key, actor, ct));
    }

    private static async Task<Results<Ok<TestReport>, ProblemHttpResult>> TestAsync(
        long community_id, Guid id, TestRequest request, Actor actor, Gate gate, TestRuns tests, CancellationToken ct)
    {
        if (request.Check() is { Ok: false } checks)
        {
            return checks.Problem();
        }

        var (workflow, refusal) = await gate.EnterAsync(community_id, id, actor, Right.Execute, "test", ct);
        if (workflow is null)
        {
            return refusal!;
        }

        var (report, problem) = await tests.RunAsync(workflow, request, actor, ct);
        return report is null ? problem! : TypedResults.Ok(report);
    }

    private static async Task<Results<Ok<TestReport>, ProblemHttpResult>> TestUnsavedAsync(
        long community_id, TestRequest request, Actor actor, Gate gate, TestRuns tests, CancellationToken ct)
    {
        var checks = request.Check().That(request.Workflow is not null, "workflow", "is required: the definition.");
        if (!checks.Ok)
        {
            return checks.Problem();
        }

        if (await gate.EntityAsync(community_id, request.EntityId, ct) is not { } entity)
        {
            return Problems.NotFound("entity_id: the community has no such channel.");
        }

        var (report, problem) = await tests.RunUnsavedAsync(entity, request, actor, ct);
        return report is null ? problem! : TypedResults.Ok(report);
    }

    private static async Task<Results<Ok<Page<RunView>>, ProblemHttpResult>> ListAsync(
        long community_id, Guid id, string? status, bool? is_test_run, string? sort_by, string? sort_order, Actor actor, PageQuery page,
        Gate gate, RunRows rows, CancellationToken ct)
    {
        var checks = new Checks().That(status is null || Statuses.Contains(status), "status", $"must be one of {string.Join(", ", Statuses)}.")
            .That(sort_by is null || Orders.Contains(sort_by), "sort_by", $"must be one of {string.Join(", ", Orders)}.")
            .That(sort_order is null or "asc" or "desc", "sort_order", "must be asc or desc.");
        if (!checks.Ok)
        {
            return checks.Problem();
        }

        var (workflow, refusal) = await gate.EnterAsync(community_id, id, actor, Right.View, "view", ct);
        if (workflow is null)
        {
            return refusal!;
        }

        var filter = new RunFilter(id, status, is_test_run, sort_by ?? "start_time", sort_order == "asc");
        var shown = Math.Max(0, page.AfterId ?? 0);
        var isNewestFirst = filter is { SortBy: "start_time", IsAscending: false };
        return TypedResults.Ok(Page.Of(await rows.ListAsync(community_id, filter, page, ct), page.Limit, r => isNewestFirst ? r.ExecutionId : shown + page.Limit));
    }

    private static async Task<Results<Ok<RunDetails>, ProblemHttpResult>> GetAsync(
        long community_id, Guid id, Actor actor, Gate gate, RunRows rows, CancellationToken ct)
    {
        var (run, refusal) = await EnterAsync(community_id, id, actor, Right.View, "view", gate, rows, ct);
        if (run is null)
        {
            return refusal!;
        }

        var turns = await rows.TurnsAsync(community_id, id, ct);
        return TypedResults.Ok(new RunDetails(run, turns, RunMetrics.Of(turns)));
    }

    private static async Task<Results<Ok<RunView>, Accepted<RunView>, ProblemHttpResult>> CancelAsync(
        long community_id, Guid id, Actor actor, Gate gate, RunRows rows, RunChanges changes, CancellationToken ct)
    {
        var (run, refusal) = await EnterAsync(community_id, id, actor, Right.Execute, "cancel", gate, rows, ct);
        if (run is null)
        {
            return refusal!;
        }

        if (run.CompletedAt is not null || await changes.CancelAsync(run, actor, ct) is "success" or "failed")
        {
            return Problems.Conflict("The run has ended already.");
        }

        var now = (await rows.FindAsync(community_id, id, ct))!;
        return now.CompletedAt is null ? TypedResults.Accepted($"/api/v1/communities/{community_id}/workflows/executions/{id}", now) : TypedResults.Ok(now);
    }

    private static async Task<Results<Accepted<StartedRun>, ProblemHttpResult>> ReplayAsync(
        long community_id, Guid id, ReplayRequest? request, Actor actor, Gate gate, RunRows rows, RunStarts starts, CancellationToken ct)
    {
        var (run, refusal) = await EnterAsync(community_id, id, actor, Right.Execute, "replay", gate, rows, ct);
        return run is null ? refusal! : Answer(community_id, await starts.ReplayAsync(run, request?.Version ?? run.Version, actor, ct));
    }

    private static async Task<Results<Accepted<RunView>, ProblemHttpResult>> ResumeAsync(
        long community_id, Guid id, Actor actor, Gate gate, RunRows rows, RunChanges changes, CancellationToken ct)
    {
        var (run, refusal) = await EnterAsync(community_id, id, actor, Right.Execute, "resume", gate, rows, ct);
        if (run is null)
        {
            return refusal!;
        }

        return await changes.ResumeAsync(run, actor, ct)
            ? TypedResults.Accepted($"/api/v1/communities/{community_id}/workflows/executions/{id}", (await rows.FindAsync(community_id, id, ct))!)
            : Problems.Conflict(run.IsTestRun ? "A test run is not gone on with; test again." : "Only a failed run can be gone on with.");
    }

    private static async Task<(RunView? Run, ProblemHttpResult? Refusal)> EnterAsync(
        long community, Guid id, Actor actor, string right, string action, Gate gate, RunRows rows, CancellationToken ct)
    {
        if (await rows.FindAsync(community, id, ct) is not { } run)
        {
            return (null, Problems.NotFound($"No run with id {id}."));
        }

        var (workflow, refusal) = await gate.EnterAsync(community, run.WorkflowId, actor, right, action, ct);
        return workflow is null ? (null, refusal) : (run, null);
    }

    private static Results<Accepted<StartedRun>, ProblemHttpResult> Answer(long community, (StartedRun? Run, ProblemHttpResult? Refusal) outcome) =>
        outcome.Run is { } run
            ? TypedResults.Accepted($"/api/v1/communities/{community}/workflows/executions/{run.ExecutionId}", run)
            : outcome.Refusal!;
}
