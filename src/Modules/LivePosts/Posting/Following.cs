using NodaTime;
using NodaTime.Extensions;
using Npgsql;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Expressions;
using Rookery.Modules.LivePosts.Guilds;
using Rookery.Modules.LivePosts.Templates;

namespace Rookery.Modules.LivePosts.Posting;

/// <summary>A guild that follows a streamer, and how it wants to be told.</summary>
/// <param name="Earlier">The row of a stream that just broke off, whose post goes on.</param>
internal sealed record Following(
    string GuildId,
    Platform Platform,
    long CommunityId,
    string ChannelId,
    string? RoleId,
    string Template,
    string? CustomContent,
    string? PausedReason,
    TimeOnly? QuietFrom,
    TimeOnly? QuietTo,
    string Zone,
    string? Filter,
    bool Bell,
    Guid StreamerId,
    EarlierPost? Earlier)
{
    /// <summary>With what the reason begins where a pause alone kept a post back.</summary>
    public const string Paused = "Posting is paused:";

    /// <summary>How many <see cref="Columns"/> there are.</summary>
    public const int Width = 14;

    public static readonly SqlFragment Columns = Sql.Fragment(
        """
        g.guild_id, g.platform, g.community_id, coalesce(gs.channel_id, c.channel_id), coalesce(gs.role_id, c.mention_role_id), c.message_template::text,
        gs.custom_content, c.paused_reason, gs.quiet_from, gs.quiet_to, c.time_zone, gs.filter, c.bell, gs.streamer_id
        """);

    public ChannelId Channel => GuildIds.Channel(Platform, GuildId, ChannelId);

    public DateTimeZone TimeZone => DateTimeZoneProviders.Tzdb.GetZoneOrNull(Zone) ?? DateTimeZone.Utc;

    /// <summary>The button that posts have here; null: none.</summary>
    public Component? BellButton => Bell && Platform == Platform.Discord ? Preferences.BellButton.Of(StreamerId) : null;

    public string Mention => PostMessage.Mention(Platform, RoleId);

    public static Following Read(NpgsqlDataReader r) => new(
        r.GetString(0),
        Platforms.Parse(r.GetString(1)),
        r.GetInt64(2),
        r.GetString(3),
        Text(r, 4),
        r.GetString(5),
        Text(r, 6),
        Text(r, 7),
        r.IsDBNull(8) ? null : r.GetFieldValue<TimeOnly>(8),
        r.IsDBNull(9) ? null : r.GetFieldValue<TimeOnly>(9),
        r.GetString(10),
        Text(r, 11),
        r.GetBoolean(12),
        r.GetGuid(13),
        null);

    /// <summary>The same with the earlier post, whose columns come after the others.</summary>
    public static Following ReadWithEarlier(NpgsqlDataReader r) => r.IsDBNull(Width) ? Read(r) : Read(r) with
    {
        Earlier = new EarlierPost(r.GetGuid(Width), r.GetString(Width + 1), Text(r, Width + 2), Text(r, Width + 3), Text(r, Width + 4)),
    };

    /// <summary>Why this guild gets no post of this stream; null: it gets one.</summary>
    public string? SkippedBecause(StreamFacts facts, DateTimeOffset now, TimeProvider clock)
    {
        if (facts.EndedAt is not null)
        {
            return "The stream was over before it was posted.";
        }

        if (ChannelId.Length == 0)
        {
            return "No channel is chosen; set one in the settings of the guild.";
        }

        // Last: what is said to be missed for a pause would have been posted without it.
        return IsQuiet(now) ? $"Quiet hours from {QuietFrom:HH\\:mm} to {QuietTo:HH\\:mm} ({Zone})."
            : FilteredBecause(facts, now, clock) ?? (PausedReason is { } paused ? $"{Paused} {paused}" : null);
    }

    private bool IsQuiet(DateTimeOffset now)
    {
        if (QuietFrom is not { } from || QuietTo is not { } to)
        {
            return false;
        }

        var time = now.ToInstant().InZone(TimeZone).TimeOfDay.ToTimeOnly();
        return time.IsBetween(from, to);
    }

    private string? FilteredBecause(StreamFacts facts, DateTimeOffset now, TimeProvider clock)
    {
        if (Filter is null || !Expression.TryParse(Filter, out var expression, out _))
        {
            return null;
        }

        var result = expression.Evaluate(facts.ForExpressions(now, TimeZone, clock));
        return result.Error is { } error ? $"The filter has no value: {error.Message}"
            : result.Value.Truthy ? null
            : "The filter leaves this stream out.";
    }

    private static string? Text(NpgsqlDataReader r, int column) => r.IsDBNull(column) ? null : r.GetString(column);
}

internal sealed record EarlierPost(Guid Id, string Status, string? MessageId, string? OutboxKey, string? ChannelId);
