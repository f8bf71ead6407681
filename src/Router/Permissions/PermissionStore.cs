using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Rookery.Kernel.Auditing;
using Rookery.Kernel.Communities;
using Rookery.Kernel.Data;
using Rookery.Kernel.Web;

namespace Rookery.Router.Permissions;

/// <summary>
/// What a channel says about a command and how often it was used there; fields as in <c>command_permissions</c>.
/// </summary>
/// <param name="Command">With its prefix.</param>
/// <param name="IsEnabled">As it counts: the channel's word, or the default where it said nothing.</param>
/// <param name="IsDefault">True when the channel changed nothing.</param>
internal sealed record PermissionView(
    long CommandId,
    string EntityId,
    string Command,
    bool IsEnabled,
    bool IsDefault,
    JsonElement Config,
    PermissionRules Permissions,
    long UsageCount,
    DateTimeOffset? LastUsed);

/// <summary>The table <c>router.command_permissions</c>. The caller has checked that the entity is theirs.</summary>
internal sealed class PermissionStore(Database db, AuditLog audit, TimeProvider clock)
{
    /// <summary>Uses that wait to be folded count already, so the number is exact at any moment.</summary>
    private static readonly SqlFragment Rows = Sql.Fragment(
        """
        select c.id, e.entity_id, c.prefix || c.command,
            coalesce(p.is_enabled, c.module_type = 'core'),
            p.id is null or (p.is_enabled = (c.module_type = 'core') and p.config = '{}' and p.permissions = '{}'),
            coalesce(p.config, '{}')::text, coalesce(p.permissions, '{}')::text,
            coalesce(p.usage_count, 0) + coalesce(d.uses, 0)::bigint, greatest(p.last_used, d.last_used)
        from kernel.entities e cross join router.commands c
        left join router.command_permissions p on p.entity_id = e.id and p.command_id = c.id
        left join lateral (
            select sum(u.uses) as uses, max(r.at) as last_used
            from router.usage_deltas u, unnest(u.command_id, u.entity_id, u.at) as r (command_id, entity_id, at)
            where r.entity_id = e.id and r.command_id = c.id) d on true
        """);

    public Task<IReadOnlyList<PermissionView>> ListAsync(
        Entity entity, PageQuery page, CancellationToken ct) => db.Read.ListAsync(
        $"""
        {Rows}
        where e.id = {entity.Id} and e.community_id = {entity.CommunityId} and c.is_active
          and ({page.AfterId}::bigint is null or c.id > {page.AfterId})
        order by c.id limit {page.Limit + 1}
        """,
        Read,
        ct);

    public Task<PermissionView?> FindAsync(
        Entity entity, long command, CancellationToken ct) => FindAsync(db.Read, entity, command, ct);

    /// <summary>Changes what is given; null leaves it, or is the default where the channel said nothing yet.</summary>
    /// <returns>Null when there is no such command.</returns>
    public Task<PermissionView?> SetAsync(
        Entity entity, long command, bool? enabled, JsonElement? config, PermissionRules? rules, string by,
        CancellationToken ct) => ChangeAsync(
        entity,
        command,
        "permission.updated",
        $"""
        insert into router.command_permissions as p (command_id, entity_id, is_enabled, config, permissions,
            created_at, updated_at)
        select c.id, {entity.Id}, coalesce({enabled}, c.module_type = 'core'), {config?.GetRawText() ?? "{}"}::jsonb,
            {Json(rules) ?? "{}"}::jsonb,
            {clock.GetUtcNow()}, {clock.GetUtcNow()}
        from router.commands c where c.id = {command}
        on conflict (entity_id, command_id) do update
        set is_enabled = coalesce({enabled}, p.is_enabled), config = coalesce({config?.GetRawText()}::jsonb, p.config),
            permissions = coalesce({Json(rules)}::jsonb, p.permissions), updated_at = excluded.updated_at
        """,
        new JsonObject { ["is_enabled"] = enabled, ["config"] = Node(config?.GetRawText()), ["permissions"] = Node(Json(rules)) },
        by,
        ct);

    /// <summary>Puts the default back. How often the command was used stays known.</summary>
    /// <returns>Null when there is no such command.</returns>
    public Task<PermissionView?> ResetAsync(
        Entity entity, long command, string by, CancellationToken ct) => ChangeAsync(
        entity,
        command,
        "permission.reset",
        $$"""
        update router.command_permissions p
        set is_enabled = (c.module_type = 'core'), config = '{}', permissions = '{}', updated_at = {{clock.GetUtcNow()}}
        from router.commands c where c.id = p.command_id and p.entity_id = {{entity.Id}} and p.command_id = {{command}}
        """,
        [],
        by,
        ct);

    private Task<PermissionView?> ChangeAsync(
        Entity entity, long command, string action, Sql change, JsonObject details, string by, CancellationToken ct) => db.TransactionAsync(
        async transaction =>
        {
            await transaction.ExecuteAsync(change, ct);
            var view = await FindAsync(transaction, entity, command, ct);
            if (view is not null)
            {
                details["entity_id"] = entity.EntityId;
                details["command"] = view.Command;
                await audit.WriteAsync(transaction, entity.CommunityId, by, action, details, ct);
            }

            return view;
        },
        ct);

    private static Task<PermissionView?> FindAsync(
        Session session, Entity entity, long command, CancellationToken ct) => session.FindAsync(
        $"""
        {Rows}
        where e.id = {entity.Id} and e.community_id = {entity.CommunityId} and c.id = {command}
        """,
        Read,
        ct);

    private static string? Json(PermissionRules? rules) =>
        rules is null
            ? null
            : rules.SaysNothing
            ? "{}"
            : JsonSerializer.Serialize(rules, RouterJson.Default.PermissionRules);

    private static JsonNode? Node(string? json) => json is null ? null : JsonNode.Parse(json);

    private static PermissionView Read(NpgsqlDataReader r) => new(
        r.GetInt64(0),
        r.GetString(1),
        r.GetString(2),
        r.GetBoolean(3),
        r.GetBoolean(4),
        JsonElement.Parse(r.GetString(5)),
        PermissionRules.Parse(r.GetString(6)),
        r.GetInt64(7),
        r.GetFieldValue<DateTimeOffset?>(8));
}
