using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Security;

namespace Rookery.Platforms.Sandbox;

/// <summary>
/// Where pages and terminals open their socket. A browser brings its key as <c>Sec-WebSocket-Protocol: rookery,
/// key.rk_…</c>.
/// </summary>
internal static class SocketEndpoint
{
    private const string Protocol = "rookery";

    public static void Map(RouteGroupBuilder group) => group.MapGet("/sandbox/socket", OpenAsync)
        .Needs(Scopes.Sandbox).WithTags("sandbox")
        .WithSummary("A WebSocket: what is said in a channel as it is said, and a way to speak.");

    private static async Task OpenAsync(
        HttpContext http, SandboxHub hub, IOptions<SandboxOptions> options, TimeProvider clock, IHostApplicationLifetime host)
    {
        if (!http.WebSockets.IsWebSocketRequest)
        {
            await RefuseAsync(http, 400, "This address speaks WebSocket only.");
            return;
        }

        if (!IsSameOrigin(http.Request))
        {
            await RefuseAsync(
                http,
                403,
                "Only pages of this server may open its sockets. A proxy in between must pass the Host header on.");
            return;
        }

        var socket = ActivatorUtilities.CreateInstance<SandboxSocket>(http.RequestServices, Caller.Of(http));
        if (!hub.TryAdd(socket))
        {
            http.Response.Headers.RetryAfter = "5";
            await RefuseAsync(http, 503, "This server has as many sandbox connections as it may. Try again later.");
            return;
        }

        try
        {
            using var connection = await http.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
            {
                SubProtocol = http.WebSockets.WebSocketRequestedProtocols.Contains(Protocol) ? Protocol : null,
                KeepAliveInterval = options.Value.PingEvery,
                KeepAliveTimeout = options.Value.PingEvery,
            });
            using var end = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, host.ApplicationStopping);
            using var frames = new FrameSocket(connection, options.Value.SendTimeout, clock);
            await socket.RunAsync(frames, end.Token);
        }
        finally
        {
            hub.Remove(socket);
        }
    }

    /// <summary>
    /// Browsers say which page opens a socket; programs say nothing. The scheme is left out: a proxy may add TLS.
    /// </summary>
    private static bool IsSameOrigin(HttpRequest request) =>
        request.Headers.Origin is not [{ } origin]
            ? request.Headers.Origin.Count == 0
            : Uri.TryCreate(origin, UriKind.Absolute, out var page)
                && string.Equals(page.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase);

    private static Task RefuseAsync(HttpContext http, int status, string why) =>
        TypedResults.Problem(why, statusCode: status).ExecuteAsync(http);
}
