using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Rookery.Kernel.SignIn;

namespace Rookery.Kernel.Security;

/// <summary>
/// Lets a request through when its key exists, lives, has the route's scope and is within its rate; where the route takes
/// people, a session does too. A key that is sent counts, whatever else comes with it.
/// </summary>
internal sealed class Authentication(RequestDelegate next, ApiKeys keys, SessionGate sessions, GuildGate guilds)
{
    private const string Bearer = "Bearer ";

    /// <summary>
    /// How a browser, which cannot set headers on a WebSocket, brings its key: <c>Sec-WebSocket-Protocol: rookery,
    /// key.rk_…</c>.
    /// </summary>
    private const string SocketKey = "key.";

    public async Task InvokeAsync(HttpContext context)
    {
        // No endpoint is a 404 to be; one that is no route is routing's own 405 or 415. Neither tells anything.
        var endpoint = context.GetEndpoint();
        if (endpoint is not RouteEndpoint || endpoint.Metadata.GetMetadata<OpenToAll>() is not null)
        {
            await next(context);
            return;
        }

        if (await RefuseAsync(context, endpoint) is { } problem)
        {
            await problem.ExecuteAsync(context);
            return;
        }

        await next(context);
    }

    private async ValueTask<ProblemHttpResult?> RefuseAsync(HttpContext context, Endpoint endpoint)
    {
        var scope = endpoint.Metadata.GetMetadata<RequiredScope>()?.Scope ?? Scopes.Admin;
        var people = endpoint.Metadata.GetMetadata<TakesSession>();
        var secret = Secret(context.Request);
        var refusal = people is { Alone: true } || (people is not null && secret is null)
            ? await sessions.RefuseAsync(context)
            : await RefuseKeyAsync(context, secret, scope);
        return refusal is null && endpoint.Metadata.GetMetadata<RequiredGuild>() is { } guild
            ? await guilds.RefuseAsync(context, guild, scope)
            : refusal;
    }

    private async ValueTask<ProblemHttpResult?> RefuseKeyAsync(HttpContext context, string? secret, string scope)
    {
        if (secret is null)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            return Problem(401, "This address needs an API key: send it as X-API-Key or as Authorization: Bearer.");
        }

        if (await keys.FindAsync(secret, context.RequestAborted) is not { } entry)
        {
            return Problem(401, "This API key is unknown, revoked or expired. Make one with: ./run keys create NAME.");
        }

        if (!entry.Caller.Has(scope))
        {
            return Problem(403, $"This API key lacks the scope {scope}.");
        }

        if (keys.Rates.Refuse(entry.Key) is { } wait)
        {
            context.Response.Headers.RetryAfter = wait;
            return Problem(429, $"This API key is limited to {entry.Key.RatePerMinute} calls a minute; wait {wait} s.");
        }

        context.Features.Set(entry.Caller);
        return null;
    }

    private static string? Secret(HttpRequest request)
    {
        if (request.Headers.TryGetValue("X-API-Key", out var header) && header.Count == 1)
        {
            return header[0];
        }

        if (request.Headers.Authorization is [{ } authorization]
            && authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            return authorization[Bearer.Length..].Trim();
        }

        return request.HttpContext.WebSockets.IsWebSocketRequest
            ? request.HttpContext.WebSockets.WebSocketRequestedProtocols.FirstOrDefault(p => p.StartsWith(SocketKey, StringComparison.Ordinal))?[SocketKey.Length..]
            : null;
    }

    private static ProblemHttpResult Problem(int status, string detail) => TypedResults.Problem(detail, statusCode: status);
}
