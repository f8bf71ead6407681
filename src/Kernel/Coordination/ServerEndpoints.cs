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

/// <param name="IsActive">False: no node collects there any more.</param>
/// <param name="LastActivity">When somebody was last heard there; an earlier moment than the known one changes nothing.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ServerPatch(bool? IsActive, string? WebhookUrl, JsonElement? Config, DateTimeOffset? LastActivity);

/// <summary>Where the bot is, and what collects there. For the operator.</summary>
internal static class ServerEndpoints
{
    private const int MaxUrl = 2000;
    private const int MaxConfig = 16 * 1024;

    public static void Map(RouteGroupBuilder group)
    {
        var servers = group.MapGroup("/servers").Needs(Scopes.Admin).WithTags("coordination").ForOperators();
        servers.MapGet("", ListAsync).WithSummary("Lists the guilds, workspaces and channels the bot was let into.")
            .ProducesProblem(400).ProducesProblem(403);
        servers.MapGet("/{id:long}", GetAsync).WithSummary("Shows one of them.").ProducesProblem(403).ProducesProblem(404);
        servers.MapPatch("/{id:long}", PatchAsync).WithSummary("Changes what the body names.")
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(404);
        group.MapGroup("/collectors").Needs(Scopes.Admin).WithTags("coordination").ForOperators()
            .MapGet("", CollectorsAsync).WithSummary("Lists what collects for each platform on each node, and how it is.")
            .ProducesProblem(403);
    }

    private static async Task<Results<Ok<Page<ServerView>>, ProblemHttpResult>> ListAsync(
        string? platform, bool? active, PageQuery page, ServerStore store, CancellationToken ct) =>
        platform is null || Platforms.TryParse(platform, out _)
            ? TypedResults.Ok(Page.Of(await store.ListAsync(platform, active, page, ct), page.Limit, s => s.Id))
            : Problems.Invalid("platform", $"must be one of {string.Join(", ", Platforms.All)}.");

    private static async Task<Results<Ok<ServerView>, ProblemHttpResult>> GetAsync(long id, ServerStore store, CancellationToken ct) =>
        await store.FindAsync(id, ct) is { } found ? TypedResults.Ok(found) : NotFound(id);

    private static async Task<Results<Ok<ServerView>, ProblemHttpResult>> PatchAsync(
        long id, ServerPatch request, Caller caller, ServerStore store, CancellationToken ct)
    {
        var checks = new Checks().Optional("webhook_url", request.WebhookUrl, MaxUrl).Json("config", request.Config, MaxConfig);
        return !checks.Ok ? checks.Problem()
            : await store.UpdateAsync(id, request, caller.Actor, ct) is { } changed ? TypedResults.Ok(changed)
            : NotFound(id);
    }

    private static async Task<Ok<Page<CollectorView>>> CollectorsAsync(PageQuery page, ServerStore store, CancellationToken ct) =>
        TypedResults.Ok(Page.Of(await store.CollectorsAsync(page, ct), page.Limit, c => c.ModuleName));

    private static ProblemHttpResult NotFound(long id) => Problems.NotFound($"There is no server with id {id}.");
}
