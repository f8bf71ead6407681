using System.Net.WebSockets;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Rookery.Kernel.Coordination;
using Rookery.Kernel.Data;

namespace Rookery.Platforms.Discord.Gateway;

/// <summary>
/// One shard's life: connects, identifies or resumes, and does so again whatever ends a connection, until it is stopped
/// or Discord says that it is no use.
/// </summary>
internal sealed partial class Shard(
    int id, int count, DiscordOptions options, IdentifyLimit limit, IDispatches dispatches, Claim claim, SessionState? known,
    TimeProvider clock, Func<double> random, ILogger<Shard> log)
{
    private const int LongestWait = 60;
    private const int TriesToResume = 3;

    private SessionState? _session = known;
    private int _failures;

    /// <summary>What it takes to go on where this shard is; null when there is no session.</summary>
    public SessionState? Session => Volatile.Read(ref _session);

    public bool IsReady { get; private set; }

    /// <exception cref="GatewayRefusedException">Discord refuses the bot as it is set up.</exception>
    public async Task RunAsync(Uri gateway, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            // An address for resuming that does not answer may be gone for good; the session may still be there.
            var end = await LiveAsync(_failures < TriesToResume ? _session?.ResumeUrl ?? gateway : gateway, ct);
            IsReady = false;
            if (end.CloseCode is { } code && CloseCodes.Cure(code, (Intents)options.Intents) is { } cure)
            {
                throw new GatewayRefusedException(cure);
            }

            if (end.SessionIsGone)
            {
                _session = null;
            }

            _failures = end.WasReady ? 0 : _failures + 1;
            var wait = end.Wait ?? TimeSpan.FromSeconds(Math.Min(LongestWait, 1 << Math.Min(_failures, 10))) * random();
            Ended(id, end.Why, _session is not null, wait.TotalSeconds);
            await Task.Delay(wait, clock, ct);
        }
    }

    private async Task<ConnectionEnd> LiveAsync(Uri gateway, CancellationToken ct)
    {
        try
        {
            if (_session is null)
            {
                // The turn may be long in coming; an open connection would be dead by then.
                await limit.WaitAsync(id, ct);
            }

            await using var connection = await GatewayConnection.OpenAsync(gateway, clock, random, ct);
            return await ServeAsync(connection, ct);
        }
        catch (Exception e) when (
            e is WebSocketException or IOException or InvalidDataException or JsonException or TimeoutException or ObjectDisposedException
            && !ct.IsCancellationRequested)
        {
            return new ConnectionEnd(e.Message, WasReady: IsReady);
        }
        catch (StorageUnavailableException e)
        {
            return new ConnectionEnd(e.Message, WasReady: IsReady);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new ConnectionEnd("no answer in time", WasReady: IsReady);
        }
    }

    private async Task<ConnectionEnd> ServeAsync(GatewayConnection connection, CancellationToken ct)
    {
        if (_session is { } session)
        {
            connection.Sequence = session.Sequence;
            await connection.SendAsync(Commands.Resume(options.BotToken!, session), ct);
        }
        else
        {
            await connection.SendAsync(Commands.Identify(options.BotToken!, options.Intents, id, count), ct);
        }

        while (await connection.ReceiveAsync(ct) is { } frame)
        {
            if (frame.Sequence is { } sequence)
            {
                connection.Sequence = sequence;
            }

            switch (frame.Op)
            {
                case Opcode.Dispatch:
                    await DispatchAsync(connection, frame, ct);
                    break;
                case Opcode.Heartbeat:
                    await connection.BeatAsync(ct);
                    break;
                case Opcode.HeartbeatAck:
                    connection.Acknowledged();
                    break;
                case Opcode.Reconnect:
                    return new ConnectionEnd("Discord asked for it", IsReady, Wait: TimeSpan.Zero);
                case Opcode.InvalidSession:
                    // Discord asks for one to five seconds before a new session is identified.
                    var resumable = frame.Data.Span.SequenceEqual("true"u8);
                    return new ConnectionEnd(
                        "invalid session", IsReady, !resumable, TimeSpan.FromSeconds(1 + (4 * random())));
                default:
                    break;
            }
        }

        return new ConnectionEnd(
            $"closed with {connection.CloseCode}",
            IsReady,
            CloseCodes.EndsSession(connection.CloseCode ?? 0),
            CloseCode: connection.CloseCode);
    }

    private async ValueTask DispatchAsync(GatewayConnection connection, Frame frame, CancellationToken ct)
    {
        if (frame.Type == EventTypes.Ready)
        {
            var ready = JsonSerializer.Deserialize(frame.Data.Span, DiscordJson.Default.ReadyEvent)!;
            _session = new SessionState(ready.SessionId, ready.ResumeGatewayUrl);
            Ready(id, ready.Guilds.Count);
        }

        IsReady |= frame.Type is EventTypes.Ready or EventTypes.Resumed;
        claim.Touch();
        await dispatches.TakeAsync(
            new Dispatch(frame.Type!, frame.Data, _session?.Id ?? "", connection.Sequence ?? 0, claim, _session), ct);
        if (_session is { } session)
        {
            // Not before it is taken: a session is never resumed beyond what was.
            session.Sequence = connection.Sequence ?? session.Sequence;
        }
    }

    [LoggerMessage(LogLevel.Information, "Discord shard {Shard} is ready; it has {Guilds} servers.")]
    private partial void Ready(int shard, int guilds);

    [LoggerMessage(LogLevel.Information, "The connection of Discord shard {Shard} ended ({Why}); it resumes: {Resumes}, in {Seconds} s.")]
    private partial void Ended(int shard, string why, bool resumes, double seconds);
}

/// <param name="Wait">Before the next connection; null: by how often it failed.</param>
internal sealed record ConnectionEnd(
    string Why, bool WasReady, bool SessionIsGone = false, TimeSpan? Wait = null, int? CloseCode = null);
