using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;

namespace Rookery.Kernel.SignIn;

/// <param name="CsrfToken">Goes with every change, in the header X-Rookery-Csrf.</param>
public sealed record Me(
    Guid SessionId, IReadOnlyList<Identity> Identities, string CsrfToken, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt);

/// <param name="OffBecause">What the operator has to set; left out: it is on.</param>
public sealed record SignInPlatform(Platform Platform, string LoginUrl, string? OffBecause);

/// <param name="GuildId">As the platform names it.</param>
/// <param name="Reason">Why it is not the person's to administer.</param>
public sealed record GuildView(Platform Platform, string GuildId, string? Name, bool IsAdmin, string? Reason);

/// <summary>Who is signed in, where, and what they may administer.</summary>
internal static class SessionEndpoints
{
    public static void Map(RouteGroupBuilder group)
    {
        var auth = group.MapGroup("/auth").WithTags("auth");
        auth.MapGet("/platforms", Platforms).NeedsNoKey().WithSummary("Lists the platforms people can sign in with.");
        auth.MapGet("/me", Get).NeedsSession().WithSummary("Tells who is signed in, and the token that every change needs.");
        auth.MapGet("/guilds", GuildsAsync).NeedsSession()
            .WithSummary("Lists the servers of the person that the bot is in, and whether they may administer them now.");
        auth.MapPost("/logout", LogoutAsync).NeedsSession().WithSummary("Ends this session.");
        auth.MapPost("/logout-all", LogoutAllAsync).NeedsSession()
            .WithSummary("Ends every session that one of the person's accounts is signed in with.");
        auth.MapGet("/sessions", ListAsync).NeedsSession()
            .WithSummary("Lists the sessions that live, the newest first, in which every account is the person's.");
        auth.MapDelete("/sessions/{id:guid}", RevokeAsync).NeedsSession().WithSummary("Ends a session.").ProducesProblem(404);
    }

    private static Ok<Page<SignInPlatform>> Platforms(SignInFlow flow) => TypedResults.Ok(new Page<SignInPlatform>(
        [.. flow.Platforms.Select(p => new SignInPlatform(p.Platform, $"/auth/{p.Platform.Name()}/login", p.OffBecause))], null));

    private static Ok<Me> Get(SignedIn person, HttpContext http, SessionCookie cookie)
    {
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new Me(
            person.Id, person.Identities, SessionCookie.CsrfOf(cookie.Of(http)!), person.CreatedAt, person.ExpiresAt));
    }

    private static async Task<Ok<Page<GuildView>>> GuildsAsync(
        SignedIn person, SessionStore store, IEnumerable<IServerAdmins> admins, CancellationToken ct)
    {
        var byPlatform = admins.ToDictionary(a => a.Platform);
        var guilds = await Task.WhenAll((await store.ServersAsync(person.Id, ct)).Select(async s =>
            (s, Right: await byPlatform[s.Platform].FindAsync(s.Server, person.On(s.Platform)!.UserId, ct))));
        return TypedResults.Ok(new Page<GuildView>(
            [
                .. guilds.Where(g => g.Right is null or { Standing: >= Standing.Member }).Select(g => new GuildView(
                    g.s.Platform, g.s.Server, g.Right?.Name, g.Right?.Standing == Standing.Admin,
                    g.Right is null ? $"{g.s.Platform} does not tell now." : g.Right.Reason)),
            ],
            null));
    }

    private static async Task<NoContent> LogoutAsync(
        SignedIn person, HttpContext http, Sessions sessions, SessionCookie cookie, CancellationToken ct)
    {
        await sessions.RevokeAsync(person, person.Id, ct);
        cookie.Remove(http);
        return TypedResults.NoContent();
    }

    private static async Task<NoContent> LogoutAllAsync(
        SignedIn person, HttpContext http, Sessions sessions, SessionCookie cookie, CancellationToken ct)
    {
        await sessions.RevokeAsync(person, null, ct);
        cookie.Remove(http);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<Page<SessionView>>> ListAsync(
        SignedIn person, PageQuery page, SessionStore store, CancellationToken ct) =>
        TypedResults.Ok(Page.Of(await store.ListAsync(person, page, ct), page.Limit, s => s.Id));

    private static async Task<Results<NoContent, ProblemHttpResult>> RevokeAsync(
        Guid id, SignedIn person, Sessions sessions, CancellationToken ct) =>
        await sessions.RevokeAsync(person, id, ct) > 0 ? TypedResults.NoContent() : Problems.NotFound($"You have no session with id {id}.");
}
