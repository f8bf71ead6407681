using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;

namespace Rookery.Router.Executions;

internal static class ExecutionEndpoints
{
    private static readonly string[] Statuses = ["pending", "success", "failed"];

    public static void Map(RouteGroupBuilder group)
    {
        var executions = group.MapGroup("/executions").Needs(Scopes.ExecutionsRead).WithTags("executions");
        executions.MapGet("", ListAsync)
            .WithSummary("Lists runs of commands, the latest first.").ProducesProblem(400).ProducesProblem(404);
        executions.MapGet("/{execution_id:guid}", GetAsync).WithSummary("Shows one run.").ProducesProblem(404);
    }

    private static async Task<Results<Ok<Page<ExecutionView>>, ProblemHttpResult>> ListAsync(
        CommunityQuery query, string? entity_id, long? command_id, string? user_id, string? status, PageQuery page,
        ExecutionStore store, CancellationToken ct)
    {
        if (status is not null && !Statuses.Contains(status, StringComparer.Ordinal))
        {
            return Problems.Invalid("status", $"must be one of {string.Join(", ", Statuses)}.");
        }

        var filter = new ExecutionFilter(query.Community, entity_id, command_id, user_id, status);
        return TypedResults.Ok(Page.Of(await store.ListAsync(filter, page, ct), page.Limit, e => e.ExecutionId));
    }

    private static async Task<Results<Ok<ExecutionView>, ProblemHttpResult>> GetAsync(
        Guid execution_id, Caller caller, ExecutionStore store, CancellationToken ct) =>
        await store.FindAsync(execution_id, ct) is { } found && caller.MayAct(found.CommunityId)
            ? TypedResults.Ok(found)
            : Problems.NotFound($"No execution with id {execution_id}.");
}
