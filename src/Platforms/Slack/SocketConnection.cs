using System.Net.WebSockets;
using System.Text.Json;
using System.Threading.Channels;
using Rookery.Kernel.Coordination;
using Rookery.Kernel.Data;

namespace Rookery.Platforms.Slack;

/// <summary>
/// One connection of Socket Mode, from its hello to its end. An envelope is acknowledged once it is stored, in the order
/// the envelopes came; one that could not be stored is not, so Slack sends it again.
/// </summary>
internal sealed class SocketConnection : IAsyncDisposable
{
    private const int MostUnacknowledged = 512;
    private static readonly TimeSpan HelloWithin = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(20);

    private readonly ClientWebSocket _socket = new();
    private readonly SlackIntake _intake;
    private readonly Claim _claim;
    private readonly TimeProvider _clock;
    private readonly SocketFrames _frames;
    private readonly TaskCompletionSource _leaving = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<Envelope> _stored = Channel.CreateBounded<Envelope>(MostUnacknowledged);

    private SocketConnection(SlackIntake intake, Claim claim, TimeProvider clock)
    {
        _intake = intake;
        _claim = claim;
        _clock = clock;
        _frames = new SocketFrames(_socket);
        _socket.Options.KeepAliveInterval = Quiet;
        _socket.Options.KeepAliveTimeout = Quiet;
    }

    /// <summary>Completes when Slack asks for another connection; this one still works for some seconds.</summary>
    public Task Leaving => _leaving.Task;

    /// <summary>Completes, and never fails, when the connection is over; says why.</summary>
    public Task<string> Ended { get; private set; } = null!;

    public DateTimeOffset Since { get; private set; }

    /// <summary>Connects and waits for Slack's hello.</summary>
    /// <exception cref="WebSocketException">It did not come to that.</exception>
    public static async Task<SocketConnection> OpenAsync(
        Uri url, SlackIntake intake, Claim claim, TimeProvider clock, CancellationToken ct)
    {
        var connection = new SocketConnection(intake, claim, clock);
        try
        {
            using var timer = new CancellationTokenSource(HelloWithin, clock);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct, timer.Token);
            await connection._socket.ConnectAsync(url, limit.Token);
            if (await connection._frames.ReceiveAsync(limit.Token) is not { } hello || hello.Text("type") != "hello")
            {
                throw new WebSocketException("Slack sent no hello.");
            }
        }
        catch (Exception e)
        {
            await connection.DisposeAsync();
            throw e is OperationCanceledException && !ct.IsCancellationRequested
                ? new WebSocketException("Slack did not say hello in time.", e)
                : e;
        }

        connection.Since = clock.GetUtcNow();
        connection.Ended = connection.RunAsync(connection._stop.Token);
        return connection;
    }

    /// <summary>Lets the connection end by itself, for a moment: what Slack had sent over it is still taken.</summary>
    public async Task RetireAsync(TimeSpan moment, CancellationToken ct)
    {
        try
        {
            await Ended.WaitAsync(moment, _clock, ct);
        }
        catch (TimeoutException)
        {
            // Another connection has taken over.
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Ended is { IsCompleted: false })
        {
            await _stop.CancelAsync();
            await Ended;
        }

        _socket.Dispose();
        _stop.Dispose();
    }

    private async Task<string> RunAsync(CancellationToken ct)
    {
        var acknowledging = AcknowledgeAsync(ct);
        var reason = await ReadAsync(ct);
        _stored.Writer.Complete();
        await acknowledging;
        return reason;
    }

    private async Task<string> ReadAsync(CancellationToken ct)
    {
        try
        {
            while (await _frames.ReceiveAsync(ct) is { } message)
            {
                if (message.Text("type") == "disconnect")
                {
                    var reason = message.Text("reason") ?? "unknown";
                    if (reason is not ("warning" or "refresh_requested"))
                    {
                        return reason;
                    }

                    _leaving.TrySetResult();
                }
                else if (message.Text("envelope_id") is { } id)
                {
                    var storing = message.At("payload") is { ValueKind: JsonValueKind.Object } payload
                        ? _intake.AcceptAsync(payload, _claim)
                        : Task.FromResult(false);
                    await _stored.Writer.WriteAsync(new Envelope(id, storing), ct);
                }
            }

            return _socket.CloseStatusDescription is { Length: > 0 } why ? why : "closed";
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            return e is WebSocketException ? e.Message : "stopped";
        }
    }

    private async Task AcknowledgeAsync(CancellationToken ct)
    {
        await foreach (var envelope in _stored.Reader.ReadAllAsync(CancellationToken.None))
        {
            try
            {
                await envelope.Storing;
                var frame = JsonSerializer.SerializeToUtf8Bytes(
                    new Acknowledgement(envelope.Id), SlackJson.Default.Acknowledgement);
                await _socket.SendAsync(frame.AsMemory(), WebSocketMessageType.Text, endOfMessage: true, ct);
            }
            catch (Exception e) when (
                e is StorageUnavailableException or ClaimLostException or WebSocketException or OperationCanceledException)
            {
                // Not acknowledged: Slack sends it again, to this connection or another, and it is stored once.
                SlackMetrics.Event("unacknowledged");
            }
        }
    }

    private sealed record Envelope(string Id, Task Storing);
}
