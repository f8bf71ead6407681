using System.Text.Json;
using Rookery.Workflows.Definition;

namespace Rookery.Workflows.Api;

/// <param name="Field">Such as config.message_template.</param>
/// <param name="Old">Null: it was not there.</param>
/// <param name="New">Null: it is not there any more.</param>
internal sealed record FieldChange(string Field, JsonElement? Old, JsonElement? New);

internal sealed record NodeChange(string Node, IReadOnlyList<FieldChange> Fields);

/// <summary>What one version has that another has not.</summary>
internal sealed record WorkflowDiff(
    int From, int To, IReadOnlyList<string> NodesAdded, IReadOnlyList<string> NodesRemoved, IReadOnlyList<NodeChange> NodesChanged,
    IReadOnlyList<ConnectionDocument> ConnectionsAdded, IReadOnlyList<ConnectionDocument> ConnectionsRemoved, IReadOnlyList<FieldChange> GlobalVariables,
    IReadOnlyList<FieldChange> Settings)
{
    public static WorkflowDiff Of(int from, int to, WorkflowDocument old, WorkflowDocument now)
    {
        var (before, after) = (Nodes(old), Nodes(now));
        var changed = from key in before.Keys.Intersect(after.Keys, StringComparer.Ordinal)
                      let fields = Changes(before[key], after[key])
                      where fields.Count > 0
                      select new NodeChange(key, fields);
        var (links, newLinks) = (Links(old), Links(now));
        return new(
            from,
            to,
            [.. after.Keys.Except(before.Keys, StringComparer.Ordinal)],
            [.. before.Keys.Except(after.Keys, StringComparer.Ordinal)],
            [.. changed],
            [.. newLinks.Except(links)],
            [.. links.Except(newLinks)],
            Changes(old.GlobalVariables, now.GlobalVariables),
            Changes(
                JsonSerializer.SerializeToElement(old.Settings ?? RunSettings.Default, WorkflowsJson.Default.RunSettings),
                JsonSerializer.SerializeToElement(now.Settings ?? RunSettings.Default, WorkflowsJson.Default.RunSettings)));
    }

    private static Dictionary<string, JsonElement> Nodes(WorkflowDocument document) => (document.Nodes ?? new Dictionary<string, NodeDocument?>(StringComparer.Ordinal))
        .Where(n => n.Value is not null)
        .ToDictionary(n => n.Key, n => JsonSerializer.SerializeToElement(n.Value!, WorkflowsJson.Default.NodeDocument), StringComparer.Ordinal);

    /// <summary>What they connect is what counts; their ids are names only.</summary>
    private static List<ConnectionDocument> Links(WorkflowDocument document) =>
        [.. (document.Connections ?? []).OfType<ConnectionDocument>().Select(c => c with { Id = null, ToPort = c.ToPort ?? Rookery.Workflows.Nodes.Ports.In })];

    private static List<FieldChange> Changes(JsonElement? old, JsonElement? now)
    {
        var (before, after) = (Flatten(old), Flatten(now));
        return
        [
            .. before.Keys.Union(after.Keys, StringComparer.Ordinal)
                .Select(f => new FieldChange(f, before.TryGetValue(f, out var o) ? o : null, after.TryGetValue(f, out var n) ? n : null))
                .Where(c => c.Old is not { } o || c.New is not { } n || !JsonElement.DeepEquals(o, n)),
        ];
    }

    /// <summary>The values by their paths; lists are values.</summary>
    private static Dictionary<string, JsonElement> Flatten(JsonElement? json)
    {
        var all = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        if (json is { ValueKind: JsonValueKind.Object } root)
        {
            Add(root, "");
        }

        return all;

        void Add(JsonElement element, string path)
        {
            foreach (var property in element.EnumerateObject())
            {
                var field = path.Length == 0 ? property.Name : $"{path}.{property.Name}";
                if (property.Value is { ValueKind: JsonValueKind.Object } inner && inner.GetPropertyCount() > 0)
                {
                    Add(inner, field);
                }
                else
                {
                    all[field] = property.Value;
                }
            }
        }
    }
}
