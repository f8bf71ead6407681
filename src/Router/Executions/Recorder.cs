using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;

namespace Rookery.Router.Executions;

/// <summary>
/// Writes executions in group commits. A row is inserted pending before a handler that may change something runs, and
/// finished after; a handler that changes nothing gets its row inserted finished. The event's claim rides in the same
/// transaction, so a repeated event leaves no second row.
/// </summary>
internal sealed class Recorder : IAsyncDisposable
{
    private readonly BatchWriter<Recording> _writer;
    private readonly Node _node;

    public Recorder(Database db, Node node, IOptions<RouterOptions> options, ILogger<Recorder> log)
    {
        _node = node;
        _writer = new BatchWriter<Recording>(db, FlushAsync, log, writers: options.Value.Writers);
    }

    /// <summary>
    /// Makes the execution durable: inserted in its present state, together with the event's claim if that is still
    /// open.
    /// </summary>
    /// <exception cref="AlreadySeenException">The event was claimed before; the execution was not written.</exception>
    public async Task InsertAsync(Execution execution)
    {
        var recording = new Recording { Insert = execution, Claim = execution.Context.Claim };
        await _writer.WriteAsync(recording);
        if (recording.Claim is { } claim)
        {
            execution.Context.Claim = null;
            if (!claim.IsFirst)
            {
                throw new AlreadySeenException(claim.First);
            }
        }
    }

    /// <summary>Finishes an execution that was inserted pending.</summary>
    public Task FinishAsync(Execution execution) => _writer.WriteAsync(new Recording { Finish = execution });

    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    private async Task FlushAsync(NpgsqlConnection connection, IReadOnlyList<Recording> rows, CancellationToken ct)
    {
        var claims = new InboxClaims([.. rows.Where(r => r.Claim is not null).Select(r => r.Claim!)]);
        var inserts = rows.Where(r => r.Insert is not null).Select(r => r.Insert!).ToList();
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

    private sealed class Recording
    {
        public Execution? Insert { get; init; }

        public Execution? Finish { get; init; }

        public InboxClaim? Claim { get; init; }
    }
}
