using System.Globalization;
using Rookery.Kernel.Expressions;
using Rookery.Workflows.Definition;

namespace Rookery.Workflows.Execution;

/// <summary>
/// A part of a run with variables of its own: the run itself, one round of a loop, or one branch. It is done with when
/// nothing in it is under way any more.
/// </summary>
internal sealed class Frame : INames
{
    private Frame(Frame? parent, string path, Value variables) => (Parent, Path, Variables) = (parent, path, variables);

    public Frame? Parent { get; }

    /// <summary>Where it is in the run, such as <c>each[3]/fork.branch_2</c>; empty for the run itself.</summary>
    public string Path { get; }

    public Value Variables { get; set; }

    /// <summary>The loop this is a round of; null for the others.</summary>
    public Loop? Loop { get; private init; }

    /// <summary>The branches this is one of; null for the others.</summary>
    public Fork? Fork { get; private init; }

    /// <summary>Of a branch: which.</summary>
    public int Number { get; private init; }

    /// <summary>Nodes at work or waiting in it, and frames in it that are not done with.</summary>
    public int Live { get; set; }

    /// <summary>It is done with, or what it is in is.</summary>
    public bool IsClosed
    {
        get => field || Parent is { IsClosed: true };
        set;
    }

    /// <summary>What a merge waits within: branches are one place, rounds are not.</summary>
    public Frame Scope => Fork is null ? this : Parent!.Scope;

    public static Frame OfRun(Value variables) => new(null, "", variables);

    public Frame Round(Loop loop, int index, Value variables) =>
        new(this, Below($"{loop.Node.Key}[{index.ToString(CultureInfo.InvariantCulture)}]"), variables) { Loop = loop };

    public Frame Branch(Fork fork, int number, string port) =>
        new(this, Below($"{fork.Node.Key}.{port}"), Value.EmptyObject) { Fork = fork, Number = number };

    public bool TryGet(string name, out Value value)
    {
        for (var frame = this; frame is not null; frame = frame.Parent)
        {
            if (frame.Variables.TryGet(name, out value))
            {
                return true;
            }
        }

        value = default;
        return false;
    }

    public void Set(Value variables)
    {
        foreach (var (name, value) in variables.Members)
        {
            Variables = Variables.With(name, value);
        }
    }

    public bool IsWithin(Frame other)
    {
        for (var frame = this; frame is not null; frame = frame.Parent)
        {
            if (frame == other)
            {
                return true;
            }
        }

        return false;
    }

    private string Below(string step) => Path.Length == 0 ? step : $"{Path}/{step}";
}

/// <summary>A loop under way, between its first round and its last.</summary>
internal sealed class Loop(GraphNode node, Frame frame)
{
    public GraphNode Node => node;

    public Frame Frame => frame;

    public Nodes.LoopState State { get; set; } = Nodes.LoopState.Start;

    /// <summary>No round comes after this one.</summary>
    public bool IsBroken { get; set; }
}

/// <summary>Branches that began at one node.</summary>
internal sealed class Fork(GraphNode node, int sequence)
{
    public GraphNode Node => node;

    /// <summary>Of the parallel node's turn.</summary>
    public int Sequence => sequence;

    public List<Frame> Branches { get; } = [];

    /// <summary>Only the first is wanted, and none is through yet.</summary>
    public bool IsRace { get; set; }

    public bool MergesVariables => ((Nodes.ParallelNode)node.Node).MergeResults;

    public TimeSpan Timeout => TimeSpan.FromSeconds(((Nodes.ParallelNode)node.Node).TimeoutSeconds);
}
