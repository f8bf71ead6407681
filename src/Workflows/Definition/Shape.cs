using Rookery.Workflows.Nodes;

namespace Rookery.Workflows.Definition;

/// <summary>Checks how the nodes of a graph hang together, and notes for each what it reaches.</summary>
internal static class Shape
{
    private const int MaxNesting = 10;
    private const int DeepPath = 10;

    public static void Check(Graph graph, Findings findings)
    {
        var states = new State[graph.Nodes.Count];
        foreach (var node in graph.Nodes)
        {
            if (!Visit(node, states, findings))
            {
                return;
            }
        }

        foreach (var loop in graph.Nodes.Where(n => n.Node is LoopNode))
        {
            CheckBody(graph, loop, findings);
        }

        CheckBreaks(graph, findings);
        CheckNesting(graph, findings);
        Warn(graph, findings);
    }

    /// <summary>A walk over everything behind the node, which fills in what it reaches.</summary>
    /// <returns>False when there is a circle.</returns>
    private static bool Visit(GraphNode node, State[] states, Findings findings)
    {
        if (states[node.Index] == State.Done)
        {
            return true;
        }

        if (states[node.Index] == State.UnderWay)
        {
            findings.Error("circle", "A path leads back here. Use a loop node: what follows its port body is repeated without a way back.", node.Key);
            return false;
        }

        states[node.Index] = State.UnderWay;
        foreach (var next in node.Next.Values.SelectMany(n => n))
        {
            if (!Visit(next, states, findings))
            {
                return false;
            }

            node.Reach |= next.Reach | Bit(next);
        }

        states[node.Index] = State.Done;
        return true;
    }

    private static UInt128 Bit(GraphNode node) => UInt128.One << node.Index;

    /// <summary>The nodes that follow a loop's port body.</summary>
    private static UInt128 Body(GraphNode loop) =>
        loop.Behind(Ports.Body).Aggregate(UInt128.Zero, (all, n) => all | n.Reach | Bit(n));

    private static void CheckBody(Graph graph, GraphNode loop, Findings findings)
    {
        var body = Body(loop);
        var outside = graph.Nodes
            .Where(n => (body & Bit(n)) == 0)
            .SelectMany(n => n.Next.Where(p => n != loop || p.Key != Ports.Body).SelectMany(p => p.Value))
            .FirstOrDefault(n => (body & Bit(n)) != 0);
        if (outside is not null)
        {
            findings.Error(
                "body_is_shared", $"{outside.Key} follows the port body of {loop.Key} and also something else. What is to come after the loop belongs behind its port done.", outside.Key);
        }
    }

    private static void CheckBreaks(Graph graph, Findings findings)
    {
        var inBodies = graph.Nodes.Where(n => n.Node is LoopNode).Aggregate(UInt128.Zero, (all, n) => all | Body(n));
        foreach (var node in graph.Nodes.Where(n => n.Node is BreakNode && (inBodies & Bit(n)) == 0))
        {
            findings.Error("no_loop", "There is no loop around this; put it behind the port body of one.", node.Key);
        }
    }

    private static void CheckNesting(Graph graph, Findings findings)
    {
        var bodies = graph.Nodes.Where(n => n.Node is LoopNode).Select(n => (Loop: n, Body: Body(n))).ToList();
        foreach (var (loop, _) in bodies.Where(b => bodies.Count(o => (o.Body & Bit(b.Loop)) != 0) >= MaxNesting))
        {
            findings.Error("too_deep", $"Loops may be at most {MaxNesting} deep in one another.", loop.Key);
        }
    }

    private static void Warn(Graph graph, Findings findings)
    {
        var reached = graph.Trigger.Reach | Bit(graph.Trigger);
        foreach (var node in graph.Nodes.Where(n => (reached & Bit(n)) == 0))
        {
            findings.Warn("unreachable", "No path from the trigger comes here.", node.Key);
        }

        if (graph.Trigger.Next.Count == 0)
        {
            findings.Warn("nothing_follows", "Nothing follows the trigger, so a run does nothing.", graph.Trigger.Key);
        }
        else if (!graph.Nodes.Any(n => (reached & Bit(n)) != 0 && n.Node is EndNode or StopNode))
        {
            findings.Warn("no_end", "No path comes to an end node; runs end where their paths end, and give out nothing.", graph.Trigger.Key);
        }

        if (Depth(graph.Trigger, []) is > DeepPath and var depth)
        {
            findings.Warn("long_path", $"The longest path has {depth} nodes; more than {DeepPath} are hard to follow.", graph.Trigger.Key);
        }
    }

    private static int Depth(GraphNode node, Dictionary<GraphNode, int> known) => known.TryGetValue(node, out var depth)
        ? depth
        : known[node] = 1 + node.Next.Values.SelectMany(n => n).Select(n => Depth(n, known)).DefaultIfEmpty().Max();

    private enum State
    {
        Unseen,
        UnderWay,
        Done,
    }
}
