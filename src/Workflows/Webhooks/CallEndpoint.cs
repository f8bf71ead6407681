using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Rookery.Kernel.Data;
using Rookery.Kernel.Security;
using Rookery.Workflows.Execution;

namespace Rookery.Workflows.Webhooks;

/// <param name="Status">queued or running, or how the run ended: success, failed or cancelled.</param>
/// <param name="Output">What the run gave out, where the caller waited for it.</param>
/// <param name="Error">Why it failed.</param>
internal sealed record WebhookAnswer(
    Guid ExecutionId, Guid WebhookId, Guid WorkflowId, string Status, DateTimeOffset Timestamp, JsonElement? Output = null, string? Error = null);

/// <summary>Where programs call to start a workflow. The token in the address and the signature are the proof; there is no key.</summary>
internal static class CallEndpoint
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(25);

    public static void Map(RouteGroupBuilder group) => group.MapPost("/webhooks/{token}", AnswerAsync)
        .NeedsNoKey().WithTags("workflows").WithSummary("Starts the workflow of a webhook.")
        .ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(413).ProducesProblem(429).ProducesProblem(508);

    private static async Task<Results<Ok<WebhookAnswer>, Accepted<WebhookAnswer>, ProblemHttpResult>> AnswerAsync(
        string token, HttpContext http, WebhookCalls calls, Database db, TimeProvider clock, CancellationToken ct)
    {
        var (taken, refusal) = await calls.TakeAsync(token, http, ct);
        if (taken is null)
        {
            return refusal!.Problem(http.Response);
        }

        var answer = taken switch
        {
            { Started.Outcome: StartOutcome.Known } => await KnownAsync(taken, db, clock, ct),
            { Waits: true, Started: { Ended: { } ended, Run: { } run } } => await FinishedAsync(taken, run, ended, clock, ct),
            _ => Answer(taken, taken.Started.Outcome == StartOutcome.Queued ? "queued" : "running", clock),
        };
        return taken.Waits && answer.Status is not ("queued" or "running")
            ? TypedResults.Ok(answer)
            : TypedResults.Accepted((string?)null, answer);
    }

    private static async Task<WebhookAnswer> FinishedAsync(Taken taken, Run run, Task<RunEnd> ended, TimeProvider clock, CancellationToken ct)
    {
        try
        {
            var end = await ended.WaitAsync(Patience, clock, ct);
            return Answer(taken, end.Status, clock) with { Output = JsonElement.Parse(run.Walk.Output.ToJson()), Error = end.Error };
        }
        catch (Exception e) when (e is TimeoutException || (e is OperationCanceledException && ended.IsCanceled))
        {
            // It takes longer, or goes on elsewhere.
            return Answer(taken, "running", clock);
        }
    }

    /// <summary>What became of the run that the same call started before.</summary>
    private static async Task<WebhookAnswer> KnownAsync(Taken taken, Database db, TimeProvider clock, CancellationToken ct)
    {
        var rows = await db.Write.ListAsync(
            $"select status, output_variables::text, error_message from workflows.workflow_executions where execution_id = {taken.Started.Id}",
            r => (Status: r.GetString(0), Output: r.GetString(1), Error: r.IsDBNull(2) ? null : r.GetString(2)),
            ct);
        return rows is not [var row] ? Answer(taken, "queued", clock)
            : row.Status is "pending" or "running" || !taken.Waits ? Answer(taken, row.Status == "pending" ? "queued" : row.Status, clock)
            : Answer(taken, row.Status, clock) with { Output = JsonElement.Parse(row.Output), Error = row.Error };
    }

    private static WebhookAnswer Answer(Taken taken, string status, TimeProvider clock) =>
        new(taken.Started.Id, taken.Webhook.WebhookId, taken.Webhook.WorkflowId, status, clock.GetUtcNow());
}
