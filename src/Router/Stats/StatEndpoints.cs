using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;

namespace Rookery.Router.Stats;

internal static class StatEndpoints
{
    /// <summary>As long as days are kept.</summary>
    private const int MaxDays = 365;

    public static void Map(RouteGroupBuilder group) =>
        group.MapGet("/stats/commands", ListAsync).Needs(Scopes.ExecutionsRead).WithTags("executions")
        .WithSummary(
            "Counts runs by command, of the last days or since the beginning, in one community or in all together.")
            .ProducesProblem(400)
            .ProducesProblem(404);

    private static async Task<Results<Ok<Page<CommandStat>>, ProblemHttpResult>> ListAsync(
        CommunityQuery query, int? days, StatStore store, CancellationToken ct) =>
        days is null or (>= 1 and <= MaxDays)
            ? TypedResults.Ok(new Page<CommandStat>(await store.ListAsync(query.Community, days, ct), null))
            : Problems.Invalid("days", $"must be 1 to {MaxDays}; leave it out for all time.");
}
