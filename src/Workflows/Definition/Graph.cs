using System.Collections.Frozen;
using Rookery.Kernel.Expressions;
using Rookery.Workflows.Nodes;

namespace Rookery.Workflows.Definition;

/// <summary>One node with what follows it.</summary>
internal sealed class GraphNode(string key, int index, NodeType type, string label, bool isEnabled, Node node)
{
    public string Key => key;

    /// <summary>Its place among the nodes, from 0.</summary>
    public int Index => index;

    public NodeType Type => type;

    public string Label => label;

    public bool IsEnabled => isEnabled;

    public Node Node => node;

    /// <summary>The nodes behind each port; a port nothing is connected to is not in it.</summary>
    public FrozenDictionary<string, IReadOnlyList<GraphNode>> Next { get; set; } = FrozenDictionary<string, IReadOnlyList<GraphNode>>.Empty;

    /// <summary>The nodes that paths from here can come to, as bits by their index. It itself is not among them.</summary>
    public UInt128 Reach { get; set; }

    public bool CanReach(GraphNode other) => (Reach & (UInt128.One << other.Index)) != 0;

    public IReadOnlyList<GraphNode> Behind(string port) => Next.GetValueOrDefault(port) ?? [];
}

/// <summary>
/// A definition made ready to run. It has no circles, one trigger, and bodies of loops that nothing enters or leaves but the
/// loop. It never changes, and all runs of a version share it.
/// </summary>
/// <param name="UsesGlobals">Some node asks for <c>global</c>.</param>
internal sealed record Graph(
    IReadOnlyList<GraphNode> Nodes, GraphNode Trigger, Value GlobalVariables, RunSettings Settings, bool UsesGlobals)
{
    public const int MaxNodes = 100;
    public const int MaxConnections = 400;

    public TriggerNode TriggerNode => (TriggerNode)Trigger.Node;
}
