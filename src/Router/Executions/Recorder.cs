using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;

namespace Rookery.Router.Executions;

/// <summary>
/// Writes executions in group commits. A row is inserted pending before a handler that may change something runs, and
/// finished after; a handler that changes nothing gets its row inserted finished. The event's claim rides in the same
/// transaction, so a repeated event leaves no second row, and with the claim what moderation decided.
/// </summary>
internal sealed class Recorder : IAsyncDisposable
{
    private const int MostAttempts = 60;

    private readonly BatchWriter<Recording> _writer;
    private readonly Outbox _outbox;
    private readonly Node _node;
    private readonly TimeProvider _clock;

    public Recorder(Database db, Outbox outbox, Node node, IOptions<RouterOptions> options, TimeProvider clock, ILogger<Recorder> log)
    {
        _clock = clock;
        _outbox = outbox;
        _node = node;
        _writer = new BatchWriter<Recording>(db, FlushAsync, log, writers: options.Value.Writers);
    }

    /// <summary>
    /// Makes executions of one event durable: inserted in their present state, all of them or none, together with the
    /// event's claim if that is still open.
    /// </summary>
    /// <exception cref="AlreadySeenException">The event was claimed before; nothing was written.</exception>
    public Task InsertAsync(EventContext context, IReadOnlyList<Execution> executions) =>
        executions.Count == 0 ? Task.CompletedTask : WriteAsync(context, executions);

    /// <summary>Writes the event's claim and what moderation decided, where no execution has taken them along.</summary>
    /// <exception cref="AlreadySeenException">The event was claimed before; nothing was written.</exception>
    public Task SettleAsync(EventContext context) =>
        context is { IsUnclaimed: false, Decision: null } ? Task.CompletedTask : WriteAsync(context, []);

    /// <summary>
    /// Finishes an execution that was inserted pending. The handler has run, so this must not be lost while the process lives:
    /// waits out an outage of the database.
    /// </summary>
    public Task FinishAsync(Execution execution) => WriteAsync(new Recording { Finish = execution }, isDone: true);

    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    private async Task WriteAsync(EventContext context, IReadOnlyList<Execution> executions)
    {
        var recording = new Recording { Inserts = executions, Claim = context.Claim(), Decision = context.Decision };
        await WriteAsync(recording, isDone: false);
        context.Decision = null;
        if (recording.Claim is { } claim)
        {
            context.IsUnclaimed = false;
            if (!claim.IsFirst)
            {
                throw new AlreadySeenException(claim.First);
            }
        }
    }

    /// <summary>
    /// What may have been written is written again with the same ids, which changes nothing if it was: as another sight of the
    /// event it would pass for a repeat, and nothing would run.
    /// </summary>
    private async Task WriteAsync(Recording recording, bool isDone)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await _writer.WriteAsync(recording);
                return;
            }
            catch (StorageUnavailableException e) when ((isDone || e.IsInDoubt) && attempt < MostAttempts)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200 * Math.Min(10, attempt)), _clock);
            }
        }
    }

    private async Task FlushAsync(NpgsqlConnection connection, IReadOnlyList<Recording> rows, CancellationToken ct)
    {
        var claims = new InboxClaims([.. rows.Where(r => r.Claim is not null).Select(r => r.Claim!)]);
        var inserts = rows.SelectMany(r => r.Inserts).ToList();
        var finishes = rows.Where(r => r.Finish is not null).Select(r => r.Finish!).ToList();
        await using var batch = new NpgsqlBatch(connection);
        if (claims.Any)
        {
            batch.BatchCommands.Add(claims.Command());
        }

        if (inserts.Count > 0)
        {
            batch.BatchCommands.Add(ExecutionRows.Insert(inserts, claims, _node));
        }

        if (inserts.Where(e => e.ResponseStatus == 429).ToList() is { Count: > 0 } refused)
        {
            batch.BatchCommands.Add(ExecutionRows.CountRefusals(refused));
        }

        if (finishes.Count > 0)
        {
            batch.BatchCommands.Add(ExecutionRows.Finish(finishes));
        }

        if (finishes.Concat(inserts).Where(ExecutionRows.StoresResponses).ToList() is { Count: > 0 } answered)
        {
            batch.BatchCommands.Add(ExecutionRows.InsertResponses(answered));
        }

        AddDecisions(batch, [.. rows.Where(r => r.Decision is not null).Select(r => r.Decision!)], claims);
        await using (var reader = await batch.ExecuteReaderAsync(ct))
        {
            if (claims.Any)
            {
                await claims.ReadAsync(reader, ct);
            }

            while (await reader.NextResultAsync(ct))
            {
                // A refusal of a later statement is thrown when its result is reached.
            }
        }

        await claims.FindHoldersAsync(connection, ct);
    }

    private void AddDecisions(NpgsqlBatch batch, IReadOnlyList<Decision> decisions, InboxClaims claims)
    {
        foreach (var ofScreen in decisions.GroupBy(d => d.Screen))
        {
            if (ofScreen.Key.Count([.. ofScreen.Select(d => d.Ruling)], claims) is { } count)
            {
                batch.BatchCommands.Add(count);
            }
        }

        if (decisions.Where(d => d.Item is not null).Select(d => d.Item!).ToList() is { Count: > 0 } items)
        {
            batch.BatchCommands.Add(_outbox.Insert(items, claims));
        }
    }

    private sealed class Recording
    {
        public IReadOnlyList<Execution> Inserts { get; init; } = [];

        public Execution? Finish { get; init; }

        public InboxClaim? Claim { get; init; }

        public Decision? Decision { get; init; }
    }
}
