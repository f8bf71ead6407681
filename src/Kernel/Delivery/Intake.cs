using System.Collections.Frozen;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Coordination;
using Rookery.Kernel.Data;
using Rookery.Kernel.Scheduling;

namespace Rookery.Kernel.Delivery;

/// <summary>
/// Where events of platforms become ours: an event is acknowledged to its platform only once it is stored here, is
/// handled in the order it came, and is handled by another node if this one dies before it is done. Stored once, however
/// often it comes.
/// </summary>
public sealed partial class Intake : IJob, IAsyncDisposable
{
    private const int MostAttempts = 5;
    private const int MostUnderWay = 10_000;
    private const int TakenOverAtOnce = 200;

    private readonly Database _db;
    private readonly Node _node;
    private readonly Lazy<FrozenDictionary<Platform, IIntakeHandler>> _handlers;
    private readonly TimeProvider _clock;
    private readonly ILogger<Intake> _log;
    private readonly BatchWriter<Taken> _writer;
    private readonly BatchWriter<Ended> _ends;
    private readonly CancellationTokenSource _stop = new();
    private int _underWay;

    public Intake(Database db, Node node, IServiceProvider services, TimeProvider clock, ILogger<Intake> log)
    {
        _db = db;
        _node = node;
        _handlers = new(() => services.GetServices<IIntakeHandler>().ToFrozenDictionary(h => h.Platform));
        _clock = clock;
        _log = log;
        _writer = new BatchWriter<Taken>(db, TakeAsync, log);
        _ends = new BatchWriter<Ended>(db, EndAsync, log);
    }

    /// <summary>How often events of dead nodes are looked for.</summary>
    public TimeSpan Period => TimeSpan.FromSeconds(10);

    /// <summary>Completes when the event is stored and may be acknowledged; its handling goes on.</summary>
    /// <returns>False when it was stored before.</returns>
    /// <exception cref="StorageUnavailableException">It is not stored: the database is away, or too much is under way.</exception>
    /// <exception cref="ClaimLostException">It is not stored: another node has the claim by now, and is told it too.</exception>
    public async Task<bool> AcceptAsync(RawEvent e)
    {
        if (e.Claim is { IsHeld: false } over)
        {
            throw over.Refuse();
        }

        if (Volatile.Read(ref _underWay) >= MostUnderWay)
        {
            throw new StorageUnavailableException(new InvalidOperationException("Too many events are under way."));
        }

        var taken = new Taken(e, new InboxClaim(e.Platform, $"raw:{e.EventId}", Ids.New(e.At), e.At, e.Claim?.Token));
        try
        {
            await _writer.WriteAsync(taken);
        }
        catch (StorageUnavailableException error) when (error.IsInDoubt)
        {
            // Told again it would pass for a repeat, and nobody would handle it.
            Interlocked.Increment(ref _underWay);
            SettleAsync(taken).GetAwaiter().OnCompleted(() => Interlocked.Decrement(ref _underWay));
            throw;
        }

        if (e.Claim is { } claim && taken.Claim.First == default)
        {
            throw claim.Refuse();
        }

        return taken.Claim.IsFirst;
    }

    /// <summary>Goes on with what nodes that died had taken and not ended.</summary>
    public async ValueTask RunAsync(CancellationToken ct)
    {
        foreach (var platform in _handlers.Value.Keys)
        {
            foreach (var e in await TakeOverAsync(platform, ct))
            {
                Start(e);
            }
        }
    }

    /// <summary>What is under way gets a moment to end; what does not is gone on with elsewhere or at the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        for (var i = 0; i < 20 && Volatile.Read(ref _underWay) > 0; i++)
        {
            await Task.Delay(50);
        }

