using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Rookery.Kernel.Data;
using Rookery.Kernel.Security;
using Rookery.Kernel.SignIn;
using Rookery.Kernel.Web;
using Rookery.Modules.LivePosts.Guilds;
using Rookery.Modules.LivePosts.Streamers;
using Rookery.Modules.LivePosts.Templates;

namespace Rookery.Modules.LivePosts.Api;

/// <param name="Login">The name in the channel's address, twitch.tv/name.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record AddStreamer(string? Login);

/// <summary>Whom a guild follows, and how.</summary>
internal static class StreamerEndpoints
{
    public static void Map(RouteGroupBuilder live)
    {
        var streamers = live.MapGroup("/guilds/{guild_id}/streamers").WithTags("live");
        streamers.MapGet("", ListAsync).Needs(Scopes.LiveRead).NeedsGuildMember("guild_id", null)
            .WithSummary("Lists the streamers a guild follows, by login.").ProducesProblem(404);
        streamers.MapPost("", AddAsync).Needs(Scopes.LiveWrite).NeedsGuildAdmin("guild_id", null)
            .WithSummary("Follows a streamer.")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(502);
        streamers.MapPut("/{streamer_id:guid}", SaveAsync).Needs(Scopes.LiveWrite).NeedsGuildAdmin("guild_id", null)
            .WithSummary("Saves how the guild hears of a streamer.").ProducesProblem(400).ProducesProblem(404);
        streamers.MapDelete("/{streamer_id:guid}", RemoveAsync).Needs(Scopes.LiveWrite).NeedsGuildAdmin("guild_id", null)
            .WithSummary("Follows a streamer no more.").ProducesProblem(404);
    }

    private static async Task<Results<Ok<Page<Streamer>>, ProblemHttpResult>> ListAsync(
        string guild_id, PageQuery page, Caller caller, Access access, StreamerStore streamers, CancellationToken ct) =>
        await access.GuildAsync(guild_id, caller, ct) is { } guild
            ? TypedResults.Ok(Page.Of(await streamers.PageAsync(guild.GuildId, page, ct), page.Limit, s => s.TwitchLogin))
            : Access.NoGuild(guild_id);

    private static async Task<Results<Created<Streamer>, ProblemHttpResult>> AddAsync(
        string guild_id, AddStreamer request, Caller caller, Access access, StreamerLinks links, CancellationToken ct)
    {
        if (await access.GuildAsync(guild_id, caller, ct) is not { } guild)
        {
            return Access.NoGuild(guild_id);
        }

        if (!StreamerLinks.IsLogin(request.Login))
        {
            return Problems.Invalid("login", "must be a channel's name of 1 to 25 letters, digits and _; for example twitchdev.");
        }

        var (outcome, streamer) = await links.AddAsync(guild, request.Login!, "", Access.By(caller), ct);
        return outcome switch
        {
            LinkOutcome.Linked => TypedResults.Created($"/api/v1/live/guilds/{guild.GuildId}/streamers/{streamer!.Id}", streamer),
            LinkOutcome.Already => Problems.Conflict("The guild follows this streamer already."),
            LinkOutcome.Full => Problems.Conflict($"The guild follows {StreamerStore.MaxOfGuild} streamers, which is the most; remove one."),
            LinkOutcome.Off => TypedResults.Problem(links.OffBecause, statusCode: StatusCodes.Status503ServiceUnavailable),
            LinkOutcome.Unknown => Problems.Invalid("login", "Twitch knows nobody of this name."),
            _ => TypedResults.Problem("Twitch cannot be asked now; try again in a minute.", statusCode: StatusCodes.Status502BadGateway),
        };
    }

    private static async Task<Results<Ok<Streamer>, ProblemHttpResult>> SaveAsync(
        string guild_id,
        Guid streamer_id,
        StreamerSettings request,
        Caller caller,
        Access access,
        StreamerStore streamers,
        StreamerLinks links,
        PlaceChecks places,
        Database db,
        TimeProvider clock,
        CancellationToken ct)
    {
        var (guild, streamer) = await access.StreamerAsync(guild_id, streamer_id, caller, ct);
        if (guild is null || streamer is null)
        {
            return guild is null ? Access.NoGuild(guild_id) : Access.NoStreamer(streamer_id);
        }

        var checks = request.Check(new PostWriter(clock), clock);
        await places.CheckAsync(checks, guild, request.ChannelId, null, ct);
        if (!checks.Ok)
        {
            return checks.Problem();
        }

        await db.TransactionAsync(
            async t =>
            {
                await streamers.SetAsync(t, guild.GuildId, streamer.Id, request, ct);
                await links.AuditAsync(t, guild, Access.By(caller), "live.update_streamer", streamer.TwitchLogin, ct);
            },
            ct);
        return await streamers.FindAsync(guild.GuildId, streamer.Id, ct) is { } saved
            ? TypedResults.Ok(saved)
            : Access.NoStreamer(streamer_id);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(
        string guild_id, Guid streamer_id, Caller caller, Access access, StreamerLinks links, CancellationToken ct)
    {
        var (guild, streamer) = await access.StreamerAsync(guild_id, streamer_id, caller, ct);
        if (guild is null)
        {
            return Access.NoGuild(guild_id);
        }

        return streamer is not null && await links.RemoveAsync(guild, streamer, Access.By(caller), ct)
            ? TypedResults.NoContent()
            : Access.NoStreamer(streamer_id);
    }
}
