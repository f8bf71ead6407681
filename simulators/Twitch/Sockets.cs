using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Rookery.Simulators.Twitch;

/// <summary>The server at eventsub.wss.twitch.tv.</summary>
public sealed class Sockets(TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, Connection> _open = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _moves = new(StringComparer.Ordinal);

    /// <summary>The longest silence of a healthy connection, in seconds.</summary>
    public int Keepalive { get; set; } = 10;

    /// <summary>How long a connection may have no subscription.</summary>
    public TimeSpan UnusedFor { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>True: new connections hear nothing, not even a welcome.</summary>
    public bool IsMute { get; set; }

    public IReadOnlyCollection<string> Sessions => [.. _open.Keys];

    /// <summary>Connections ever made.</summary>
    public int Made { get; private set; }

    /// <summary>Whether a session has a subscription; told by the one who keeps them.</summary>
    internal Func<string, bool> IsUsed { get; set; } = _ => true;

    /// <summary>Told when a session is gone, or went on as another.</summary>
    internal Action<string, string?> Ended { get; set; } = (_, _) => { };

    internal void Map(WebApplication app) => app.Map("/ws", async (HttpContext http) =>
    {
        if (!http.WebSockets.IsWebSocketRequest)
        {
            http.Response.StatusCode = 400;
            return;
        }

        using var socket = await http.WebSockets.AcceptWebSocketAsync();
        await ServeAsync(socket, http.Request.Query["resume"].ToString(), http.RequestAborted);
    });

    public async Task<bool> SendAsync(string session, JsonObject frame)
    {
        if (!_open.TryGetValue(session, out var connection))
        {
            return false;
        }

        await connection.SendAsync(frame, CancellationToken.None);
        return true;
    }

    /// <summary>Asks every connection to go on elsewhere.</summary>
    public async Task ReconnectAsync(Uri address)
    {
        foreach (var session in Sessions)
        {
            var ticket = Guid.NewGuid().ToString("N");
            _moves[ticket] = session;
            var url = new UriBuilder(address) { Scheme = "ws", Path = "/ws", Query = $"resume={ticket}" }.Uri;
            await SendAsync(session, Frame("session_reconnect", Session(session, "reconnecting", url.AbsoluteUri)));
        }
    }

    /// <summary>Closes every connection with a code of Twitch's.</summary>
    public async Task CloseAsync(int code)
    {
        foreach (var connection in _open.Values)
        {
            await connection.CloseAsync(code);
        }
    }

    /// <summary>Cuts every connection without a word.</summary>
    public void Cut()
    {
        foreach (var connection in _open.Values)
        {
            connection.Socket.Abort();
        }
    }

    /// <summary>Every connection falls silent, keepalives too.</summary>
    public void Silence()
    {
        foreach (var connection in _open.Values)
        {
            connection.IsSilent = true;
        }
    }

    internal JsonObject Frame(string type, JsonObject payload, string? messageId = null) => new()
    {
        ["metadata"] = new JsonObject
        {
            ["message_id"] = messageId ?? Guid.NewGuid().ToString(),
            ["message_type"] = type,
            ["message_timestamp"] = clock.GetUtcNow().ToString("O"),
        },
        ["payload"] = payload,
    };

    private async Task ServeAsync(WebSocket socket, string resume, CancellationToken aborted)
    {
        var session = $"AgoQ{Guid.NewGuid():N}";
        using var connection = new Connection(socket, clock) { IsSilent = IsMute };
        Made++;
        _open[session] = connection;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        var ticking = TickAsync(session, connection, end.Token);
        try
        {
            await connection.SendAsync(Frame("session_welcome", Session(session, "connected", null)), aborted);
            if (_moves.TryRemove(resume, out var old))
            {
                Ended(old, session);
            }

            await ReceiveAsync(connection, aborted);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // The client went away.
        }
        finally
        {
            _open.TryRemove(session, out _);
            await end.CancelAsync();
            await ticking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Ended(session, null);
        }
    }

    /// <summary>Clients may only answer pings and close.</summary>
    private static async Task ReceiveAsync(Connection connection, CancellationToken ct)
    {
        var part = await connection.Socket.ReceiveAsync(new byte[1024].AsMemory(), ct);
        await connection.CloseAsync(part.MessageType == WebSocketMessageType.Close ? 1000 : 4001);
    }

    private async Task TickAsync(string session, Connection connection, CancellationToken ct)
    {
        var opened = clock.GetTimestamp();
        while (true)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), clock, ct);
            if (clock.GetElapsedTime(opened) > UnusedFor && !IsUsed(session) && connection.Socket.State == WebSocketState.Open)
            {
                await connection.CloseAsync(4003);
            }
            else if (clock.GetElapsedTime(connection.LastSent) > TimeSpan.FromSeconds(Keepalive))
            {
                await connection.SendAsync(Frame("session_keepalive", []), ct);
            }
        }
    }

    private JsonObject Session(string id, string status, string? reconnect) => new()
    {
        ["session"] = new JsonObject
        {
            ["id"] = id,
            ["status"] = status,
            ["keepalive_timeout_seconds"] = reconnect is null ? Keepalive : null,
            ["reconnect_url"] = reconnect,
            ["connected_at"] = clock.GetUtcNow().ToString("O"),
        },
    };

    private sealed class Connection(WebSocket socket, TimeProvider clock) : IDisposable
    {
        private readonly SemaphoreSlim _sending = new(1, 1);

        public WebSocket Socket => socket;

        public bool IsSilent { get; set; }

        public long LastSent { get; private set; } = clock.GetTimestamp();

        public void Dispose() => _sending.Dispose();

        public async Task SendAsync(JsonObject frame, CancellationToken ct)
        {
            LastSent = clock.GetTimestamp();
            if (IsSilent || socket.State != WebSocketState.Open)
            {
                return;
            }

            await _sending.WaitAsync(ct);
            try
            {
                await socket.SendAsync(
                    Encoding.UTF8.GetBytes(frame.ToJsonString()).AsMemory(), WebSocketMessageType.Text, true, ct);
            }
            catch (WebSocketException)
            {
                // It went away meanwhile; its session ends elsewhere.
            }
            finally
            {
                _sending.Release();
            }
        }

        public async Task CloseAsync(int code)
        {
            try
            {
                await socket.CloseOutputAsync((WebSocketCloseStatus)code, null, CancellationToken.None);
            }
            catch (WebSocketException)
            {
                // It went away meanwhile.
            }
        }
    }
}