        await _stop.CancelAsync();
        await _ends.DisposeAsync();
        _stop.Dispose();
    }

    private async Task TakeAsync(NpgsqlConnection connection, IReadOnlyList<Taken> rows, CancellationToken ct)
    {
        var claims = new InboxClaims([.. rows.Select(r => r.Claim)]);
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { claims.Command() } };
        foreach (var ofPlatform in rows.GroupBy(r => r.Event.Platform))
        {
            batch.BatchCommands.Add(IntakeRows.Insert(ofPlatform.Key, [.. ofPlatform], claims, _node));
        }

        await using (var reader = await batch.ExecuteReaderAsync(ct))
        {
            await claims.ReadAsync(reader, ct);
            while (await reader.NextResultAsync(ct))
            {
                // A refusal of a later statement is thrown when its result is reached.
            }
        }

        // Started here and not by those who wait, whose order is nobody's.
        Begin(rows);
        await claims.FindHoldersAsync(connection, ct);
        Begin(rows);
    }

    private void Begin(IReadOnlyList<Taken> rows)
    {
        foreach (var row in rows.Where(r => r is { Claim.IsFirst: true, IsBegun: false }))
        {
            row.IsBegun = true;
            Start(row.Event);
        }
    }

    /// <summary>Whether it is stored was not heard: it is written once more, as the same sight of the event, until that is.</summary>
    private async Task SettleAsync(Taken taken)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(TimeSpan.FromSeconds(1), _clock, _stop.Token);
                await _writer.WriteAsync(taken);
                return;
            }
            catch (Exception e) when (e is StorageUnavailableException or OperationCanceledException)
            {
                // The database is still away, or the next to start goes on with it.
            }
            catch (Exception e)
            {
                HandlingFailed(e, taken.Event.Platform, taken.Event.EventType, taken.Event.EventId, 0);
                return;
            }
        }
    }

    private void Start(RawEvent e)
    {
        Interlocked.Increment(ref _underWay);
        var handling = HandleAsync(e);
        if (handling.IsCompleted)
        {
            Interlocked.Decrement(ref _underWay);
        }
        else
        {
            handling.GetAwaiter().OnCompleted(() => Interlocked.Decrement(ref _underWay));
        }
    }

    /// <summary>Never throws: an event that cannot be handled is given up, said in its row and in the log.</summary>
    private async Task HandleAsync(RawEvent e)
    {
        for (var attempt = 1; ; attempt++)
        {
            TimeSpan wait;
            try
            {
                if (await _handlers.Value[e.Platform].HandleAsync(e, _stop.Token) is not { } again)
                {
                    await _ends.WriteAsync(new Ended(e, attempt, null));
                    return;
                }

                wait = again;
                attempt--;
            }
            catch (StorageUnavailableException)
            {
                wait = TimeSpan.FromSeconds(1);
                attempt--;
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                HandlingFailed(error, e.Platform, e.EventType, e.EventId, attempt);
                if (attempt >= MostAttempts && await GiveUpAsync(e, attempt, error))
                {
                    return;
                }

                wait = TimeSpan.FromMilliseconds(100 << attempt);
            }

            try
            {
                await Task.Delay(wait, _clock, _stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task<bool> GiveUpAsync(RawEvent e, int attempts, Exception error)
    {
        try
        {
            await _ends.WriteAsync(new Ended(e, attempts, error.Message));
            return true;
        }
        catch (StorageUnavailableException)
        {
            return false;
        }
    }

    private async Task EndAsync(NpgsqlConnection connection, IReadOnlyList<Ended> rows, CancellationToken ct)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var ofPlatform in rows.GroupBy(r => r.Event.Platform))
        {
            batch.BatchCommands.Add(IntakeRows.End(ofPlatform.Key, [.. ofPlatform], _clock.GetUtcNow()));
        }

        await batch.ExecuteNonQueryAsync(ct);
    }

    private async Task<IEnumerable<RawEvent>> TakeOverAsync(Platform platform, CancellationToken ct)
    {
        var table = IntakeRows.Table(platform);
        var events = await _db.Write.ListAsync(
            $"""
            update {table} set node_id = {_node.Id}
            where (event_id, created_at) in (
                select event_id, created_at from {table}
                where not processed and error is null and created_at > {_clock.GetUtcNow().AddDays(-Inbox.WindowDays)}
                  and node_id <> {_node.Id} and node_id <> all(array({Node.Alive}))
                order by created_at limit {TakenOverAtOnce} for update skip locked)
            returning event_id, event_type, platform_ids::text, event_data::text, created_at
            """,
            r => new RawEvent(
                platform, r.GetString(0), r.GetString(1), r.GetString(2), r.GetString(3), r.GetFieldValue<DateTimeOffset>(4)),
            ct);
        return events.OrderBy(e => e.At);
    }

    [LoggerMessage(LogLevel.Error, "Attempt {Attempt} to handle the {Platform} event {EventType} {EventId} failed.")]
    private partial void HandlingFailed(
        Exception exception, Platform platform, string eventType, string eventId, int attempt);
}
