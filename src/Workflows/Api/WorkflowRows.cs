using System.Text.Json;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Web;
using Rookery.Workflows.Definition;

namespace Rookery.Workflows.Api;

/// <summary>Which workflows a list shows.</summary>
/// <param name="Member">Only what this member may see; null: all.</param>
internal sealed record WorkflowFilter(string? Status, string? Search, string? EntityId, string? Member, Role Role);

/// <summary>What the API reads and changes of <c>workflow_definitions</c> and <c>workflow_versions</c>.</summary>
internal sealed class WorkflowRows(Database db, TimeProvider clock)
{
    /// <summary>Newest change first; the cursor is the moment and the id of the last one shown.</summary>
    public Task<IReadOnlyList<WorkflowSummary>> ListAsync(long community, WorkflowFilter filter, PageQuery page, CancellationToken ct)
    {
        var (at, id) = Position(page.After);
        return db.Read.ListAsync(
            $"""
            select d.workflow_id, e.entity_id, d.name, d.description, d.status, d.trigger_type, d.version, d.created_by, d.updated_by, d.created_at, d.updated_at
            from workflows.workflow_definitions d join kernel.entities e on e.id = d.entity_id
            where d.community_id = {community}
              and (case when {filter.Status}::text is null then d.status <> 'archived' else d.status = {filter.Status} end)
              and ({filter.Search}::text is null or strpos(lower(d.name), lower({filter.Search})) > 0 or strpos(lower(d.description), lower({filter.Search})) > 0)
              and ({filter.EntityId}::text is null or e.entity_id = {filter.EntityId})
              and ({filter.Member}::text is null or {filter.Role >= Role.Admin} or d.created_by = {filter.Member} or exists (
                  select from workflows.workflow_permissions p
                  where p.workflow_id = d.workflow_id and p.permission_type = 'can_view'
                    and (p.user_id = {filter.Member} or p.role = any({Rights.UpTo(filter.Role)}) or (p.user_id is null and p.role is null))))
              and ({at}::timestamptz is null or (d.updated_at, d.workflow_id) < ({at}, {id}))
            order by d.updated_at desc, d.workflow_id desc limit {page.Limit + 1}
            """,
            r => new WorkflowSummary(
                r.GetGuid(0),
                r.GetString(1),
                r.GetString(2),
                r.IsDBNull(3) ? null : r.GetString(3),
                r.GetString(4),
                r.GetString(5),
                r.GetInt32(6),
                r.GetString(7),
                r.GetString(8),
                r.GetFieldValue<DateTimeOffset>(9),
                r.GetFieldValue<DateTimeOffset>(10)),
            ct);
    }

    private static (DateTimeOffset? At, Guid? Id) Position(string? cursor) =>
        cursor?.Split('|') is [var at, var id]
            && DateTimeOffset.TryParse(at, System.Globalization.CultureInfo.InvariantCulture, out var moment)
            && Guid.TryParse(id, out var key)
            ? (moment.ToUniversalTime(), key)
            : (null, null);

    /// <summary>Counts alone: whoever makes one meanwhile waits.</summary>
    public async Task<long> CountAsync(Transaction transaction, long community, CancellationToken ct)
    {
        await transaction.ExecuteAsync($"select pg_advisory_xact_lock(hashtextextended({$"workflows:{community}"}, 0))", ct);
        return await transaction.ValueAsync<long>(
            $"select count(*) from workflows.workflow_definitions where community_id = {community} and status <> 'archived'", ct);
    }

    /// <summary>Keeps others from changing it until the transaction ends.</summary>
    public Task LockAsync(Transaction transaction, long community, Guid id, CancellationToken ct) => transaction.ExecuteAsync(
        $"select 1 from workflows.workflow_definitions where workflow_id = {id} and community_id = {community} for update", ct);

    /// <summary>Rewrites the draft. What is granted goes with it to another channel.</summary>
    public async Task UpdateAsync(Transaction transaction, long community, Guid id, WorkflowText text, string by, CancellationToken ct)
    {
        await transaction.ExecuteAsync(
            $"""
            update workflows.workflow_definitions
            set entity_id = {text.EntityKey}, name = {text.Name}, description = {text.Description}, trigger_type = {text.TriggerType},
                trigger_config = {text.TriggerConfig}::jsonb, nodes = {text.Nodes}::jsonb, connections = {text.Connections}::jsonb,
                global_variables = {text.GlobalVariables}::jsonb, settings = {text.Settings}::jsonb, updated_by = {by}, updated_at = {clock.GetUtcNow()}
            where workflow_id = {id} and community_id = {community}
            """,
            ct);
        await transaction.ExecuteAsync(
            $"update workflows.workflow_permissions set entity_id = {text.EntityKey} where workflow_id = {id} and community_id = {community}", ct);
    }

    public Task SetStatusAsync(Transaction transaction, long community, Guid id, string status, string by, CancellationToken ct) => transaction.ExecuteAsync(
        $"""
        update workflows.workflow_definitions set status = {status}, updated_by = {by}, updated_at = {clock.GetUtcNow()}
        where workflow_id = {id} and community_id = {community}
        """,
        ct);

    public Task<IReadOnlyList<VersionSummary>> VersionsAsync(long community, Guid id, PageQuery page, CancellationToken ct) => db.Read.ListAsync(
        $"""
        select v.version, v.trigger_type, v.published_by, v.published_at
        from workflows.workflow_versions v join workflows.workflow_definitions d using (workflow_id)
        where v.workflow_id = {id} and d.community_id = {community} and ({page.AfterId}::bigint is null or v.version < {page.AfterId})
        order by v.version desc limit {page.Limit + 1}
        """,
        r => new VersionSummary(r.GetInt32(0), r.GetString(1), r.GetString(2), r.GetFieldValue<DateTimeOffset>(3)),
        ct);

    public Task<VersionView?> VersionAsync(long community, Guid id, int version, CancellationToken ct) => db.Read.FindAsync(
        $"""
        select v.workflow_id, v.version, v.trigger_type, v.trigger_config::text, v.nodes::text, v.connections::text, v.global_variables::text,
            v.settings::text, v.published_by, v.published_at
        from workflows.workflow_versions v join workflows.workflow_definitions d using (workflow_id)
        where v.workflow_id = {id} and d.community_id = {community} and v.version = {version}
        """,
        r => new VersionView(
            r.GetGuid(0),
            r.GetInt32(1),
            r.GetString(2),
            JsonElement.Parse(r.GetString(3)),
            JsonElement.Parse(r.GetString(4)),
            JsonElement.Parse(r.GetString(5)),
            JsonElement.Parse(r.GetString(6)),
            JsonElement.Parse(r.GetString(7)),
            r.GetString(8),
            r.GetFieldValue<DateTimeOffset>(9)),
        ct);
}
