using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Rookery.Kernel.Security;

/// <summary>Lets a request through when its key exists, lives, has the route's scope and is within its rate.</summary>
internal sealed class Authentication(RequestDelegate next, ApiKeys keys)
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

        var secret = Secret(context.Request);
        if (secret is null)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            await RefuseAsync(
                context, 401, "This address needs an API key: send it as X-API-Key or as Authorization: Bearer.");
            return;
        }

        if (await keys.FindAsync(secret, context.RequestAborted) is not { } entry)
        {
            await RefuseAsync(
                context, 401, "This API key is unknown, revoked or expired. Make one with: ./run keys create NAME.");
            return;
        }

        var scope = endpoint.Metadata.GetMetadata<RequiredScope>()?.Scope ?? Scopes.Admin;
        if (!entry.Caller.Has(scope))
        {
            await RefuseAsync(context, 403, $"This API key lacks the scope {scope}.");
            return;
        }

        if (keys.Rates.Refuse(entry.Key) is { } wait)
        {
            context.Response.Headers.RetryAfter = wait;
            await RefuseAsync(
                context, 429, $"This API key is limited to {entry.Key.RatePerMinute} calls a minute; wait {wait} s.");
            return;
        }

        context.Features.Set(entry.Caller);
        await next(context);
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

    private static Task RefuseAsync(HttpContext context, int status, string detail) =>
        TypedResults.Problem(detail, statusCode: status).ExecuteAsync(context);
}
