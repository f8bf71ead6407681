using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;

namespace Rookery.Kernel.Coordination;

/// <param name="Priority">Lower ones are claimed first; 100 unless told.</param>
/// <param name="HeartbeatInterval">Seconds between check-ins; counts from the next claim.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record CoordinationPatch(int? Priority, int? HeartbeatInterval, JsonElement? Config);

/// <summary>Who holds what. For the operator: rows are of all communities.</summary>
internal static class CoordinationEndpoints
{
    private const int MaxPriority = 1_000_000;
    private const int MaxInterval = 86_400;
    private const int MaxConfig = 16 * 1024;
    private static readonly string[] Statuses = ["available", "claimed", "live", "offline", "error"];

    public static void Map(RouteGroupBuilder group)
    {
        var rows = group.MapGroup("/coordination").Needs(Scopes.Admin).WithTags("coordination").ForOperators();
        rows.MapGet("", ListAsync).WithSummary("Lists what can be claimed and who holds it.").ProducesProblem(400).ProducesProblem(403);
        rows.MapGet("/stats", CountAsync).WithSummary("Counts claims by platform and node.").ProducesProblem(403);
        rows.MapPost("/{id:long}/release", ReleaseAsync).WithSummary("Takes a row from its holder; any node may claim it.")
            .ProducesProblem(403).ProducesProblem(404);
        rows.MapPatch("/{id:long}", PatchAsync).WithSummary("Changes what the body names.")
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(404);
    }

    /// <summary>Refuses keys that are bound to a community.</summary>
    public static RouteGroupBuilder ForOperators(this RouteGroupBuilder group)
    {
        group.AddEndpointFilter(async (context, next) => Caller.Of(context.HttpContext).Community is null
            ? await next(context)
            : Problems.Forbidden("Nodes serve all communities; this needs a key that is bound to none."));
        return group;
    }

    private static async Task<Results<Ok<Page<CoordinationView>>, ProblemHttpResult>> ListAsync(
        string? platform, string? status, string? claimed_by, bool? is_live, PageQuery page, CoordinationStore store, CancellationToken ct)
    {
        var checks = new Checks()
            .That(
                platform is null || Platforms.TryParse(platform, out _), "platform", $"must be one of {string.Join(", ", Platforms.All)}.")
            .That(
                status is null || Statuses.Contains(status, StringComparer.Ordinal), "status", $"must be one of {string.Join(", ", Statuses)}.")
            .Optional("claimed_by", claimed_by, 100);
        return checks.Ok
            ? TypedResults.Ok(Page.Of(
                await store.ListAsync(new CoordinationFilter(platform, status, claimed_by, is_live), page, ct), page.Limit, v => v.Id))
            : checks.Problem();
    }

    private static async Task<Ok<IReadOnlyList<CoordinationCount>>> CountAsync(CoordinationStore store, CancellationToken ct) =>
        TypedResults.Ok(await store.CountAsync(ct));

    private static async Task<Results<Ok<CoordinationView>, ProblemHttpResult>> ReleaseAsync(
        long id, Caller caller, CoordinationStore store, CancellationToken ct) =>
        await store.ReleaseAsync(id, caller.Actor, ct) is { } released ? TypedResults.Ok(released) : NotFound(id);

    private static async Task<Results<Ok<CoordinationView>, ProblemHttpResult>> PatchAsync(
        long id, CoordinationPatch request, Caller caller, CoordinationStore store, CancellationToken ct)
    {
        var checks = new Checks()
            .That(request.Priority is null or (>= 0 and <= MaxPriority), "priority", $"must be 0 to {MaxPriority}; lower ones are claimed first.")
            .That(
                request.HeartbeatInterval is null or (>= 1 and <= MaxInterval),
                "heartbeat_interval",
                $"must be 1 to {MaxInterval} seconds.")
            .Json("config", request.Config, MaxConfig);
        return !checks.Ok ? checks.Problem()
            : await store.UpdateAsync(id, request, caller.Actor, ct) is { } changed ? TypedResults.Ok(changed)
            : NotFound(id);
    }

    private static ProblemHttpResult NotFound(long id) => Problems.NotFound($"There is nothing to claim with id {id}.");
}
