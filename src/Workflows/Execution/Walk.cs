using Rookery.Kernel.Expressions;
using Rookery.Workflows.Definition;
using Rookery.Workflows.Nodes;

namespace Rookery.Workflows.Execution;

/// <summary>
/// The way of a run through its graph: which nodes are at work, what comes next when one is done, and when the run has ended.
/// It knows no clock, no database and no node's work; the same results in the same order lead the same way again, which is
/// how a run is resumed.
/// </summary>
internal sealed partial class Walk
{
    private readonly Graph _graph;
    private readonly int _maxTurns;
    private readonly Queue<Turn> _ready = new();
    private readonly Dictionary<int, Turn> _open = [];
    private readonly List<Turn> _skipped = [];
    private int _sequence;

    /// <param name="variables">What the run begins with.</param>
    /// <param name="maxTurns">More turns of nodes than this fail the run.</param>
    public Walk(Graph graph, Value variables, int maxTurns = 1000)
    {
        (_graph, _maxTurns) = (graph, maxTurns);
        Root = Frame.OfRun(variables);
        Enter(graph.Trigger, Root);
    }

    public Frame Root { get; }

    /// <summary>Turns that were taken or are to be taken, and have no result yet.</summary>
    public IReadOnlyDictionary<int, Turn> UnderWay => _open;

    /// <summary>Forks whose branches are under way and must be through in time.</summary>
    public List<Fork> Forks { get; } = [];

    /// <summary>What the run gives out.</summary>
    public Value Output { get; private set; } = Value.EmptyObject;

    /// <summary>Failures that ended a path only.</summary>
    public List<(string Node, NodeError Error)> Failures { get; } = [];

    public RunEnd? End { get; private set; }

    /// <summary>The next turn to take; null when all that is left is waited for, or the run has ended.</summary>
    public Turn? Take()
    {
        while (_ready.TryDequeue(out var turn))
        {
            if (_open.ContainsKey(turn.Sequence))
            {
                return turn;
            }
        }

        return null;
    }

    /// <summary>Turns that came up and are not taken, or were given up: of nodes that are off, of branches that lost.</summary>
    public IReadOnlyList<Turn> TakeSkipped()
    {
        if (_skipped.Count == 0)
        {
            return [];
        }

        IReadOnlyList<Turn> skipped = [.. _skipped];
        _skipped.Clear();
        return skipped;
    }

    /// <summary>A turn has its result. What was given up meanwhile has none any more.</summary>
    public void Complete(Turn turn, NodeResult result)
    {
        if (End is not null || !_open.Remove(turn.Sequence))
        {
            return;
        }

        if (result.Error is { } error)
        {
            Fail(turn, error);
        }
        else if (result.Stop is { } status)
        {
            Stop(new RunEnd(status, Error: status == "failed" ? result.Data["reason"].ToText() : null, Node: status == "failed" ? turn.Node.Key : null));
        }
        else
        {
            Follow(turn, result);
            Leave(turn.Frame);
        }

        Settle();
    }

    /// <summary>Ends the run; what is under way is given up.</summary>
    public void Stop(RunEnd end)
    {
        if (End is null)
        {
            GiveUp(_ => true);
            End = end;
        }
    }

    /// <summary>Ends those branches that are not through. What has come to a merge goes on, as long as it likes.</summary>
    public void Expire(Fork fork)
    {
        if (End is not null || !Forks.Remove(fork))
        {
            return;
        }

        fork.IsRace = false;
        foreach (var branch in fork.Branches.Where(b => !b.IsClosed && !IsAtMeeting(b)).ToList())
        {
            Drop(branch);
        }

        Settle();
    }

