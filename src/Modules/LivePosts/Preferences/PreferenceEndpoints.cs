using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Rookery.Kernel.Chat;
using Rookery.Kernel.SignIn;
using Rookery.Kernel.Web;
using Rookery.Modules.LivePosts.Api;
using Rookery.Modules.LivePosts.Guilds;
using Rookery.Modules.LivePosts.Streamers;

namespace Rookery.Modules.LivePosts.Preferences;

/// <param name="Via">role, dm, or left out: the streamer's role where there is one.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record PreferenceRequest(bool? Enabled, string? Via = null);

/// <param name="Meaning">For the person.</param>
internal sealed record PreferenceAnswer(bool Enabled, string Meaning);

/// <summary>What whoever is signed in wants to hear of streamers.</summary>
internal static class PreferenceEndpoints
{
    public static void Map(RouteGroupBuilder live)
    {
        live.MapGet("/preferences", ListAsync).WithTags("live").NeedsSession()
            .WithSummary("What the person signed in has chosen, by guild and streamer.");
        live.MapPut("/guilds/{guild_id}/streamers/{streamer_id:guid}/preference", SaveAsync).WithTags("live")
            .NeedsSession()
            .WithSummary("Chooses whether a streamer rings for the member who is signed in; who left may still turn off what they chose.")
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(503);
    }

    private static async Task<Ok<Page<Preference>>> ListAsync(SignedIn person, PageQuery page, PreferenceStore store, CancellationToken ct) =>
        TypedResults.Ok(Page.Of(
            await store.PageAsync([.. person.Identities.Select(i => UserIds.Of(i.Platform, i.UserId))], page, ct),
            page.Limit,
            p => $"{p.GuildId}:{p.StreamerId}"));

    private static async Task<Results<Ok<PreferenceAnswer>, ProblemHttpResult>> SaveAsync(
        string guild_id, Guid streamer_id, PreferenceRequest request, SignedIn person, WishRights rights, Wishes wishes, CancellationToken ct)
    {
        var (problem, guild, streamer, who) = await rights.FindAsync(guild_id, streamer_id, person, request.Enabled, ct);
        if (problem is not null)
        {
            return problem;
        }

        if (request.Enabled is not { } enabled)
        {
            return Problems.Invalid("enabled", "is required: true or false.");
        }

        if (request.Via is not (null or "role" or "dm"))
        {
            return Problems.Invalid("via", "must be one of role, dm.");
        }

        var (ok, text) = await wishes.SetAsync(guild!, streamer!, Actor.Of(who!), enabled, request.Via, ct);
        return ok ? TypedResults.Ok(new PreferenceAnswer(enabled, text)) : Problems.Conflict(text);
    }
}

/// <summary>
/// Who may choose what rings: members of the guild, as its platform says now. Who is none any more may turn off what they
/// chose as one, and choose nothing else.
/// </summary>
internal sealed class WishRights(GuildStore guilds, StreamerStore streamers, PreferenceStore store, IEnumerable<IServerAdmins> admins)
{
    private readonly Dictionary<Platform, IServerAdmins> _admins = admins.ToDictionary(a => a.Platform);

    public async Task<(ProblemHttpResult? Problem, Guild? Guild, Streamer? Streamer, Identity? Who)> FindAsync(
        string guildId, Guid streamerId, SignedIn person, bool? enabled, CancellationToken ct)
    {
        if (!Checks.Storable(guildId) || await guilds.FindAsync(guildId, null, ct) is not { } guild
            || !_admins.TryGetValue(guild.Platform, out var platform))
        {
            return Refused(Access.NoGuild(guildId));
        }

        if (person.On(guild.Platform) is not { } who)
        {
            return Refused(Problems.Forbidden($"You are not signed in with {guild.Platform}; do so at /account."));
        }

        var right = await platform.FindAsync(guild.GuildId, who.UserId, ct);
        if (right is not { Standing: >= Standing.Member }
            && !(enabled == false && await store.FindAsync(Actor.Of(who).UserId!, guild.GuildId, streamerId, ct) is not null))
        {
            return Refused(right is null
                ? TypedResults.Problem($"{guild.Platform} does not tell now what you may do there; try again soon.", statusCode: 503)
                : Problems.Forbidden("You are not a member of this server."));
        }

        return await streamers.FindAsync(guild.GuildId, streamerId, ct) is { } streamer
            ? (null, guild, streamer, who)
            : Refused(Access.NoStreamer(streamerId));
    }

    private static (ProblemHttpResult? Problem, Guild? Guild, Streamer? Streamer, Identity? Who) Refused(ProblemHttpResult problem) =>
        (problem, null, null, null);
}
