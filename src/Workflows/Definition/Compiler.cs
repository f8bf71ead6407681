using System.Collections.Frozen;
using System.Text.Json;
using System.Text.RegularExpressions;
using NodaTime;
using Rookery.Kernel.Expressions;
using Rookery.Kernel.Web;
using Rookery.Workflows.Nodes;

namespace Rookery.Workflows.Definition;

/// <summary>Makes a graph of a definition, or says what is wrong with it, all at once and each with its node.</summary>
internal static partial class Compiler
{
    private const int MaxLabel = 255;

    /// <returns>Null for the graph when there are errors.</returns>
    public static (Graph? Graph, IReadOnlyList<Finding> Findings) Compile(WorkflowDocument document)
    {
        var findings = new Findings();
        var settings = Check(document.Settings ?? RunSettings.Default, findings);
        var globals = Globals(document.GlobalVariables, findings);
        var names = new HashSet<string>(StringComparer.Ordinal);
        var nodes = Nodes(document, settings, findings, names);
        Connect(document.Connections ?? [], nodes, findings);
        var trigger = Trigger(nodes.Values, findings);
        if (findings.HasErrors || trigger is null)
        {
            return (null, findings.All);
        }

        var graph = new Graph([.. nodes.Values], trigger, globals, settings, names.Contains(VariableSetNode.Global));
        Shape.Check(graph, findings);
        return (findings.HasErrors ? null : graph, findings.All);
    }

    private static RunSettings Check(RunSettings settings, Findings findings)
    {
        var binder = new Binder("", findings, settings);
        binder.Ranges(settings);
        binder.OneOf("queue_policy", settings.QueuePolicy, QueuePolicies.All)
            .That(DateTimeZoneProviders.Tzdb.GetZoneOrNull(settings.Timezone) is not null, "timezone", "unknown_zone", "must be an IANA zone such as Europe/Berlin.");
        return settings;
    }

    private static Value Globals(JsonElement? globals, Findings findings)
    {
        if (globals is not { ValueKind: not JsonValueKind.Null } given)
        {
            return Value.EmptyObject;
        }

        if (given.ValueKind == JsonValueKind.Object && StorableJson.Is(given) && given.GetRawText().Length <= 64 * 1024)
        {
            return Value.Parse(given);
        }

        findings.Error("bad_globals", "must be an object of at most 64 KiB, without U+0000.", field: "global_variables");
        return Value.EmptyObject;
    }

    private static Dictionary<string, GraphNode> Nodes(WorkflowDocument document, RunSettings settings, Findings findings, HashSet<string> names)
    {
        var made = new Dictionary<string, GraphNode>(StringComparer.Ordinal);
        if (document.Nodes is not { Count: > 0 and <= Graph.MaxNodes } nodes)
        {
            findings.Error("node_count", $"A workflow needs 1 to {Graph.MaxNodes} nodes.", field: "nodes");
            return made;
        }

        foreach (var (key, node) in nodes)
        {
            if (Node(key, node, made.Count, settings, findings, names) is { } compiled)
            {
                made.Add(key, compiled);
            }
        }

        return made;
    }

    private static GraphNode? Node(string key, NodeDocument? node, int index, RunSettings settings, Findings findings, HashSet<string> names)
    {
        if (!Key().IsMatch(key))
        {
            findings.Error("bad_key", "A node's key must have 1 to 64 letters, digits, - and _.", key);
        }

        if (node is null || NodeTypes.Find(node.Type) is not { } type)
        {
            findings.Error("unknown_type", $"There is no type {node?.Type}; there are {string.Join(", ", NodeTypes.All.Select(t => t.Name))}.", key, "type");
            return null;
        }

        if (string.IsNullOrWhiteSpace(node.Label) || node.Label.Length > MaxLabel)
        {
            findings.Error("bad_label", $"needs 1 to {MaxLabel} characters that say what the node is for.", key, "label");
        }

        if (node.Position is not { X: { } x, Y: { } y } || !double.IsFinite(x) || !double.IsFinite(y))
        {
            findings.Error("bad_position", "needs the numbers x and y.", key, "position");
        }

        var binder = new Binder(key, findings, settings);
        if (Read(type, node.Config, key, findings) is not { } read)
        {
            return null;
        }

        binder.Ranges(read);
        read.Bind(binder);
        names.UnionWith(binder.Names);
        if (read is VariableSetNode { IsGlobal: true })
        {
            names.Add(VariableSetNode.Global);
        }

        return new GraphNode(key, index, type, node.Label ?? key, node.Enabled, read);
    }

