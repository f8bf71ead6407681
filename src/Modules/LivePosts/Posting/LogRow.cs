using Npgsql;
using Rookery.Kernel.Data;
using Rookery.Modules.LivePosts.Templates;

namespace Rookery.Modules.LivePosts.Posting;

/// <summary>A row of <c>notification_log</c> to be made.</summary>
/// <param name="Version">0 for a post that goes on: it is to be edited.</param>
internal sealed record LogRow(
    Guid Id, Following For, string Status, string? Reason, string? ChannelId, string? MessageId, string? OutboxKey, int Version, Guid? Continues)
{
    public bool IsNew => Status == "pending" && Continues is null;

    public static LogRow Of(Following f, Broadcast b, int version, StreamFacts facts, DateTimeOffset now, TimeProvider clock)
    {
        var id = Guid.CreateVersion7(now);
        if (f.SkippedBecause(facts, now, clock) is { } why)
        {
            return new LogRow(id, f, "skipped", why, f.ChannelId, null, null, version, null);
        }

        return f.Earlier is { } earlier
            ? new LogRow(id, f, earlier.Status, null, earlier.ChannelId, earlier.MessageId, earlier.OutboxKey, 0, earlier.Id)
            : new LogRow(id, f, "pending", null, f.ChannelId, null, $"live:{f.GuildId}:{b.Id:N}", version, null);
    }
}

/// <summary>What the tables know of a stream.</summary>
internal sealed record StreamRow(StreamFacts Facts)
{
    /// <summary>How many <see cref="Columns"/> there are.</summary>
    public const int Width = 10;

    public static readonly SqlFragment Columns = Sql.Fragment(
        """
        s.twitch_login, coalesce(s.twitch_display_name, s.twitch_login), s.twitch_avatar_url, coalesce(b.title, ''), coalesce(b.game, ''),
        coalesce(b.viewer_count, 0), b.thumbnail_url, b.started_at, b.ended_at, b.vod_url
        """);

    public static StreamRow Read(NpgsqlDataReader r, int at) => new(new StreamFacts(
        r.GetString(at),
        r.GetString(at + 1),
        r.IsDBNull(at + 2) ? null : r.GetString(at + 2),
        r.GetString(at + 3),
        r.GetString(at + 4),
        r.GetInt32(at + 5),
        r.IsDBNull(at + 6) ? null : Sized(r.GetString(at + 6)),
        r.GetFieldValue<DateTimeOffset>(at + 7),
        r.IsDBNull(at + 8) ? null : r.GetFieldValue<DateTimeOffset>(at + 8),
        r.IsDBNull(at + 9) ? null : r.GetString(at + 9)));

    private static string Sized(string url) =>
        url.Replace("{width}", "1920", StringComparison.Ordinal).Replace("{height}", "1080", StringComparison.Ordinal);
}
