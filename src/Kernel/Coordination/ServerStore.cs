using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Rookery.Kernel.Auditing;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Web;

namespace Rookery.Kernel.Coordination;

/// <summary>A row of <c>kernel.servers</c>; fields as its columns.</summary>
public sealed record ServerView(
    long Id,
    string? Owner,
    Platform Platform,
    string? Channel,
    string? ServerId,
    bool IsActive,
    string? WebhookUrl,
    JsonElement Config,
    DateTimeOffset? LastActivity,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    string? Name,
    string? Icon);

/// <summary>A row of <c>kernel.collector_modules</c>; fields as its columns.</summary>
public sealed record CollectorView(
    string ModuleName,
    string ModuleVersion,
    Platform Platform,
    string? EndpointUrl,
    string? HealthCheckUrl,
    string Status,
    DateTimeOffset? LastHeartbeat,
    JsonElement Config,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt);

/// <summary>What operators see and change of servers and collectors.</summary>
internal sealed class ServerStore(Database db, AuditLog audit, TimeProvider clock)
{
    private static readonly SqlFragment Columns = Sql.Fragment(
        "id, owner, platform, channel, server_id, is_active, webhook_url, config::text, last_activity, created_at, updated_at, name, icon");

    public Task<IReadOnlyList<ServerView>> ListAsync(string? platform, bool? active, PageQuery page, CancellationToken ct) => db.Read.ListAsync(
        $"""
        select {Columns} from kernel.servers
        where ({platform}::text is null or platform = {platform}) and ({active}::boolean is null or is_active = {active})
          and ({page.AfterId}::bigint is null or id > {page.AfterId})
        order by id limit {page.Limit + 1}
        """,
        Read,
        ct);

    public Task<ServerView?> FindAsync(long id, CancellationToken ct) =>
        db.Read.FindAsync($"select {Columns} from kernel.servers where id = {id}", Read, ct);

    /// <summary>
    /// What is switched off is no longer put up for claims, and whoever holds it stops; a new configuration goes along.
    /// </summary>
    /// <returns>Null when there is no such server.</returns>
    public Task<ServerView?> UpdateAsync(long id, ServerPatch patch, string actor, CancellationToken ct)
    {
        var config = patch.Config?.GetRawText();
        return db.TransactionAsync(
            async transaction =>
            {
                var changed = await transaction.FindAsync(
                    $"""
                    update kernel.servers
                    set is_active = coalesce({patch.IsActive}, is_active), config = coalesce({config}::jsonb, config),
                        webhook_url = coalesce({patch.WebhookUrl}, webhook_url),
                        last_activity = greatest(last_activity, {patch.LastActivity}), updated_at = {clock.GetUtcNow()}
                    where id = {id} returning {Columns}
                    """,
                    Read,
                    ct);
                if (changed is not null)
                {
                    await PassOnAsync(transaction, changed, config, ct);
                    var details = new JsonObject { ["server"] = changed.Id, ["is_active"] = changed.IsActive };
                    await audit.WriteAsync(transaction, 0, actor, "server.changed", details, ct);
                }

                return changed;
            },
            ct);
    }

    public Task<IReadOnlyList<CollectorView>> CollectorsAsync(PageQuery page, CancellationToken ct) => db.Read.ListAsync(
        $"""
        select module_name, module_version, platform, endpoint_url, health_check_url, status, last_heartbeat, config::text,
            created_at, updated_at
        from kernel.collector_modules where {page.After}::text is null or module_name > {page.After}
        order by module_name limit {page.Limit + 1}
        """,
        r => new CollectorView(
            r.GetString(0),
            r.GetString(1),
            Platforms.Parse(r.GetString(2)),
            Text(r, 3),
            Text(r, 4),
            r.GetString(5),
            At(r, 6),
            JsonElement.Parse(r.GetString(7)),
            r.GetFieldValue<DateTimeOffset>(8),
            r.GetFieldValue<DateTimeOffset>(9)),
        ct);

    private async Task PassOnAsync(Transaction transaction, ServerView server, string? config, CancellationToken ct)
    {
        await transaction.ExecuteAsync(
            $"""
            delete from kernel.coordination c using kernel.servers s
            where s.id = {server.Id} and not s.is_active and c.platform = s.platform
              and c.server_id is not distinct from s.server_id and c.channel_id is not distinct from s.channel
            """,
            ct);
        await transaction.ExecuteAsync(
            $"""
            update kernel.coordination c set config = s.config, updated_at = {clock.GetUtcNow()} from kernel.servers s
            where s.id = {server.Id} and {config is not null} and c.platform = s.platform
              and c.server_id is not distinct from s.server_id and c.channel_id is not distinct from s.channel
            """,
            ct);
    }

    private static ServerView Read(NpgsqlDataReader r) => new(
        r.GetInt64(0),
        Text(r, 1),
        Platforms.Parse(r.GetString(2)),
        Text(r, 3),
        Text(r, 4),
        r.GetBoolean(5),
        Text(r, 6),
        JsonElement.Parse(r.GetString(7)),
        At(r, 8),
        r.GetFieldValue<DateTimeOffset>(9),
        r.GetFieldValue<DateTimeOffset>(10),
        Text(r, 11),
        Text(r, 12));

    private static string? Text(NpgsqlDataReader r, int column) => r.IsDBNull(column) ? null : r.GetString(column);

    private static DateTimeOffset? At(NpgsqlDataReader r, int column) =>
        r.IsDBNull(column) ? null : r.GetFieldValue<DateTimeOffset>(column);
}
