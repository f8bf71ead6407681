using System.Collections.Concurrent;
using System.Text.Json;
using Rookery.Kernel.Data;

namespace Rookery.Workflows.Definition;

/// <summary>Versions of workflows, made ready once and kept: a version never changes.</summary>
internal sealed class Definitions(Database db)
{
    private const int Most = 2000;

    private readonly ConcurrentDictionary<(Guid Workflow, int Version), Published> _known = new();

    /// <returns>Null: there is none, or it is not right for this build.</returns>
    public async ValueTask<Published?> FindAsync(Guid workflow, int version, CancellationToken ct)
    {
        if (_known.TryGetValue((workflow, version), out var known))
        {
            return known;
        }

        var rows = await db.Write.ListAsync(
            $"""
            select d.name, d.entity_id, d.community_id, v.nodes::text, v.connections::text, v.global_variables::text, v.settings::text
            from workflows.workflow_versions v join workflows.workflow_definitions d using (workflow_id)
            where v.workflow_id = {workflow} and v.version = {version}
            """,
            r => (Name: r.GetString(0), Entity: r.GetInt64(1), Community: r.GetInt64(2), Document: Document(r.GetString(3), r.GetString(4), r.GetString(5), r.GetString(6))),
            ct);
        if (rows is not [var row] || Compiler.Compile(row.Document).Graph is not { } graph)
        {
            return null;
        }

        if (_known.Count >= Most)
        {
            _known.Clear();
        }

        return _known[(workflow, version)] = new Published(workflow, version, row.Name, row.Entity, row.Community, graph);
    }

    /// <summary>A workflow was renamed or moved.</summary>
    public void Forget(Guid workflow)
    {
        foreach (var key in _known.Keys.Where(k => k.Workflow == workflow))
        {
            _known.TryRemove(key, out _);
        }
    }

    public static WorkflowDocument Document(string nodes, string connections, string globals, string settings) =>
        JsonSerializer.Deserialize(
            $$"""{"nodes":{{nodes}},"connections":{{connections}},"global_variables":{{globals}},"settings":{{settings}}}""",
            WorkflowsJson.Default.WorkflowDocument)!;
}
