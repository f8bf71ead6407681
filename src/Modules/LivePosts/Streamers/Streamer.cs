using System.Text.Json.Serialization;
using Npgsql;
using Rookery.Kernel.Data;

namespace Rookery.Modules.LivePosts.Streamers;

/// <summary>A streamer as followed by one guild; fields as in the seed tables <c>streamers</c> and <c>guild_streamers</c>.</summary>
/// <param name="QuietFrom">With <paramref name="QuietTo"/>: between them, in the guild's zone, nothing is posted.</param>
/// <param name="Filter">An expression that must not be false for a stream to be posted.</param>
/// <param name="ReannounceMinutes">A stream that begins so soon after the last one goes on in its post.</param>
/// <param name="OnEnd">none, edit or delete.</param>
/// <param name="Subscription">What Twitch says about telling when the stream begins; null: not asked yet.</param>
/// <param name="RoleId">The streamer's own role in the guild, which posts mention instead of the guild's.</param>
/// <param name="RoleProblem">Why the role of a member does not follow.</param>
internal sealed record Streamer(
    Guid Id,
    string TwitchBroadcasterId,
    string TwitchLogin,
    string? TwitchDisplayName,
    string? TwitchAvatarUrl,
    bool Enabled,
    string? AddedBy,
    DateTimeOffset AddedAt,
    string? CustomContent,
    string? ChannelId,
    TimeOnly? QuietFrom,
    TimeOnly? QuietTo,
    string? Filter,
    int ReannounceMinutes,
    bool LiveUpdate,
    string OnEnd,
    string? Subscription,
    string? SubscriptionReason,
    string? RoleId,
    string? RoleProblem)
{
    public static readonly SqlFragment Columns = Sql.Fragment(
        """
        s.id, s.twitch_broadcaster_id, s.twitch_login, s.twitch_display_name, s.twitch_avatar_url, gs.enabled, gs.added_by, gs.added_at,
        gs.custom_content, gs.channel_id, gs.quiet_from, gs.quiet_to, gs.filter, gs.reannounce_minutes, gs.live_update, gs.on_end,
        e.status, e.reason, gs.role_id, gs.role_problem
        """);

    public static readonly SqlFragment From = Sql.Fragment(
        """
        live.guild_streamers gs join live.streamers s on s.id = gs.streamer_id
        left join live.eventsub_subscriptions e on e.streamer_id = s.id and e.type = 'stream.online'
        """);

    [JsonIgnore]
    public string Name => TwitchDisplayName ?? TwitchLogin;

    public static Streamer Read(NpgsqlDataReader r) => new(
        r.GetGuid(0),
        r.GetString(1),
        r.GetString(2),
        Text(r, 3),
        Text(r, 4),
        r.GetBoolean(5),
        Text(r, 6),
        r.GetFieldValue<DateTimeOffset>(7),
        Text(r, 8),
        Text(r, 9),
        r.IsDBNull(10) ? null : r.GetFieldValue<TimeOnly>(10),
        r.IsDBNull(11) ? null : r.GetFieldValue<TimeOnly>(11),
        Text(r, 12),
        r.GetInt32(13),
        r.GetBoolean(14),
        r.GetString(15),
        Text(r, 16),
        Text(r, 17),
        Text(r, 18),
        Text(r, 19));

    private static string? Text(NpgsqlDataReader r, int column) => r.IsDBNull(column) ? null : r.GetString(column);
}
