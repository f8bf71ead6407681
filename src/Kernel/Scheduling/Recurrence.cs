using System.Text.Json.Serialization;
using NodaTime;
using NodaTime.TimeZones;
using Rookery.Kernel.Web;

namespace Rookery.Kernel.Scheduling;

[JsonConverter(typeof(SnakeCase<RecurrencePattern>))]
public enum RecurrencePattern
{
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// <summary>
/// A time on the wall clock of one zone that comes again and again. It keeps its wall-clock time when the clocks
/// change: a time they skip comes at the end of the gap, a time they show twice comes the first time only.
/// </summary>
public sealed class Recurrence
{
    private const int LongestMonth = 31;

    private static readonly ZoneLocalMappingResolver Rule =
        Resolvers.CreateMappingResolver(Resolvers.ReturnEarlier, Resolvers.ReturnStartOfIntervalAfter);

    /// <param name="on">See <see cref="On"/>.</param>
    /// <param name="until">The last date it may come on; null is for ever.</param>
    /// <exception cref="ArgumentException"><paramref name="on"/> does not fit the pattern.</exception>
    public Recurrence(
        RecurrencePattern pattern, IReadOnlyList<int> on, LocalTime time, DateTimeZone zone, LocalDate? until = null)
    {
        if (!Fits(pattern, on))
        {
            throw new ArgumentException(
                $"[{string.Join(", ", on)}] are no days of a {pattern} recurrence.", nameof(on));
        }

        (Pattern, On, Time, Zone, Until) = (pattern, on, time, zone, until);
    }

    public RecurrencePattern Pattern { get; }

    /// <summary>
    /// Daily: empty. Weekly: ISO weekdays, 1 is Monday. Monthly: the day of the month. Yearly: month and day.
    /// A day that a month does not have is that month's last one; the next month has the day itself again.
    /// </summary>
    public IReadOnlyList<int> On { get; }

    public LocalTime Time { get; }

    public DateTimeZone Zone { get; }

    public LocalDate? Until { get; }

    /// <summary>The instant of a wall-clock time, by the same rule.</summary>
    public static DateTimeOffset Resolve(LocalDateTime local, DateTimeZone zone) =>
        zone.ResolveLocal(local, Rule).ToInstant().ToDateTimeOffset();

    /// <summary>The first occurrence strictly after an instant; null when the end comes first.</summary>
    public DateTimeOffset? After(DateTimeOffset instant)
    {
        // From the day before on: a late time that the clocks skip comes after midnight.
        var first = Instant.FromDateTimeOffset(instant).InZone(Zone).Date.PlusDays(-1);
        for (var step = 0; ; step++)
        {
            var date = Date(first, step);
            if (date > Until)
            {
                return null;
            }

            if (Pattern != RecurrencePattern.Weekly || On.Contains((int)date.DayOfWeek))
            {
                var at = Resolve(date + Time, Zone);
                if (at > instant)
                {
                    return at;
                }
            }
        }
    }

    private LocalDate Date(LocalDate first, int step) => Pattern switch
    {
        RecurrencePattern.Monthly => InMonth(first.ToYearMonth().PlusMonths(step), On[0]),
        RecurrencePattern.Yearly => InMonth(new YearMonth(first.Year + step, On[0]), On[1]),
        _ => first.PlusDays(step),
    };

    private static LocalDate InMonth(YearMonth month, int day) =>
        month.OnDayOfMonth(Math.Min(day, CalendarSystem.Iso.GetDaysInMonth(month.Year, month.Month)));

    private static bool Fits(RecurrencePattern pattern, IReadOnlyList<int> on) => pattern switch
    {
        RecurrencePattern.Daily => on.Count == 0,
        RecurrencePattern.Weekly =>
            on.Count > 0 && on.All(d => d is >= 1 and <= 7) && on.Distinct().Count() == on.Count,
        RecurrencePattern.Monthly => on is [>= 1 and <= LongestMonth],
        RecurrencePattern.Yearly => on is [>= 1 and <= 12, >= 1 and <= LongestMonth],
        _ => false,
    };
}
