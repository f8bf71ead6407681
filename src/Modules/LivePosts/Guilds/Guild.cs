using System.Text.Json;
using Npgsql;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;

namespace Rookery.Modules.LivePosts.Guilds;

/// <summary>A server the bot is or was in; fields as in the seed table <c>guilds</c>.</summary>
/// <param name="LeftAt">When the bot was put out.</param>
internal sealed record Guild(
    string GuildId, string Name, string? Icon, string? OwnerId, DateTimeOffset CreatedAt, Platform Platform, long CommunityId, DateTimeOffset? LeftAt)
{
    public static readonly SqlFragment Columns = Sql.Fragment(
        "guild_id, name, icon, owner_id, created_at, platform, community_id, left_at");

    public static Guild Read(NpgsqlDataReader r) => new(
        r.GetString(0),
        r.GetString(1),
        r.IsDBNull(2) ? null : r.GetString(2),
        r.IsDBNull(3) ? null : r.GetString(3),
        r.GetFieldValue<DateTimeOffset>(4),
        Platforms.Parse(r.GetString(5)),
        r.GetInt64(6),
        r.IsDBNull(7) ? null : r.GetFieldValue<DateTimeOffset>(7));
}

/// <summary>How a guild's posts are made; fields as in the seed table <c>guild_config</c>.</summary>
/// <param name="Version">Counts changes; 0 while nothing was saved.</param>
/// <param name="PausedReason">Why nothing is sent until these settings are saved again.</param>
/// <param name="Bell">Whether posts have the button with which members choose whether it rings for them.</param>
internal sealed record GuildConfig(
    string GuildId,
    string ChannelId,
    string? MentionRoleId,
    JsonElement MessageTemplate,
    bool Enabled,
    DateTimeOffset? UpdatedAt,
    int Version,
    string TimeZone,
    string? PausedReason,
    bool Bell = true)
{
    public static readonly SqlFragment Columns = Sql.Fragment(
        "guild_id, channel_id, mention_role_id, message_template::text, enabled, updated_at, version, time_zone, paused_reason, bell");

    public static GuildConfig Read(NpgsqlDataReader r) => new(
        r.GetString(0),
        r.GetString(1),
        r.IsDBNull(2) ? null : r.GetString(2),
        JsonElement.Parse(r.GetString(3)),
        r.GetBoolean(4),
        r.GetFieldValue<DateTimeOffset>(5),
        r.GetInt32(6),
        r.GetString(7),
        r.IsDBNull(8) ? null : r.GetString(8),
        r.GetBoolean(9));
}
