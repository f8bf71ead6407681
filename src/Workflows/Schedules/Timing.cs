using NodaTime;
using Rookery.Kernel.Scheduling;

namespace Rookery.Workflows.Schedules;

internal static class ScheduleTypes
{
    public const string Cron = "cron";
    public const string Interval = "interval";
    public const string OneTime = "one_time";

    public static IReadOnlyList<string> All { get; } = [Cron, Interval, OneTime];
}

/// <summary>When a schedule comes: at times of the clock on a wall, every so often, or once.</summary>
/// <param name="Cron">With a zone; else null.</param>
/// <param name="Interval">From one time to the next; null for the others. It does not drift.</param>
internal sealed record Timing(Cron? Cron, TimeSpan? Interval, DateTimeZone Zone)
{
    /// <summary>Times that are longer past than this are not even counted, but for the last when there is no later one.</summary>
    public static readonly TimeSpan LookBack = TimeSpan.FromDays(30);

    /// <param name="time">A time of this schedule.</param>
    /// <returns>Null: that was the last.</returns>
    public DateTimeOffset? After(DateTimeOffset time) => Cron is not null ? Cron.Next(time, Zone) : time + Interval;

    /// <summary>The first time after now, of a schedule that stood still since <paramref name="time"/>.</summary>
    public DateTimeOffset? Upcoming(DateTimeOffset time, DateTimeOffset now) =>
        time > now ? time
        : Cron is not null ? Cron.Next(now, Zone)
        : Interval is { } interval ? time + (((now - time).Ticks / interval.Ticks) + 1) * interval
        : null;

    /// <summary>The times that have come by now.</summary>
    /// <param name="first">The first of them.</param>
    /// <param name="most">So many of the latest are kept; the others are only counted.</param>
    public DueTimes Due(DateTimeOffset first, DateTimeOffset now, int most)
    {
        var (latest, count) = (new Queue<DateTimeOffset>(), 0L);
        DateTimeOffset? time = first >= now - LookBack ? first
            : Upcoming(first, now - LookBack) is { } recent && recent <= now ? recent
            : Last(first, now);
        for (; time <= now; time = After(time.Value))
        {
            count++;
            latest.Enqueue(time.Value);
            if (latest.Count > most)
            {
                latest.Dequeue();
            }
        }

        return new DueTimes([.. latest], count, time);
    }

    /// <summary>The last time that has come by now. Looks back twice as far each time, so that few are walked through.</summary>
    private DateTimeOffset Last(DateTimeOffset first, DateTimeOffset now)
    {
        var last = first;
        for (var back = LookBack; first < now - back; back *= 2)
        {
            if (Upcoming(first, now - back) is { } time && time <= now)
            {
                last = time;
                break;
            }
        }

        while (After(last) is { } next && next <= now)
        {
            last = next;
        }

        return last;
    }

    public IReadOnlyList<DateTimeOffset> Preview(DateTimeOffset? first, int most)
    {
        var times = new List<DateTimeOffset>();
        for (var time = first; time is { } at && times.Count < most; time = After(at))
        {
            times.Add(Instant.FromDateTimeOffset(at).InZone(Zone).ToDateTimeOffset());
        }

        return times;
    }
}

/// <param name="Latest">The oldest first.</param>
/// <param name="Count">Of all of them.</param>
/// <param name="Next">The first that is still to come.</param>
internal sealed record DueTimes(IReadOnlyList<DateTimeOffset> Latest, long Count, DateTimeOffset? Next);