    private static Node? Read(NodeType type, JsonElement? config, string key, Findings findings)
    {
        try
        {
            return (Node?)(config is { ValueKind: not JsonValueKind.Null } given ? given : JsonElement.Parse("{}")).Deserialize(type.Json);
        }
        catch (JsonException e)
        {
            findings.Error("bad_config", $"{type.Name} cannot read this: {e.Message}", key, e.Path?.TrimStart('$', '.'));
            return null;
        }
    }

    private static void Connect(IReadOnlyList<ConnectionDocument?> connections, Dictionary<string, GraphNode> nodes, Findings findings)
    {
        if (connections.Count > Graph.MaxConnections)
        {
            findings.Error("connection_count", $"At most {Graph.MaxConnections} connections are allowed.", field: "connections");
            return;
        }

        var next = new Dictionary<(string Node, string Port), List<GraphNode>>();
        var ids = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < connections.Count; i++)
        {
            if (Check(connections[i], $"connections[{i}]", nodes, ids, findings) is { } to && connections[i] is { Enabled: true } connection)
            {
                var key = (connection.From!, connection.FromPort!);
                var behind = next.TryGetValue(key, out var known) ? known : next[key] = [];
                if (!behind.Contains(to))
                {
                    behind.Add(to);
                }
            }
        }

        foreach (var node in nodes.Values)
        {
            node.Next = next.Where(n => n.Key.Node == node.Key)
                .ToFrozenDictionary(n => n.Key.Port, n => (IReadOnlyList<GraphNode>)n.Value, StringComparer.Ordinal);
        }
    }

    /// <returns>The node it enters; null when it is not right.</returns>
    private static GraphNode? Check(
        ConnectionDocument? connection, string field, Dictionary<string, GraphNode> nodes, HashSet<string> ids, Findings findings)
    {
        if (connection?.Id is not { Length: > 0 and <= 100 } id || !ids.Add(id))
        {
            findings.Error("bad_id", "needs an id of its own, of 1 to 100 characters.", field: $"{field}.id");
        }

        if (connection?.From is null || !nodes.TryGetValue(connection.From, out var from))
        {
            findings.Error("unknown_node", $"There is no node {connection?.From}.", field: $"{field}.from");
            return null;
        }

        if (connection.To is null || !nodes.TryGetValue(connection.To, out var to))
        {
            findings.Error("unknown_node", $"There is no node {connection.To}.", from.Key, $"{field}.to");
            return null;
        }

        if (connection.FromPort is null || !from.Node.Ports.Contains(connection.FromPort, StringComparer.Ordinal))
        {
            findings.Error(
                "unknown_port",
                from.Node.Ports.Count == 0 ? "Nothing follows a node of this type." : $"There is no port {connection.FromPort}; there are {string.Join(", ", from.Node.Ports)}.",
                from.Key,
                $"{field}.from_port");
            return null;
        }

        if ((connection.ToPort ?? Ports.In) != Ports.In || to.Type.IsTrigger)
        {
            findings.Error("unknown_port", to.Type.IsTrigger ? "Nothing comes before a trigger." : "Paths enter by the port in.", to.Key, $"{field}.to_port");
            return null;
        }

        return to;
    }

    private static GraphNode? Trigger(IEnumerable<GraphNode> nodes, Findings findings)
    {
        var triggers = nodes.Where(n => n is { IsEnabled: true, Type.IsTrigger: true }).ToList();
        if (triggers.Count == 1)
        {
            return triggers[0];
        }

        findings.Error(
            "one_trigger",
            triggers.Count == 0 ? "Something must start the workflow: add a trigger." : "Only one trigger may be enabled; make a workflow of its own for each other one.",
            triggers.Count == 0 ? null : triggers[1].Key,
            "nodes");
        return null;
    }

    [GeneratedRegex("^[A-Za-z0-9_-]{1,64}$", RegexOptions.NonBacktracking)]
    private static partial Regex Key();
}
