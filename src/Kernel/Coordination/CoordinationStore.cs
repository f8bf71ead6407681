using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Rookery.Kernel.Auditing;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Web;

namespace Rookery.Kernel.Coordination;

/// <summary>A row of <c>kernel.coordination</c>; fields as its columns.</summary>
public sealed record CoordinationView(
    long Id,
    Platform Platform,
    string? ServerId,
    string? ChannelId,
    string EntityId,
    string? ClaimedBy,
    DateTimeOffset? ClaimedAt,
    string Status,
    bool IsLive,
    DateTimeOffset? LiveSince,
    int ViewerCount,
    DateTimeOffset? LastActivity,
    DateTimeOffset? LastCheck,
    DateTimeOffset? LastCheckin,
    DateTimeOffset? ClaimExpires,
    int HeartbeatInterval,
    int ErrorCount,
    JsonElement Metadata,
    int Priority,
    int MaxContainers,
    JsonElement Config,
    long? FencingToken,
    DateTimeOffset? RetryAt,
    string? LastError,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt);

/// <summary>Which rows; null: any.</summary>
internal sealed record CoordinationFilter(string? Platform, string? Status, string? ClaimedBy, bool? IsLive);

/// <summary>What one node holds of one platform, or, without a node, what nobody holds.</summary>
public sealed record CoordinationCount(
    string Platform, string? ClaimedBy, int Claims, int Live, int Viewers, int Errors, DateTimeOffset? LastCheckin);

/// <summary>What operators see and change of <c>kernel.coordination</c>.</summary>
internal sealed class CoordinationStore(Database db, AuditLog audit, TimeProvider clock)
{
    private static readonly SqlFragment Columns = Sql.Fragment(
        """
        id, platform, server_id, channel_id, entity_id, claimed_by, claimed_at, status, is_live, live_since, viewer_count,
        last_activity, last_check, last_checkin, claim_expires, heartbeat_interval, error_count, metadata::text, priority,
        max_containers, config::text, fencing_token, retry_at, last_error, created_at, updated_at
        """);

    public Task<IReadOnlyList<CoordinationView>> ListAsync(CoordinationFilter filter, PageQuery page, CancellationToken ct) => db.Read.ListAsync(
        $"""
        select {Columns} from kernel.coordination
        where ({filter.Platform}::text is null or platform = {filter.Platform})
          and ({filter.Status}::text is null or status = {filter.Status})
          and ({filter.ClaimedBy}::text is null or claimed_by = {filter.ClaimedBy})
          and ({filter.IsLive}::boolean is null or is_live = {filter.IsLive})
          and ({page.AfterId}::bigint is null or id > {page.AfterId})
        order by id limit {page.Limit + 1}
        """,
        Read,
        ct);

    public Task<IReadOnlyList<CoordinationCount>> CountAsync(CancellationToken ct) => db.Read.ListAsync(
        $"""
        select platform, claimed_by, count(*)::int, count(*) filter (where is_live)::int, coalesce(sum(viewer_count), 0)::int,
            count(*) filter (where status = 'error')::int, min(last_checkin)
        from kernel.coordination group by platform, claimed_by order by platform, claimed_by nulls last
        """,
        r => new CoordinationCount(
            r.GetString(0),
            r.IsDBNull(1) ? null : r.GetString(1),
            r.GetInt32(2),
            r.GetInt32(3),
            r.GetInt32(4),
            r.GetInt32(5),
            At(r, 6)),
        ct);

    /// <summary>Takes the row from its holder, which stops at once; any node may claim it, after an error too.</summary>
    /// <returns>Null when there is no such row.</returns>
    public Task<CoordinationView?> ReleaseAsync(long id, string actor, CancellationToken ct) => ChangeAsync(
        $"""
        update kernel.coordination
        set claimed_by = null, claimed_at = null, claim_expires = null, last_checkin = null, fencing_token = null,
            status = 'available', retry_at = null, updated_at = {clock.GetUtcNow()}
        where id = {id} returning {Columns}
        """,
        actor,
        "coordination.released",
        _ => null,
        ct);

    /// <returns>Null when there is no such row.</returns>
    public Task<CoordinationView?> UpdateAsync(long id, CoordinationPatch patch, string actor, CancellationToken ct)
    {
        var config = patch.Config?.GetRawText();
        return ChangeAsync(
            $"""
            update kernel.coordination
            set priority = coalesce({patch.Priority}, priority), config = coalesce({config}::jsonb, config),
                heartbeat_interval = coalesce({patch.HeartbeatInterval}, heartbeat_interval), updated_at = {clock.GetUtcNow()}
            where id = {id} returning {Columns}
            """,
            actor,
            "coordination.changed",
            v => new JsonObject { ["priority"] = v.Priority, ["heartbeat_interval"] = v.HeartbeatInterval },
            ct);
    }

    private Task<CoordinationView?> ChangeAsync(
        Sql sql, string actor, string action, Func<CoordinationView, JsonObject?> details, CancellationToken ct) => db.TransactionAsync(
        async transaction =>
        {
            var changed = await transaction.FindAsync(sql, Read, ct);
            if (changed is not null)
            {
                var said = details(changed) ?? [];
                said["entity_id"] = changed.EntityId;
                await audit.WriteAsync(transaction, 0, actor, action, said, ct);
            }

            return changed;
        },
        ct);

    private static CoordinationView Read(NpgsqlDataReader r) => new(
        r.GetInt64(0),
        Platforms.Parse(r.GetString(1)),
        Text(r, 2),
        Text(r, 3),
        r.GetString(4),
        Text(r, 5),
        At(r, 6),
        r.GetString(7),
        r.GetBoolean(8),
        At(r, 9),
        r.GetInt32(10),
        At(r, 11),
        At(r, 12),
        At(r, 13),
        At(r, 14),
        r.GetInt32(15),
        r.GetInt32(16),
        JsonElement.Parse(r.GetString(17)),
        r.GetInt32(18),
        r.GetInt32(19),
        JsonElement.Parse(r.GetString(20)),
        r.IsDBNull(21) ? null : r.GetInt64(21),
        At(r, 22),
        Text(r, 23),
        r.GetFieldValue<DateTimeOffset>(24),
        r.GetFieldValue<DateTimeOffset>(25));

    private static string? Text(NpgsqlDataReader r, int column) => r.IsDBNull(column) ? null : r.GetString(column);

    private static DateTimeOffset? At(NpgsqlDataReader r, int column) =>
        r.IsDBNull(column) ? null : r.GetFieldValue<DateTimeOffset>(column);
}
