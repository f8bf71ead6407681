using System.Text.Json;
using Rookery.Kernel.Data;
using Rookery.Workflows.Nodes;

namespace Rookery.Workflows.Definition;

/// <summary>A workflow as its row says.</summary>
internal sealed record Workflow(
    Guid WorkflowId, long CommunityId, string EntityId, string Name, string? Description, string Status, string TriggerType,
    JsonElement TriggerConfig, JsonElement Nodes, JsonElement Connections, JsonElement GlobalVariables, JsonElement Settings, int Version,
    string CreatedBy, string UpdatedBy, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    public WorkflowDocument ToDocument() => Definitions.Document(
        Nodes.GetRawText(), Connections.GetRawText(), GlobalVariables.GetRawText(), Settings.GetRawText());
}

/// <summary>What somebody writes of a workflow.</summary>
internal sealed record WorkflowText(string Name, string? Description, long EntityKey, string TriggerType, string TriggerConfig, string Nodes, string Connections, string GlobalVariables, string Settings)
{
    /// <summary>The seed's columns of a document; what starts it is that of its one trigger.</summary>
    public static WorkflowText Of(string name, string? description, long entity, WorkflowDocument document)
    {
        var trigger = document.Nodes?.Values.FirstOrDefault(n => n is { Enabled: true } && NodeTypes.Find(n.Type) is { IsTrigger: true });
        return new(
            name,
            description,
            entity,
            trigger?.Type is { } type ? type["trigger_".Length..] : "command",
            trigger?.Config is { ValueKind: JsonValueKind.Object } config ? config.GetRawText() : "{}",
            JsonSerializer.Serialize(document.Nodes ?? new Dictionary<string, NodeDocument?>(StringComparer.Ordinal), WorkflowsJson.Default.IReadOnlyDictionaryStringNodeDocument),
            JsonSerializer.Serialize(document.Connections ?? [], WorkflowsJson.Default.IReadOnlyListConnectionDocument),
            document.GlobalVariables is { ValueKind: JsonValueKind.Object } globals ? globals.GetRawText() : "{}",
            JsonSerializer.Serialize(document.Settings ?? RunSettings.Default, WorkflowsJson.Default.RunSettings));
    }
}

/// <summary>The table <c>workflow_definitions</c> and its versions.</summary>
internal sealed class WorkflowStore(Database db, Definitions definitions, TimeProvider clock)
{
    private static readonly SqlFragment Columns = Sql.Fragment(
        """
        d.workflow_id, d.community_id, e.entity_id, d.name, d.description, d.status, d.trigger_type, d.trigger_config::text, d.nodes::text,
        d.connections::text, d.global_variables::text, d.settings::text, d.version, d.created_by, d.updated_by, d.created_at, d.updated_at
        """);

    public Task<Workflow?> FindAsync(Session session, long community, Guid id, CancellationToken ct) => session.FindAsync(
        $"""
        select {Columns} from workflows.workflow_definitions d join kernel.entities e on e.id = d.entity_id
        where d.workflow_id = {id} and d.community_id = {community}
        """,
        Read,
        ct);

    public Task<Workflow?> FindAsync(long community, Guid id, CancellationToken ct) => FindAsync(db.Read, community, id, ct);

    public async Task<Guid> CreateAsync(Transaction transaction, long community, WorkflowText text, string by, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        await transaction.ExecuteAsync(
            $"""
            insert into workflows.workflow_definitions (workflow_id, community_id, entity_id, name, description, trigger_type, trigger_config,
                nodes, connections, global_variables, settings, created_by, updated_by, created_at, updated_at)
            values ({id}, {community}, {text.EntityKey}, {text.Name}, {text.Description}, {text.TriggerType}, {text.TriggerConfig}::jsonb,
                {text.Nodes}::jsonb, {text.Connections}::jsonb, {text.GlobalVariables}::jsonb, {text.Settings}::jsonb, {by}, {by}, {now}, {now})
            """,
            ct);
        return id;
    }

    /// <summary>Makes the draft, which must be right, a new version that runs from now on.</summary>
    /// <returns>Its number.</returns>
    public async Task<int> PublishAsync(Transaction transaction, long community, Guid id, string by, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var version = await transaction.ValueAsync<int>(
            $"""
            update workflows.workflow_definitions set version = version + 1, status = 'published', updated_by = {by}, updated_at = {now}
            where workflow_id = {id} and community_id = {community}
            returning version
            """,
            ct);
        await transaction.ExecuteAsync(
            $"""
            insert into workflows.workflow_versions (workflow_id, version, trigger_type, trigger_config, nodes, connections, global_variables,
                settings, published_by, published_at)
            select workflow_id, version, trigger_type, trigger_config, nodes, connections, global_variables, settings, {by}, {now}
            from workflows.workflow_definitions where workflow_id = {id} and community_id = {community}
            """,
            ct);
        definitions.Forget(id);
        return version;
    }

    private static Workflow Read(Npgsql.NpgsqlDataReader r) => new(
        r.GetGuid(0),
        r.GetInt64(1),
        r.GetString(2),
        r.GetString(3),
        r.IsDBNull(4) ? null : r.GetString(4),
        r.GetString(5),
        r.GetString(6),
        JsonElement.Parse(r.GetString(7)),
        JsonElement.Parse(r.GetString(8)),
        JsonElement.Parse(r.GetString(9)),
        JsonElement.Parse(r.GetString(10)),
        JsonElement.Parse(r.GetString(11)),
        r.GetInt32(12),
        r.GetString(13),
        r.GetString(14),
        r.GetFieldValue<DateTimeOffset>(15),
        r.GetFieldValue<DateTimeOffset>(16));
}