    private void Follow(Turn turn, NodeResult result)
    {
        var frame = turn.Frame;
        (result.Scope == VariableScope.Workflow ? Root : frame).Set(turn.Node.Node is LoopNode ? Value.EmptyObject : result.Outputs);
        foreach (var (name, value) in result.Final.Members)
        {
            Output = Output.With(name, value);
        }

        if (turn.Loop is { } loop)
        {
            FollowLoop(loop, result);
        }
        else if (result.Branches is { } ports)
        {
            Branch(turn, ports);
        }
        else if (result.Port is { } port)
        {
            if (turn.Node.Node is BreakNode && port == Ports.Break)
            {
                Break(frame);
            }

            EnterAll(turn.Node, port, frame);
        }
    }

    private void Branch(Turn turn, IReadOnlyList<string> ports)
    {
        var fork = new Fork(turn.Node, turn.Sequence) { IsRace = turn.Node.Node is ParallelNode { ExecutionType: ParallelNode.AnyFirst } };
        Forks.Add(fork);
        for (var i = 0; i < ports.Count; i++)
        {
            var branch = turn.Frame.Branch(fork, i + 1, ports[i]);
            fork.Branches.Add(branch);
            turn.Frame.Live++;
            branch.Live++;
        }

        if (fork.IsRace)
        {
            _races.Add(fork);
        }

        foreach (var branch in fork.Branches)
        {
            EnterAll(turn.Node, ports[branch.Number - 1], branch);
        }

        foreach (var branch in fork.Branches.Where(b => !b.IsClosed).ToList())
        {
            // A branch in which nothing began cannot win.
            Leave(branch, isEmpty: branch.Live == 1);
        }
    }

    private void Fail(Turn turn, NodeError error)
    {
        var (node, frame) = (turn.Node, turn.Frame);
        if (node.Behind(Ports.Error).Count > 0)
        {
            frame.Set(Value.Object(("error", Value.Object(("code", error.Code), ("message", error.Message), ("node", node.Key)))));
            EnterAll(node, Ports.Error, frame);
            Leave(frame);
        }
        else if (_graph.Settings.ContinueOnError)
        {
            Failures.Add((node.Key, error));
            Leave(frame);
        }
        else
        {
            Stop(new RunEnd("failed", error.Code, error.Message, node.Key));
        }
    }

    private void EnterAll(GraphNode node, string port, Frame frame)
    {
        foreach (var next in node.Behind(port))
        {
            Enter(next, frame);
        }
    }

    private void Enter(GraphNode node, Frame frame)
    {
        if (!node.IsEnabled)
        {
            _skipped.Add(new Turn(++_sequence, node, frame));
        }
        else if (node.Node is MergeNode)
        {
            frame.Live++;
            Arrive(node, frame);
        }
        else
        {
            Open(node, frame, node.Node is LoopNode ? new Loop(node, frame) : null);
        }
    }

    private void Open(GraphNode node, Frame frame, Loop? loop)
    {
        if (End is not null)
        {
            return;
        }

        frame.Live++;
        var turn = new Turn(++_sequence, node, frame, loop);
        _open.Add(turn.Sequence, turn);
        _ready.Enqueue(turn);
        if (_sequence > _maxTurns)
        {
            Stop(new RunEnd("failed", "too_many_nodes", $"The run took more than {_maxTurns} turns of nodes; a loop may go on for ever.", node.Key));
        }
    }

    /// <summary>Something in the frame is over; when nothing is left, so is the frame.</summary>
    private void Leave(Frame frame, bool isEmpty = false)
    {
        frame.Live--;
        if (frame.Live > 0 || frame.IsClosed || End is not null)
        {
            return;
        }

        frame.IsClosed = true;
        if (frame.Parent is not { } parent)
        {
            End = new RunEnd("success");
            return;
        }

        if (frame.Loop is { } loop)
        {
            NextRound(loop);
        }
        else if (frame.Fork is { IsRace: true } race && !isEmpty)
        {
            Win(race, frame);
        }

        Leave(parent);
    }

    private void GiveUp(Func<Frame, bool> isIn)
    {
        foreach (var turn in _open.Values.Where(t => isIn(t.Frame)).OrderBy(t => t.Sequence).ToList())
        {
            _open.Remove(turn.Sequence);
            _skipped.Add(turn);
        }
    }
}
