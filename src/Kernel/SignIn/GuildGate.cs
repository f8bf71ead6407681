using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;

namespace Rookery.Kernel.SignIn;

/// <summary>
/// Lets people through to a server they have a standing in, and keys to the servers of their community. Afterwards the
/// request's <see cref="Caller"/> is bound to the server's community, whoever calls with a session.
/// </summary>
internal sealed class GuildGate(IEnumerable<IServerAdmins> admins, Database db)
{
    private readonly FrozenDictionary<Platform, IServerAdmins> _admins = admins.ToFrozenDictionary(a => a.Platform);

    /// <returns>Null when it may go on.</returns>
    public async ValueTask<ProblemHttpResult?> RefuseAsync(HttpContext http, RequiredGuild needed, string scope)
    {
        var server = http.GetRouteValue(needed.Parameter) as string
            ?? throw new InvalidOperationException($"The route has no {{{needed.Parameter}}}.");
        if (http.Features.Get<SignedIn>() is not { } person)
        {
            return needed.Platform is not { } platform
                || (await FindAsync(platform, server, http.RequestAborted) is { } of && Caller.Of(http).MayAct(of.Community))
                ? null
                : Unknown(needed.Platform, server);
        }

        var found = await FindAsync(needed.Platform, server, http.RequestAborted);
        return (found?.Platform ?? needed.Platform) is not { } on ? Unknown(null, server)
            : person.On(on) is not { } identity ? Denied($"You are not signed in with {on}; do so at /account.")
            : await RefuseAsync(http, needed, new Wish(on, server, found?.Community, identity, scope));
    }

    private async Task<ProblemHttpResult?> RefuseAsync(HttpContext http, RequiredGuild needed, Wish wish)
    {
        if (!_admins.TryGetValue(wish.Platform, out var admins))
        {
            return Unknown(wish.Platform, wish.Server);
        }

        var right = await admins.FindAsync(wish.Server, wish.Who.UserId, http.RequestAborted);
        if (right is null)
        {
            http.Response.Headers.RetryAfter = "5";
            return TypedResults.Problem($"{wish.Platform} does not tell now what you may do there; try again soon.", statusCode: 503);
        }

        if (right.Standing == Standing.UnknownServer || wish.Community is not { } community)
        {
            return Unknown(wish.Platform, wish.Server);
        }

        if (right.Standing < needed.Least)
        {
            return Denied(right.Reason ?? "You are not a member of this server.");
        }

        var scopes = FrozenSet.Create(StringComparer.Ordinal, wish.Scope);
        http.Features.Set(new Caller(Guid.Empty, wish.Who.Username, scopes, community) { Person = wish.Who });
        return null;
    }

    /// <returns>Null when no server, or more than one, has this id.</returns>
    private async Task<(Platform Platform, long Community)?> FindAsync(Platform? platform, string server, CancellationToken ct)
    {
        var rows = await db.Write.ListAsync(
            $"""
            select platform, community_id from kernel.community_servers
            where server_id = {server} and ({platform?.Name()}::text is null or platform = {platform?.Name()})
            """,
            r => (Platforms.Parse(r.GetString(0)), r.GetInt64(1)),
            ct);
        return rows is [var only] ? only : null;
    }

    private static ProblemHttpResult Unknown(Platform? platform, string server) =>
        Problems.NotFound($"No {(platform is { } on ? $"{on.Name()} " : "")}server with id {server}; is the bot in it?");

    private static ProblemHttpResult Denied(string why)
    {
        SignInMetrics.Refused("no_right");
        return Problems.Forbidden(why);
    }

    /// <param name="Community">Null: the server belongs to none.</param>
    private sealed record Wish(Platform Platform, string Server, long? Community, Identity Who, string Scope);
}
