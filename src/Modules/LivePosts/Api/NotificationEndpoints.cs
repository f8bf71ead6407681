using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Rookery.Kernel.Security;
using Rookery.Kernel.SignIn;
using Rookery.Kernel.Web;
using Rookery.Modules.LivePosts.Posting;

namespace Rookery.Modules.LivePosts.Api;

/// <summary>What became of a guild's posts.</summary>
internal static class NotificationEndpoints
{
    public static void Map(RouteGroupBuilder live)
    {
        var notifications = live.MapGroup("/guilds/{guild_id}/notifications").WithTags("live").NeedsGuildAdmin("guild_id", null);
        notifications.MapGet("", ListAsync).Needs(Scopes.LiveRead)
            .WithSummary("Lists posts, newest first; of one status with status=pending, sent, failed or skipped.")
            .ProducesProblem(400).ProducesProblem(404);
        notifications.MapPost("/{id:guid}/resend", ResendAsync).Needs(Scopes.LiveWrite)
            .WithSummary("Sends a post again that failed or was skipped.").ProducesProblem(404).ProducesProblem(409);
    }

    private static async Task<Results<Ok<Page<Notification>>, ProblemHttpResult>> ListAsync(
        string guild_id, string? status, PageQuery page, Caller caller, Access access, NotificationStore store, CancellationToken ct)
    {
        if (await access.GuildAsync(guild_id, caller, ct) is not { } guild)
        {
            return Access.NoGuild(guild_id);
        }

        return status is null or "pending" or "sent" or "failed" or "skipped"
            ? TypedResults.Ok(Page.Of(await store.PageAsync(guild.GuildId, status, page, ct), page.Limit, n => n.Id))
            : Problems.Invalid("status", "must be one of pending, sent, failed, skipped.");
    }

    private static async Task<Results<Accepted<Notification>, ProblemHttpResult>> ResendAsync(
        string guild_id, Guid id, Caller caller, Access access, NotificationStore store, Resend resend, CancellationToken ct)
    {
        if (await access.GuildAsync(guild_id, caller, ct) is not { } guild)
        {
            return Access.NoGuild(guild_id);
        }

        if (await store.FindAsync(guild.GuildId, id, ct) is null)
        {
            return Problems.NotFound($"The guild has no notification with id {id}.");
        }

        return await resend.RunAsync(guild, id, Access.By(caller), ct)
            ? TypedResults.Accepted((string?)null, await store.FindAsync(guild.GuildId, id, ct))
            : Problems.Conflict("Only what failed or was skipped can be sent again, to a channel that is chosen.");
    }
}
