using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Rookery.Kernel.Auditing;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Web;

namespace Rookery.Kernel.Communities;

/// <summary>One place where the bot listens; fields as the columns of <c>entities</c>.</summary>
public sealed record EntityView(
    long Id,
    string EntityId,
    Platform Platform,
    string? ServerId,
    string? ChannelId,
    long CommunityId,
    string? Owner,
    bool IsActive,
    JsonElement Config,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt);

/// <summary>What a change of an entity names; the rest stays.</summary>
internal sealed record EntityChange(string? Owner, bool? IsActive, JsonElement? Config, long? CommunityId);

/// <summary>The table <c>kernel.entities</c>.</summary>
/// <remarks>
/// Every statement takes the community the caller is bound to; null is a caller that is bound to none.
/// </remarks>
internal sealed class EntityStore(Database db, AuditLog audit, TimeProvider clock)
{
    private static readonly SqlFragment Columns = Sql.Fragment(
        "id, entity_id, platform, server_id, channel_id, community_id, owner, is_active, config::text, created_at, updated_at");

    public Task<IReadOnlyList<EntityView>> ListAsync(
        long? community, string? platform, PageQuery page, CancellationToken ct) => db.Read.ListAsync(
        $"""
        select {Columns} from kernel.entities
        where ({community}::bigint is null or community_id = {community}) and ({platform}::text is null
            or platform = {platform})
          and ({page.AfterId}::bigint is null or id > {page.AfterId})
        order by id limit {page.Limit + 1}
        """,
        Read,
        ct);

    public Task<EntityView?> FindAsync(string entityId, long? community, CancellationToken ct) => db.Read.FindAsync(
        $"select {Columns} from kernel.entities where entity_id = {entityId} and ({community}::bigint is null or community_id = {community})",
        Read,
        ct);

    /// <summary>
    /// True when the channel's server belongs to the community, so that the community may add its other channels.
    /// </summary>
    public Task<bool> OwnsServerAsync(
        long community, ChannelId channel, CancellationToken ct) => db.Write.ValueAsync<bool>(
        $"""
        select exists (select from kernel.community_servers
            where platform = {channel.Platform.Name()} and server_id = {channel.Server ?? channel.Channel}
                and community_id = {community})
        """,
        ct);

    /// <summary>
    /// Adds a channel before its first message. Its server's later channels follow it into the community, unless they
    /// have one.
    /// </summary>
    /// <returns>Null when the channel is known already.</returns>
    public Task<EntityView?> CreateAsync(
        ChannelId channel, long community, EntityChange with, string by, CancellationToken ct) => db.TransactionAsync(
        async transaction =>
        {
            var (platform, now) = (channel.Platform.Name(), clock.GetUtcNow());
            var made = await transaction.FindAsync(
                $"""
                insert into kernel.entities (entity_id, platform, server_id, channel_id, community_id, owner,
                    is_active, config, created_at, updated_at)
                values ({channel.ToString()}, {platform}, {channel.Server}, {channel.Channel}, {community},
                    nullif({with.Owner}, ''), {with.IsActive ?? true},
                    {with.Config?.GetRawText() ?? "{}"}::jsonb, {now}, {now})
                on conflict (entity_id) do nothing
                returning {Columns}
                """,
                Read,
                ct);
            if (made is null)
            {
                return null;
            }

            await transaction.ExecuteAsync(
                $"""
                insert into kernel.community_servers (platform, server_id, community_id, created_at)
                values ({platform}, {channel.Server ?? channel.Channel}, {community}, {now}) on conflict do nothing
                """,
                ct);
            await audit.WriteAsync(transaction, community, by, "entity.created", Details(made.EntityId, with), ct);
            return made;
        },
        ct);

    /// <returns>Null when the caller has no such entity.</returns>
    public Task<EntityView?> UpdateAsync(
        string entityId, long? community, EntityChange change, string by, CancellationToken ct) => db.TransactionAsync(
        async transaction =>
        {
            var changed = await transaction.FindAsync(
                $"""
                update kernel.entities
                set owner = nullif(coalesce({change.Owner}, owner), ''), is_active = coalesce({change.IsActive},
                    is_active),
                    config = coalesce({change.Config?.GetRawText()}::jsonb, config),
                        community_id = coalesce({change.CommunityId}, community_id),
                    updated_at = {clock.GetUtcNow()}
                where entity_id = {entityId} and ({community}::bigint is null or community_id = {community})
                returning {Columns}
                """,
                Read,
                ct);
            if (changed is not null)
            {
                await audit.WriteAsync(
                    transaction, changed.CommunityId, by, change.IsActive == false ? "entity.deactivated" : "entity.updated", Details(entityId, change), ct);
            }

            return changed;
        },
        ct);

    private static JsonObject Details(string entityId, EntityChange change) => new()
    {
        ["entity_id"] = entityId,
        ["owner"] = change.Owner,
        ["is_active"] = change.IsActive,
        ["config"] = change.Config is { } config ? JsonNode.Parse(config.GetRawText()) : null,
        ["community_id"] = change.CommunityId,
    };

    private static EntityView Read(NpgsqlDataReader r) => new(
        r.GetInt64(0),
        r.GetString(1),
        Platforms.Parse(r.GetString(2)),
        r.IsDBNull(3) ? null : r.GetString(3),
        r.IsDBNull(4) ? null : r.GetString(4),
        r.GetInt64(5),
        r.IsDBNull(6) ? null : r.GetString(6),
        r.GetBoolean(7),
        JsonElement.Parse(r.GetString(8)),
        r.GetFieldValue<DateTimeOffset>(9),
        r.GetFieldValue<DateTimeOffset>(10));
}
