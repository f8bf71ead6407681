using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Rookery.Kernel.Security;
using Rookery.Kernel.SignIn;
using Rookery.Kernel.Web;
using Rookery.Modules.LivePosts.Api;
using Rookery.Modules.LivePosts.Streamers;

namespace Rookery.Modules.LivePosts.Roles;

/// <summary>Whether a streamer has a role of its own in a guild.</summary>
internal static class RoleEndpoints
{
    public static void Map(RouteGroupBuilder live)
    {
        var role = live.MapGroup("/guilds/{guild_id}/streamers/{streamer_id:guid}/role").WithTags("live").Needs(Scopes.LiveWrite)
            .NeedsGuildAdmin("guild_id", null);
        role.MapPut("", AddAsync).WithSummary("Makes a role that posts about the streamer mention, and that members take and drop.")
            .ProducesProblem(404).ProducesProblem(409);
        role.MapDelete("", RemoveAsync).WithSummary("Removes that role.").ProducesProblem(404);
    }

    private static async Task<Results<Ok<Streamer>, ProblemHttpResult>> AddAsync(
        string guild_id, Guid streamer_id, Caller caller, Access access, StreamerRoles roles, StreamerStore streamers, CancellationToken ct)
    {
        var (guild, streamer) = await access.StreamerAsync(guild_id, streamer_id, caller, ct);
        if (guild is null || streamer is null)
        {
            return guild is null ? Access.NoGuild(guild_id) : Access.NoStreamer(streamer_id);
        }

        return await roles.AddAsync(guild, streamer, Access.By(caller), ct) is { } problem ? Problems.Conflict(problem)
            : await streamers.FindAsync(guild.GuildId, streamer.Id, ct) is { } saved ? TypedResults.Ok(saved)
            : Access.NoStreamer(streamer_id);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(
        string guild_id, Guid streamer_id, Caller caller, Access access, StreamerRoles roles, CancellationToken ct)
    {
        var (guild, streamer) = await access.StreamerAsync(guild_id, streamer_id, caller, ct);
        if (guild is null || streamer is null)
        {
            return guild is null ? Access.NoGuild(guild_id) : Access.NoStreamer(streamer_id);
        }

        return await roles.RemoveAsync(guild, streamer, Access.By(caller), ct)
            ? TypedResults.NoContent()
            : Problems.NotFound("The streamer has no role of its own in this guild.");
    }
}
