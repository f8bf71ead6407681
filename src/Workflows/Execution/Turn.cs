using Rookery.Workflows.Definition;

namespace Rookery.Workflows.Execution;

/// <summary>One turn of one node in a run.</summary>
/// <param name="Sequence">From 1, in the order in which turns come up; the same again when a run is resumed.</param>
/// <param name="Loop">Of a loop node: the rounds so far.</param>
internal sealed record Turn(int Sequence, GraphNode Node, Frame Frame, Loop? Loop = null)
{
    public override string ToString() => $"{Sequence} {Node.Key}{(Frame.Path.Length == 0 ? "" : $" in {Frame.Path}")}";
}

/// <summary>How a run ended.</summary>
/// <param name="Status">success, failed or cancelled.</param>
/// <param name="Node">Where it failed.</param>
internal sealed record RunEnd(string Status, string? Code = null, string? Error = null, string? Node = null);
