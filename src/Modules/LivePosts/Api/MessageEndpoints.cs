using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using NodaTime;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Security;
using Rookery.Kernel.SignIn;
using Rookery.Kernel.Web;
using Rookery.Modules.LivePosts.Guilds;
using Rookery.Modules.LivePosts.Streamers;
using Rookery.Modules.LivePosts.Templates;

namespace Rookery.Modules.LivePosts.Api;

/// <param name="CustomContent">Null: the guild's own template stands.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record OwnText(string? CustomContent);

/// <summary>
/// The text over a streamer's posts in one guild: written by those who administer the guild, by the streamer, and by whoever
/// brought the streamer as long as they are in the guild.
/// </summary>
internal static class MessageEndpoints
{
    public static void Map(RouteGroupBuilder live)
    {
        var message = live.MapGroup("/guilds/{guild_id}/streamers/{streamer_id:guid}/message").WithTags("live")
            .WithMetadata(new TakesSession(Alone: false));
        message.MapGet("", GetAsync).Needs(Scopes.LiveRead)
            .WithSummary("The text over a streamer's posts.").ProducesProblem(403).ProducesProblem(404);
        message.MapPut("", SaveAsync).Needs(Scopes.LiveWrite).WithSummary("Changes the text over a streamer's posts; null: the guild's own.")
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(404);
    }

    private static async Task<Results<Ok<OwnText>, ProblemHttpResult>> GetAsync(
        string guild_id, Guid streamer_id, HttpContext http, TextRights rights, CancellationToken ct)
    {
        var (problem, _, streamer, _) = await rights.FindAsync(guild_id, streamer_id, http, ct);
        return problem is null ? TypedResults.Ok(new OwnText(streamer!.CustomContent)) : problem;
    }

    private static async Task<Results<Ok<OwnText>, ProblemHttpResult>> SaveAsync(
        string guild_id, Guid streamer_id, OwnText request, HttpContext http, TextRights rights, StreamerStore streamers, StreamerLinks links,
        Database db, TimeProvider clock, CancellationToken ct)
    {
        var (problem, guild, streamer, by) = await rights.FindAsync(guild_id, streamer_id, http, ct);
        if (problem is not null)
        {
            return problem;
        }

        var content = request.CustomContent?.Trim() is { Length: > 0 } text ? text : null;
        var checks = new Checks().Optional("custom_content", content, PostLimits.Content);
        if (checks.Ok && content is not null)
        {
            new PostWriter(clock).Check(checks, "custom_content", content, DateTimeZone.Utc);
        }

        if (!checks.Ok)
        {
            return checks.Problem();
        }

        await db.TransactionAsync(
            async t =>
            {
                await streamers.SetTextAsync(t, guild!.GuildId, streamer!.Id, content, ct);
                await links.AuditAsync(t, guild, by!, "live.update_streamer_message", streamer.TwitchLogin, ct);
            },
            ct);
        return TypedResults.Ok(new OwnText(content));
    }
}

/// <summary>Who may write the text over a streamer's posts.</summary>
internal sealed class TextRights(Access access, GuildStore guilds, StreamerStore streamers, IEnumerable<IServerAdmins> admins)
{
    private readonly Dictionary<Platform, IServerAdmins> _admins = admins.ToDictionary(a => a.Platform);

    public async Task<(ProblemHttpResult? Problem, Guild? Guild, Streamer? Streamer, Actor? By)> FindAsync(
        string guildId, Guid streamerId, HttpContext http, CancellationToken ct)
    {
        var person = http.Features.Get<SignedIn>();
        var guild = person is null ? await access.GuildAsync(guildId, Caller.Of(http), ct)
            : Checks.Storable(guildId) ? await guilds.FindAsync(guildId, null, ct) : null;
        if (guild is null || await streamers.FindAsync(guild.GuildId, streamerId, ct) is not { } streamer)
        {
            return (guild is null ? Access.NoGuild(guildId) : Access.NoStreamer(streamerId), null, null, null);
        }

        if (person is null)
        {
            return (null, guild, streamer, Access.By(Caller.Of(http)));
        }

        if (person.On(Platform.Twitch) is { } channel && channel.UserId == streamer.TwitchBroadcasterId)
        {
            return (null, guild, streamer, Actor.Of(channel));
        }

        var (may, who) = await MayAsync(guild, streamer, person, ct);
        return may switch
        {
            true => (null, guild, streamer, Actor.Of(who!)),
            false => (Problems.Forbidden("Only the streamer, whoever added them, and those who administer the server may do this."), null, null, null),
            null => (TypedResults.Problem($"{guild.Platform} does not tell now what you may do there; try again soon.", statusCode: 503), null, null, null),
        };
    }

    /// <returns>Null when the platform does not tell.</returns>
    private async Task<(bool? May, Identity? Who)> MayAsync(Guild guild, Streamer streamer, SignedIn person, CancellationToken ct)
    {
        if (person.On(guild.Platform) is not { } identity || !_admins.TryGetValue(guild.Platform, out var platform))
        {
            return (false, null);
        }

        return await platform.FindAsync(guild.GuildId, identity.UserId, ct) is not { } right
            ? (null, identity)
            : (right.Standing == Standing.Admin || (right.Standing == Standing.Member && streamer.AddedBy == Actor.Of(identity).UserId), identity);
    }
}
