using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Rookery.Kernel.Security;
using Rookery.Kernel.SignIn;
using Rookery.Kernel.Web;
using Rookery.Modules.LivePosts.Api;
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
            .Needs(Scopes.LiveRead).NeedsGuildMember("guild_id", null).NeedsSession()
            .WithSummary("Chooses whether a streamer rings for the member who is signed in.")
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
    }

    private static async Task<Ok<Page<Preference>>> ListAsync(SignedIn person, PageQuery page, PreferenceStore store, CancellationToken ct) =>
        TypedResults.Ok(Page.Of(
            await store.PageAsync([.. person.Identities.Select(i => UserIds.Of(i.Platform, i.UserId))], page, ct),
            page.Limit,
            p => $"{p.GuildId}:{p.StreamerId}"));

    private static async Task<Results<Ok<PreferenceAnswer>, ProblemHttpResult>> SaveAsync(
        string guild_id, Guid streamer_id, PreferenceRequest request, Caller caller, Access access, Wishes wishes, CancellationToken ct)
    {
        var (guild, streamer) = await access.StreamerAsync(guild_id, streamer_id, caller, ct);
        if (guild is null || streamer is null)
        {
            return guild is null ? Access.NoGuild(guild_id) : Access.NoStreamer(streamer_id);
        }

        if (request.Enabled is not { } enabled)
        {
            return Problems.Invalid("enabled", "is required: true or false.");
        }

        if (request.Via is not (null or "role" or "dm"))
        {
            return Problems.Invalid("via", "must be one of role, dm.");
        }

        var (ok, text) = await wishes.SetAsync(guild, streamer, Actor.Of(caller.Person!), enabled, request.Via, ct);
        return ok ? TypedResults.Ok(new PreferenceAnswer(enabled, text)) : Problems.Conflict(text);
    }
}
