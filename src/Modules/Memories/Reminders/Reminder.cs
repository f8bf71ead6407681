using System.Text.Json.Serialization;
using NodaTime;
using NodaTime.Extensions;
using Npgsql;
using Rookery.Kernel.Data;
using Rookery.Kernel.Scheduling;

namespace Rookery.Modules.Memories.Reminders;

/// <summary>A reminder; fields as in the seed table <c>reminders</c>.</summary>
/// <param name="EntityId">The channel it was made in and is said in.</param>
/// <param name="RemindAt">The next time; the last one once it is over.</param>
/// <param name="IsSent">Nothing more will come: the only or the last time is on its way.</param>
/// <param name="SentAt">When it was last handed over for sending.</param>
/// <param name="IsLate">The last time came more than a minute after it was due.</param>
/// <param name="RecurringOn">As <see cref="Recurrence.On"/>.</param>
/// <param name="Zone">
/// IANA zone in which <paramref name="LocalTime"/> and <paramref name="RecurringEnd"/> are read.
/// </param>
/// <param name="RecurringEnd">The last date it may come on.</param>
internal sealed record Reminder(
    long Id,
    long? MemoryId,
    long CommunityId,
    string EntityId,
    string Platform,
    string UserId,
    string UserName,
    string ReminderText,
    DateTimeOffset RemindAt,
    DateTimeOffset CreatedAt,
    bool IsSent,
    DateTimeOffset? SentAt,
    bool IsLate,
    bool IsRecurring,
    RecurrencePattern? RecurringPattern,
    IReadOnlyList<int> RecurringOn,
    TimeOnly? LocalTime,
    string Zone,
    DateOnly? RecurringEnd,
    DateTimeOffset? CancelledAt)
{
    public static readonly SqlFragment Columns = Sql.Fragment(
        """
        id, memory_id, community_id, entity_id, platform, user_id, user_name, reminder_text, remind_at, created_at, is_sent, sent_at,
        is_late, is_recurring, recurring_pattern, recurring_on, local_time, zone, recurring_end, cancelled_at
        """);

    [JsonIgnore]
    public DateTimeZone TimeZone => MemberZones.Find(Zone) ?? DateTimeZone.Utc;

    [JsonIgnore]
    public Recurrence? Repeat => RecurringPattern is { } pattern
        ? new Recurrence(pattern, RecurringOn, LocalTime!.Value.ToLocalTime(), TimeZone, RecurringEnd?.ToLocalDate())
        : null;

    public static Reminder Read(NpgsqlDataReader r) => new(
        r.GetInt64(0),
        r.IsDBNull(1) ? null : r.GetInt64(1),
        r.GetInt64(2),
        r.GetString(3),
        r.GetString(4),
        r.GetString(5),
        r.GetString(6),
        r.GetString(7),
        r.GetFieldValue<DateTimeOffset>(8),
        r.GetFieldValue<DateTimeOffset>(9),
        r.GetBoolean(10),
        r.IsDBNull(11) ? null : r.GetFieldValue<DateTimeOffset>(11),
        r.GetBoolean(12),
        r.GetBoolean(13),
        r.IsDBNull(14) ? null : Enum.Parse<RecurrencePattern>(r.GetString(14), ignoreCase: true),
        r.GetFieldValue<int[]>(15),
        r.IsDBNull(16) ? null : r.GetFieldValue<TimeOnly>(16),
        r.GetString(17),
        r.IsDBNull(18) ? null : r.GetFieldValue<DateOnly>(18),
        r.IsDBNull(19) ? null : r.GetFieldValue<DateTimeOffset>(19));
}

/// <summary>A reminder to be made.</summary>
internal sealed record NewReminder(
    long Community, string EntityId, Actor For, string Text, ReminderTime Time, DateTimeZone Zone, long? MemoryId = null);
