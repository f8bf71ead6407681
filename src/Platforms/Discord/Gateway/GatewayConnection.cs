using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;

namespace Rookery.Platforms.Discord.Gateway;

/// <summary>One socket to the gateway, from its hello on: heartbeats, compressed messages, one sender at a time.</summary>
internal sealed class GatewayConnection : IAsyncDisposable
{
    private static readonly TimeSpan HelloLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan SendLimit = TimeSpan.FromSeconds(10);
    private static readonly string UserAgent = Rest.DiscordRest.UserAgent;

    private readonly ClientWebSocket _socket = new();
    private readonly Inflater _inflater = new();
    private readonly ArrayBufferWriter<byte> _received = new(64 * 1024);
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
    private readonly TimeProvider _clock;
    private Task _beating = Task.CompletedTask;
    private bool _acknowledged = true;
    private int? _ourCode;

    private GatewayConnection(TimeProvider clock)
    {
        _clock = clock;
        _socket.Options.SetRequestHeader("User-Agent", UserAgent);
        _socket.Options.KeepAliveInterval = TimeSpan.Zero;
    }

    /// <summary>Of the last dispatch; null before the first.</summary>
    public long? Sequence { get; set; }

    /// <summary>Why the socket closed, once it has.</summary>
    public int? CloseCode => _ourCode ?? (int?)_socket.CloseStatus;

    public static async Task<GatewayConnection> OpenAsync(
        Uri gateway, TimeProvider clock, Func<double> random, CancellationToken ct)
    {
        var connection = new GatewayConnection(clock);
        try
        {
            using var timer = new CancellationTokenSource(HelloLimit, clock);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct, timer.Token);
            await connection._socket.ConnectAsync(WithQuery(gateway), limit.Token);
            var hello = await connection.ReceiveAsync(limit.Token);
            if (hello is not { Op: Opcode.Hello, Data: var data })
            {
                throw new InvalidDataException($"The gateway did not say hello ({connection.CloseCode}).");
            }

            var interval = JsonSerializer.Deserialize(data.Span, DiscordJson.Default.HelloData)!.HeartbeatInterval;
            connection._beating = connection.BeatOnAsync(
                TimeSpan.FromMilliseconds(interval), random(), connection._stop.Token);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>The next frame; its data is valid until the next call. Null when the socket was closed.</summary>
    public async ValueTask<Frame?> ReceiveAsync(CancellationToken ct)
    {
        _received.ResetWrittenCount();
        while (true)
        {
            var part = await _socket.ReceiveAsync(_received.GetMemory(16 * 1024), ct);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            _received.Advance(part.Count);
            if (!part.EndOfMessage)
            {
                continue;
            }

            if (part.MessageType == WebSocketMessageType.Text)
            {
                return Frame.Read(_received.WrittenMemory);
            }

            if (Inflater.EndsMessage(_received.WrittenSpan))
            {
                return Frame.Read(_inflater.Inflate(_received.WrittenMemory));
            }
        }
    }

    public async Task SendAsync(byte[] message, CancellationToken ct)
    {
        using var timer = new CancellationTokenSource(SendLimit, _clock);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct, timer.Token);
        await _sending.WaitAsync(limit.Token);
        try
        {
            await _socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, limit.Token);
        }
        finally
        {
            _sending.Release();
        }
    }

    public Task BeatAsync(CancellationToken ct) => SendAsync(Commands.Heartbeat(Sequence), ct);

    public void Acknowledged() => Volatile.Write(ref _acknowledged, true);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _beating;
        if (_socket.State == WebSocketState.Open)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1), _clock);
            await CloseAsync(CloseCodes.Zombie, limit.Token);
        }

        _socket.Dispose();
        _inflater.Dispose();
        _sending.Dispose();
        _stop.Dispose();
    }

    private static Uri WithQuery(Uri gateway) =>
        new UriBuilder(gateway) { Query = "v=10&encoding=json&compress=zlib-stream" }.Uri;

    /// <summary>
    /// Beats until the connection ends. The first beat comes at a random part of the interval, so that all the bots of the
    /// world do not beat together after an outage. A beat without an answer to the one before: the connection is dead.
    /// </summary>
    private async Task BeatOnAsync(TimeSpan interval, double jitter, CancellationToken ct)
    {
        try
        {
            await Task.Delay(interval * jitter, _clock, ct);
            while (Volatile.Read(ref _acknowledged))
            {
                Volatile.Write(ref _acknowledged, false);
                await BeatAsync(ct);
                await Task.Delay(interval, _clock, ct);
            }

            _ourCode = CloseCodes.Zombie;
            _socket.Abort();
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or ObjectDisposedException)
        {
            // The connection has ended; who reads from it sees that.
        }
    }

    private async Task CloseAsync(int code, CancellationToken ct)
    {
        try
        {
            await _socket.CloseOutputAsync((WebSocketCloseStatus)code, null, ct);
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException)
        {
            // It is gone already.
        }
    }
}
