using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Rookery.Kernel;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;

namespace Rookery.Router.Responses;

/// <summary>Where remote modules hand in answers that come after the call, and where answers are read.</summary>
internal static class ResponseEndpoints
{
    private static readonly TimeSpan SessionLife = TimeSpan.FromHours(1);

    public static void Map(RouteGroupBuilder group)
    {
        group.MapPost("/module-responses", PostAsync).Needs(Scopes.ResponsesWrite).WithTags("responses")
            .WithSummary("Hands in a late answer of a remote module; it goes to chat or waits for the overlays.");
        group.MapGet("/module-responses/{execution_id:guid}", ListAsync)
            .Needs(Scopes.ExecutionsRead)
            .WithTags("responses")
            .WithSummary("Lists the answers of one execution by time.");
    }

    private static async Task<Results<Ok<ResponseReceipt>, ProblemHttpResult>> PostAsync(
        LateResponse late,
        [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey,
        Caller caller,
        LateResponses responses,
        TimeProvider clock,
        CancellationToken ct)
    {
        var checks = late.Check(idempotencyKey);
        if (!checks.Ok)
        {
            return checks.Problem();
        }

        if (await responses.FindAsync(late.ExecutionId!.Value, caller.Community, ct) is not { } to)
        {
            return Problems.NotFound($"No execution with id {late.ExecutionId}.");
        }

        if (late.SessionId != to.SessionId)
        {
            return Problems.Forbidden(
                "session_id belongs to another execution; send the one that came with this execution_id.");
        }

        if (clock.GetUtcNow() - await responses.LastUsedAsync(to, ct) > SessionLife)
        {
            return Problems.NotFound(
                "The session has expired: it lives for an hour after its event or its latest answer.");
        }

        var id = late.ResponseId ?? idempotencyKey ?? Ids.New(clock.GetUtcNow()).ToString();
        return await responses.AddAsync(to, late, id, ct)
            ? TypedResults.Ok(new ResponseReceipt(true, id))
            : Problems.Conflict(
                $"Another answer was already taken under the id {id}. Give each answer an id of its own.");
    }

    private static async Task<Results<Ok<Page<ResponseView>>, ProblemHttpResult>> ListAsync(
        [FromRoute(Name = "execution_id")] Guid executionId, PageQuery page, Caller caller, LateResponses responses, CancellationToken ct) =>
        await responses.FindAsync(executionId, caller.Community, ct) is null
            ? Problems.NotFound($"No execution with id {executionId}.")
            : TypedResults.Ok(Page.Of(await responses.ListAsync(executionId, page, ct), page.Limit, r => r.Id));
}
