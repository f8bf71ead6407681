using Microsoft.Extensions.Logging;
using Npgsql;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;
using Rookery.Kernel.Expressions;
using Rookery.Workflows.Nodes;
using Node = Rookery.Kernel.Data.Node;

namespace Rookery.Workflows.Execution;

/// <summary>What is to be made durable of one run, all of it or nothing.</summary>
/// <param name="Fence">As this node took the run; a node that has lost it writes nothing.</param>
internal sealed record JournalEntry(Guid Execution, Guid Workflow, int Fence, IReadOnlyList<NodeRow> Rows, IReadOnlyList<OutboxItem> Outbox, DateTimeOffset At)
    : IJournalLine
{
    public RunEnd? End { get; init; }

    public Value Output { get; init; } = Value.EmptyObject;

    public int Retries { get; init; }

    /// <summary>The run sleeps until then, and no node has it meanwhile.</summary>
    public DateTimeOffset? WakeAt { get; init; }
}

/// <summary>Something to be written by the <see cref="Journal"/>.</summary>
internal interface IJournalLine;

/// <summary>
/// Writes that runs begin and what they did, in group commits: see <see cref="BatchWriter{T}"/>. All in one, so that a run which ends
/// shares its commit with one that begins.
/// </summary>
internal sealed class Journal : IAsyncDisposable
{
    /// <summary>SQLSTATE of a write of a node that has lost the run.</summary>
    public const string Lost = "RK001";

    private readonly BatchWriter<IJournalLine> _writer;
    private readonly Outbox _outbox;
    private readonly Node _node;

    public Journal(Database db, Outbox outbox, Node node, ILogger<Journal> log)
    {
        _outbox = outbox;
        _node = node;
        _writer = new BatchWriter<IJournalLine>(db, WriteAsync, log, syncApart: true);
    }

    /// <summary>Completes when it is committed, or it is known that there will be none; the row then says which.</summary>
    public Task WriteAsync(StartRow row) => _writer.WriteAsync(row);

    /// <summary>Completes when it is committed.</summary>
    /// <exception cref="RunLostException">Another node has taken the run over, or it was ended.</exception>
    public async Task WriteAsync(JournalEntry entry)
    {
        try
        {
            await _writer.WriteAsync(entry);
        }
        catch (PostgresException e) when (e.SqlState == Lost)
        {
            throw new RunLostException(entry.Execution);
        }
    }

    /// <summary>The same for one row, in a transaction that does more.</summary>
    /// <exception cref="RunLostException">Another node has taken the run over, or it was ended.</exception>
    public static async Task WriteAsync(Transaction transaction, RunInfo run, int fence, NodeRow row, DateTimeOffset at, CancellationToken ct)
    {
        var ours = await transaction.ExecuteAsync(
            $"update workflows.workflow_executions set updated_at = {at} where execution_id = {run.ExecutionId} and fence = {fence} and status = 'running'", ct);
        if (ours == 0)
        {
            throw new RunLostException(run.ExecutionId);
        }

        await transaction.ExecuteAsync(
            $"""
            insert into workflows.workflow_node_executions (node_execution_id, execution_id, workflow_id, sequence, completion, node_id, node_type,
                path, status, input_variables, output_variables, output_port, started_at, completed_at, duration_ms, error_message, result_data,
                created_at)
            values ({Guid.CreateVersion7(at)}, {run.ExecutionId}, {run.WorkflowId}, {row.Sequence}, {row.Completion}, {row.Node}, {row.Type},
                {row.Path}, {row.Status}, {row.Inputs.ToJson()}::jsonb, {row.Outputs.ToJson()}::jsonb, {row.Port}, {row.StartedAt}, {row.CompletedAt},
                {(long)(at - row.StartedAt!.Value).TotalMilliseconds}, {row.Error}, {(row.Data.IsNull ? null : row.Data.ToJson())}::jsonb, {at})
            """,
            ct);
    }

    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    private async Task WriteAsync(NpgsqlConnection connection, IReadOnlyList<IJournalLine> lines, CancellationToken ct)
    {
        var (starts, entries) = (new List<StartRow>(lines.Count), new List<JournalEntry>(lines.Count));
        for (var i = 0; i < lines.Count; i++)
        {
            if (lines[i] is StartRow start)
            {
                starts.Add(start);
            }
            else
            {
                entries.Add((JournalEntry)lines[i]);
            }
        }

        // Ends first: they make room for starts.
        await using var batch = new NpgsqlBatch(connection);
        AddProgress(batch, entries);
        if (starts.Count > 0)
        {
            batch.BatchCommands.Add(Starts.Insert(starts, _node.Id));
        }

        await using (var reader = await batch.ExecuteReaderAsync(ct))
        {
            // Of the others only the first gives something back.
            if (entries.Count > 0)
            {
                await reader.NextResultAsync(ct);
            }

            await Starts.ReadAsync(reader, starts, ct);
        }

        if (starts.Where(r => r is { Outcome: StartOutcome.Refused or StartOutcome.Full, Start.Key: not null }).ToList() is { Count: > 0 } missing)
        {
            await Starts.FindAsync(connection, missing, ct);
        }
    }

    private void AddProgress(NpgsqlBatch batch, List<JournalEntry> entries)
    {
        if (entries.Count == 0)
        {
            return;
        }

        batch.BatchCommands.Add(Progress.Runs(entries));
        if (entries.Exists(e => e.Rows.Count > 0))
        {
            batch.BatchCommands.Add(Progress.Nodes(entries));
        }

        if (entries.SelectMany(e => e.Outbox).ToList() is { Count: > 0 } items)
        {
            batch.BatchCommands.Add(_outbox.Insert(items));
        }
    }
}

/// <summary>This node may not go on with a run: another one has it, or it was ended.</summary>
internal sealed class RunLostException(Guid execution) : Exception($"Run {execution} is not this node's any more.");
