using Npgsql;
using Rookery.Kernel.Data;
using Rookery.Kernel.Web;

namespace Rookery.Modules.LivePosts.Posting;

/// <summary>A row of <c>notification_log</c> as it is read.</summary>
/// <param name="Status">pending, sent, failed or skipped.</param>
/// <param name="Reason">Why it failed or was skipped.</param>
internal sealed record Notification(
    Guid Id,
    string GuildId,
    Guid StreamerId,
    string EventId,
    DateTimeOffset SentAt,
    string Status,
    string? Reason,
    string? ChannelId,
    string? MessageId,
    int Attempts,
    string? Title,
    DateTimeOffset? StreamStartedAt,
    DateTimeOffset? EndedAt,
    string? TwitchLogin)
{
    public static readonly SqlFragment Columns = Sql.Fragment(
        """
        l.id, l.guild_id, l.streamer_id, l.event_id, l.sent_at, l.status, l.reason, l.channel_id, l.message_id, l.attempts, l.title,
        l.stream_started_at, l.ended_at, s.twitch_login
        """);

    public static Notification Read(NpgsqlDataReader r) => new(
        r.GetGuid(0),
        r.GetString(1),
        r.GetGuid(2),
        r.GetString(3),
        r.GetFieldValue<DateTimeOffset>(4),
        r.GetString(5),
        Text(r, 6),
        Text(r, 7),
        Text(r, 8),
        r.GetInt32(9),
        Text(r, 10),
        r.IsDBNull(11) ? null : r.GetFieldValue<DateTimeOffset>(11),
        r.IsDBNull(12) ? null : r.GetFieldValue<DateTimeOffset>(12),
        Text(r, 13));

    private static string? Text(NpgsqlDataReader r, int column) => r.IsDBNull(column) ? null : r.GetString(column);
}

/// <summary>Reads the table <c>notification_log</c>.</summary>
internal sealed class NotificationStore(Database db)
{
    /// <summary>Newest first; ids grow with time.</summary>
    /// <param name="status">Null: all.</param>
    public Task<IReadOnlyList<Notification>> PageAsync(string guild, string? status, PageQuery page, CancellationToken ct)
    {
        Guid? after = Guid.TryParse(page.After, out var id) ? id : null;
        return db.Read.ListAsync(
            $"""
            select {Notification.Columns} from live.notification_log l join live.streamers s on s.id = l.streamer_id
            where l.guild_id = {guild} and ({status}::text is null or l.status = {status}) and ({after}::uuid is null or l.id < {after})
            order by l.id desc limit {page.Limit + 1}
            """,
            Notification.Read,
            ct);
    }

    public Task<Notification?> FindAsync(string guild, Guid id, CancellationToken ct) => db.Write.FindAsync(
        $"""
        select {Notification.Columns} from live.notification_log l join live.streamers s on s.id = l.streamer_id
        where l.guild_id = {guild} and l.id = {id}
        """,
        Notification.Read,
        ct);
}
