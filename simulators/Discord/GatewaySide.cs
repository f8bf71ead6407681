using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Rookery.Simulators.Discord;

/// <summary>The gateway: sessions that outlive their sockets and replay what they missed.</summary>
public sealed class GatewaySide
{
    private readonly DiscordSimulator _discord;
    private readonly ConcurrentDictionary<string, Session> _sessions = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<GatewaySocket, bool> _sockets = new();
    private int _identified;
    private int _resumed;

    internal GatewaySide(DiscordSimulator discord) => _discord = discord;

    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Answers no heartbeat, as a dead connection does.</summary>
    public bool Deaf { get; set; }

    /// <summary>Closes the next identify with this code; 0: no.</summary>
    public int RefuseIdentify { get; set; }

    /// <summary>Sessions that may still be identified today, as <c>/gateway/bot</c> tells.</summary>
    public int SessionsLeft { get; set; } = 999;

    /// <summary>How often <c>/gateway/bot</c> was asked.</summary>
    public int Asked { get; internal set; }

    /// <summary>Where sessions are to be resumed; null: where they began.</summary>
    public Uri? ResumeAt { get; set; }

    public int Identified => _identified;

    public int Resumed => _resumed;

    public int Open => _sockets.Count;

    /// <summary>Tells every session, now or when it resumes.</summary>
    public void Dispatch(string type, JsonObject data)
    {
        foreach (var session in _sessions.Values)
        {
            session.Dispatch(type, data);
        }
    }

    public void AskToReconnect() => Each(s => s.SendAsync(7, null));

    public void Invalidate(bool resumable)
    {
        if (!resumable)
        {
            _sessions.Clear();
        }

        Each(s => s.SendAsync(9, JsonValue.Create(resumable)));
    }

    public void CloseAll(int code) => Each(s => s.CloseAsync(code));

    /// <summary>Breaks the connections without a word.</summary>
    public void Drop()
    {
        foreach (var socket in _sockets.Keys)
        {
            socket.Abort();
        }
    }

    internal async Task AcceptAsync(HttpContext http)
    {
        if (!http.WebSockets.IsWebSocketRequest || http.Request.Headers.UserAgent.Count == 0)
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        using var socket = new GatewaySocket(
            await http.WebSockets.AcceptWebSocketAsync(), http.Request.Query["compress"] == "zlib-stream");
        _sockets[socket] = true;
        try
        {
            await socket.SendAsync(10, new JsonObject { ["heartbeat_interval"] = (int)HeartbeatInterval.TotalMilliseconds });
            await ServeAsync(socket, http.RequestAborted);
        }
        finally
        {
            _sockets.TryRemove(socket, out _);
            foreach (var session in _sessions.Values)
            {
                session.Left(socket);
            }
        }
    }

    private async Task ServeAsync(GatewaySocket socket, CancellationToken ct)
    {
        while (await socket.ReceiveAsync(ct) is { } frame)
        {
            switch (frame["op"]!.GetValue<int>())
            {
                case 1 when !Deaf:
                    await socket.SendAsync(11, null);
                    break;
                case 2:
                    await IdentifyAsync(socket, frame["d"]!.AsObject());
                    break;
                case 6:
                    await ResumeAsync(socket, frame["d"]!.AsObject());
                    break;
                default:
                    break;
            }
        }
    }

    private async Task IdentifyAsync(GatewaySocket socket, JsonObject data)
    {
        if (data["token"]!.GetValue<string>() != _discord.Token)
        {
            await socket.CloseAsync(4004);
            return;
        }

        if (RefuseIdentify != 0)
        {
            await socket.CloseAsync(RefuseIdentify);
            return;
        }

        Interlocked.Increment(ref _identified);
        var session = new Session($"{Guid.NewGuid():N}", socket);
        _sessions[session.Id] = session;
        session.Dispatch("READY", new JsonObject
        {
            ["v"] = 10,
            ["session_id"] = session.Id,
            ["resume_gateway_url"] = ResumeAt?.AbsoluteUri ?? $"ws://{_discord.Address.Authority}/gateway",
            ["user"] = new JsonObject { ["id"] = DiscordSimulator.BotId, ["username"] = "rookery", ["bot"] = true },
            ["shard"] = new JsonArray(0, 1),
            ["guilds"] = new JsonArray([.. _discord.Guilds.All().Select(g => new JsonObject { ["id"] = g["id"]!.DeepClone(), ["unavailable"] = true })]),
            ["application"] = new JsonObject { ["id"] = DiscordSimulator.BotId },
        });
        foreach (var guild in _discord.Guilds.All())
        {
            session.Dispatch("GUILD_CREATE", guild);
        }
    }

    private async Task ResumeAsync(GatewaySocket socket, JsonObject data)
    {
        if (!_sessions.TryGetValue(data["session_id"]!.GetValue<string>(), out var session))
        {
            await socket.SendAsync(9, JsonValue.Create(false));
            return;
        }

        Interlocked.Increment(ref _resumed);
        session.Resume(socket, data["seq"]!.GetValue<long>());
    }

    private void Each(Func<GatewaySocket, Task> act)
    {
        foreach (var socket in _sockets.Keys)
        {
            act(socket).GetAwaiter().GetResult();
        }
    }

    /// <summary>What a bot was told, in order, so that it can be told again.</summary>
    private sealed class Session(string id, GatewaySocket first)
    {
        private readonly Lock _gate = new();
        private readonly List<(string Type, JsonObject Data)> _told = [];
        private GatewaySocket? _socket = first;

        public string Id => id;

        public void Dispatch(string type, JsonObject data)
        {
            lock (_gate)
            {
                _told.Add((type, data));
                Send(_told.Count);
            }
        }

        public void Resume(GatewaySocket socket, long after)
        {
            lock (_gate)
            {
                _socket = socket;
                for (var sequence = (int)after + 1; sequence <= _told.Count; sequence++)
                {
                    Send(sequence);
                }

                _told.Add(("RESUMED", []));
                Send(_told.Count);
            }
        }

        public void Left(GatewaySocket socket)
        {
            lock (_gate)
            {
                _socket = _socket == socket ? null : _socket;
            }
        }

        private void Send(int sequence)
        {
            var (type, data) = _told[sequence - 1];
            _socket?.Post(0, data.DeepClone(), sequence, type);
        }
    }
}
