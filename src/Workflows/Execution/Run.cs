using Rookery.Kernel.Delivery;
using Rookery.Kernel.Expressions;
using Rookery.Workflows.Definition;
using Rookery.Workflows.Nodes;

namespace Rookery.Workflows.Execution;

/// <summary>One run this node has at work. Only its runner changes it, one thing after another.</summary>
internal sealed class Run(RunInfo info, Published workflow, int fence, Value variables, int maxTurns)
{
    private readonly TaskCompletionSource<RunEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    public RunInfo Info => info;

    public Published Workflow => workflow;

    public int Fence => fence;

    public Walk Walk { get; } = new(workflow.Graph, variables, maxTurns);

    /// <summary>Cancelled when somebody wants the run to end.</summary>
    public CancellationTokenSource Cancellation { get; } = new();

    /// <summary>Rows, and what is to be sent, that are not written yet.</summary>
    public List<NodeRow> Rows { get; private set; } = [];

    public List<OutboxItem> Outbox { get; private set; } = [];

    /// <summary>Delays under way, by turn.</summary>
    public Dictionary<Turn, (DateTimeOffset Until, DateTimeOffset Since)> Asleep { get; } = [];

    /// <summary>Calls under way.</summary>
    public List<Task<CallEnd>> Calls { get; } = [];

    /// <summary>Calls whose intents are to be written before they begin.</summary>
    public List<PreparedCall> Prepared { get; } = [];

    private readonly Dictionary<Fork, (DateTimeOffset Deadline, NodeRow Row)> _forks = [];

    /// <summary>When the branches of a fork must be through.</summary>
    public DateTimeOffset Deadline(Fork fork) => _forks[fork].Deadline;

    /// <summary>A turn has its result.</summary>
    /// <param name="row">Tells of it.</param>
    public void Complete(Turn turn, NodeResult result, NodeRow row, DateTimeOffset at)
    {
        Walk.Complete(turn, result);
        if (result.Branches is not null && Walk.Forks.Find(f => f.Sequence == turn.Sequence) is { } fork)
        {
            _forks[fork] = (at + fork.Timeout, row);
        }
    }

    /// <summary>The time of branches is over. The row of their fork says after which completion, so that the run goes the same way again.</summary>
    public void Expire(Fork fork)
    {
        NoteLast(_forks[fork].Row.Expired(++Completions));
        Walk.Expire(fork);
    }

    /// <summary>Notes a row that counts instead of an unwritten one of its turn: a statement writes a row once.</summary>
    public void NoteLast(NodeRow row)
    {
        Rows.RemoveAll(r => r.Sequence == row.Sequence);
        Rows.Add(row);
    }

    public int Completions { get; set; }

    public int Retries { get; set; }

    /// <summary>Completes when the end is durable; is cancelled when this node does not bring the run to its end.</summary>
    public Task<RunEnd> Ended => _ended.Task;

    public ulong Seed(Turn turn) => (ulong)info.ExecutionId.GetHashCode() << 32 | (uint)turn.Sequence;

    /// <summary>The key under which a turn's effect is done once.</summary>
    public string Key(Turn turn) => $"workflow:{info.ExecutionId:N}:{turn.Sequence.ToString(System.Globalization.CultureInfo.InvariantCulture)}";

    public (IReadOnlyList<NodeRow> Rows, IReadOnlyList<OutboxItem> Outbox) TakeUnwritten()
    {
        var taken = (Rows, Outbox);
        (Rows, Outbox) = ([], []);
        return taken;
    }

    public void SetEnded(RunEnd end) => _ended.TrySetResult(end);

    public void SetLeft() => _ended.TrySetCanceled(CancellationToken.None);
}

internal sealed record PreparedCall(Turn Turn, CallNode Node, Call Call, DateTimeOffset Since);

internal sealed record CallEnd(Turn Turn, NodeResult Result, int Attempts, DateTimeOffset Since);
