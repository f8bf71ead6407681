using Npgsql;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Coordination;
using Rookery.Kernel.Data;

namespace Rookery.Platforms.Twitch;

/// <summary>A channel the bot serves, or served.</summary>
internal sealed record ChannelView(
    string ChannelId, string BroadcasterId, string BroadcasterName, bool IsActive, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary>The table <c>twitch_channels</c>; a channel's id is its broadcaster's.</summary>
internal sealed class ChannelStore(Database db, Servers servers, TimeProvider clock)
{
    private static readonly SqlFragment Columns = Sql.Fragment(
        "channel_id, broadcaster_id, broadcaster_name, is_active, created_at, updated_at");

    public async Task<IReadOnlyList<ChannelView>> ActiveAsync(CancellationToken ct) => await db.Write.ListAsync(
        $"select {Columns} from twitch.twitch_channels where is_active order by channel_id", Read, ct);

    public async Task<IReadOnlyList<ChannelView>> ListAsync(string? after, int count, CancellationToken ct) => await db.Read.ListAsync(
        $"select {Columns} from twitch.twitch_channels where {after}::text is null or channel_id > {after} order by channel_id limit {count}",
        Read,
        ct);

    public Task<ChannelView?> FindAsync(string id, CancellationToken ct) => db.Write.FindAsync(
        $"select {Columns} from twitch.twitch_channels where broadcaster_id = {id}", Read, ct);

    /// <summary>Adds a channel, or switches a known one on again and takes its new name.</summary>
    /// <param name="owner">Who let the bot in.</param>
    public async Task<ChannelView> SaveAsync(Session session, string id, string name, string owner, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await servers.SeenAsync(session, Platform.Twitch, null, id, owner, null, ct);
        return (await session.FindAsync(
            $"""
            insert into twitch.twitch_channels (channel_id, broadcaster_id, broadcaster_name, created_at, updated_at)
            values ({id}, {id}, {name}, {now}, {now})
            on conflict (broadcaster_id) do update
            set broadcaster_name = excluded.broadcaster_name, is_active = true, updated_at = excluded.updated_at
            returning {Columns}
            """,
            Read,
            ct))!;
    }

    /// <returns>Null when there is no such channel.</returns>
    public async Task<ChannelView?> SwitchOffAsync(Session session, string id, CancellationToken ct)
    {
        await servers.GoneAsync(session, Platform.Twitch, null, id, ct);
        return await session.FindAsync(
            $"""
            update twitch.twitch_channels set is_active = false, updated_at = {clock.GetUtcNow()} where channel_id = {id}
            returning {Columns}
            """,
            Read,
            ct);
    }

    private static ChannelView Read(NpgsqlDataReader r) => new(
        r.GetString(0),
        r.GetString(1),
        r.GetString(2),
        r.GetBoolean(3),
        r.GetFieldValue<DateTimeOffset>(4),
        r.GetFieldValue<DateTimeOffset>(5));
}
