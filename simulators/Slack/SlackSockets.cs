using System.Collections.Concurrent;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Rookery.Simulators.Slack;

/// <summary>Socket Mode: tickets for one use, ten connections at most, envelopes that want to be acknowledged.</summary>
internal sealed class SlackSockets(SlackSimulator slack, SlackState state)
{
    private const int MaxConnections = 10;
    private const int ApproximateSeconds = 18_060;

    private readonly ConcurrentDictionary<string, bool> _tickets = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Connection> _connections = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _waiting = new(StringComparer.Ordinal);

    public int Count => _connections.Count;

    /// <summary>Envelopes whose acknowledgements are not to be seen; they come again.</summary>
    public int DeafFor { get; set; }

    public void Map(WebApplication app) => app.Map("/link", LinkAsync);

    public JsonObject Open()
    {
        var ticket = $"ticket-{state.Number().ToString(CultureInfo.InvariantCulture)}";
        _tickets[ticket] = true;
        return new JsonObject { ["ok"] = true, ["url"] = $"ws://{slack.Address.Authority}/link?ticket={ticket}" };
    }

    /// <summary>Sends an envelope over one of the connections.</summary>
    /// <returns>True when it was acknowledged in time.</returns>
    public async Task<bool> SendAsync(string type, JsonObject payload, int attempt, CancellationToken ct)
    {
        var connections = _connections.Values.Where(c => !c.IsLeaving).ToList();
        if (connections.Count == 0)
        {
            return false;
        }

        var number = state.Number();
        var id = $"envelope-{number.ToString(CultureInfo.InvariantCulture)}";
        var acknowledged = _waiting[id] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var envelope = new JsonObject
        {
            ["envelope_id"] = id,
            ["type"] = type,
            ["payload"] = payload.DeepClone(),
            ["accepts_response_payload"] = type != "events_api",
            ["retry_attempt"] = attempt,
            ["retry_reason"] = attempt == 0 ? "" : "timeout",
        };
        try
        {
            await connections[(int)(number % connections.Count)].SendAsync(envelope, ct);
            await acknowledged.Task.WaitAsync(slack.AnswerWithin, ct);
            return true;
        }
        catch (Exception e) when (e is TimeoutException or WebSocketException or ObjectDisposedException)
        {
            return false;
        }
        finally
        {
            _waiting.TryRemove(id, out _);
        }
    }

    /// <summary>Tells every connection to make room; those that do not leave by themselves are closed when <see cref="DropAll"/> says so.</summary>
    public async Task DisconnectAsync(string reason, CancellationToken ct)
    {
        foreach (var connection in _connections.Values)
        {
            connection.IsLeaving = true;
            try
            {
                await connection.SendAsync(new JsonObject { ["type"] = "disconnect", ["reason"] = reason }, ct);
            }
            catch (Exception e) when (e is WebSocketException or ObjectDisposedException)
            {
                // It had just ended by itself.
            }
        }
    }

    /// <summary>Cuts every connection without a word.</summary>
    public void DropAll()
    {
        foreach (var (ticket, connection) in _connections)
        {
            _connections.TryRemove(ticket, out _);
            connection.Socket.Abort();
        }
    }

    private async Task LinkAsync(HttpContext http)
    {
        var ticket = http.Request.Query["ticket"].ToString();
        if (!http.WebSockets.IsWebSocketRequest || !_tickets.TryRemove(ticket, out _))
        {
            http.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }

        using var socket = await http.WebSockets.AcceptWebSocketAsync();
        using var connection = new Connection(socket);
        if (_connections.Count >= MaxConnections)
        {
            await connection.SendAsync(Hello(), http.RequestAborted);
            await connection.SendAsync(new JsonObject { ["type"] = "disconnect", ["reason"] = "too_many_websockets" }, http.RequestAborted);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", http.RequestAborted);
            return;
        }

        _connections[ticket] = connection;
        try
        {
            await connection.SendAsync(Hello(), http.RequestAborted);
            await ReadAsync(connection, http.RequestAborted);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // The other side is gone.
        }
        finally
        {
            _connections.TryRemove(ticket, out _);
        }
    }

    private async Task ReadAsync(Connection connection, CancellationToken ct)
    {
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var part = await connection.Socket.ReceiveAsync(buffer.AsMemory(), ct);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                await connection.Socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", ct);
                return;
            }

            var id = JsonNode.Parse(Encoding.UTF8.GetString(buffer, 0, part.Count))?["envelope_id"]?.GetValue<string>();
            if (DeafFor > 0)
            {
                DeafFor--;
            }
            else if (id is not null && _waiting.TryGetValue(id, out var waiting))
            {
                waiting.TrySetResult();
            }
        }
    }

    private JsonObject Hello() => new()
    {
        ["type"] = "hello",
        ["num_connections"] = _connections.Count,
        ["connection_info"] = new JsonObject { ["app_id"] = "A1" },
        ["debug_info"] = new JsonObject { ["host"] = "applink-1", ["approximate_connection_time"] = ApproximateSeconds },
    };

    private sealed class Connection(WebSocket socket) : IDisposable
    {
        private readonly SemaphoreSlim _sending = new(1, 1);

        public WebSocket Socket => socket;

        public bool IsLeaving { get; set; }

        public async Task SendAsync(JsonObject message, CancellationToken ct)
        {
            await _sending.WaitAsync(ct);
            try
            {
                await socket.SendAsync(
                    Encoding.UTF8.GetBytes(message.ToJsonString()).AsMemory(), WebSocketMessageType.Text, endOfMessage: true, ct);
            }
            finally
            {
                _sending.Release();
            }
        }

        public void Dispose() => _sending.Dispose();
    }
}
