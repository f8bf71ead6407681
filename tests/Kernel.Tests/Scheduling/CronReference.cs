using System.Globalization;
using NodaTime;

namespace Rookery.Kernel.Tests.Scheduling;

/// <summary>
/// What a cron expression means, worked out the slow way: minute by minute along the clock on the wall, with fields looked at as
/// text. It knows nothing of the code it is compared with.
/// </summary>
internal static class CronReference
{
    private static readonly string Names = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC";
    private static readonly string Weekdays = "SUNMONTUEWEDTHUFRISAT";

    /// <summary>All times after one instant and before another, both whole minutes.</summary>
    public static List<DateTimeOffset> Times(string expression, DateTimeZone zone, Instant from, Instant to)
    {
        var fields = expression.Split(' ');
        var minutes = Enumerable.Range(0, 1440).Select(m => Has(fields[0], m % 60, 0, 59) && Has(fields[1], m / 60, 0, 23)).ToArray();
        var days = new Dictionary<long, bool>();
        var found = new List<DateTimeOffset>();
        // How far the clock on the wall has come, in minutes; an hour shown twice does not come again.
        var shown = long.MinValue;
        foreach (var interval in zone.GetZoneIntervals(from - Duration.FromDays(2), to))
        {
            var offset = interval.WallOffset.Seconds / 60;
            var (start, end) = (Minute(Later(interval.HasStart ? interval.Start : Instant.MinValue, from - Duration.FromDays(2))), Minute(interval.HasEnd && interval.End < to ? interval.End : to));
            for (var minute = start; minute < end; minute++)
            {
                var wall = minute + offset;
                var fires = false;
                for (var m = shown == long.MinValue ? wall : shown + 1; m <= wall; m++)
                {
                    var day = Math.DivRem(m, 1440, out var ofDay);
                    if (minutes[ofDay])
                    {
                        if (!days.TryGetValue(day, out var on))
                        {
                            on = days[day] = OnDay(fields, DateTime.UnixEpoch.AddDays(day));
                        }

                        fires |= on;
                    }
                }

                shown = Math.Max(shown, wall);
                if (fires && minute > Minute(from))
                {
                    found.Add(DateTimeOffset.FromUnixTimeSeconds(minute * 60));
                }
            }
        }

        return found;
    }

    private static Instant Later(Instant one, Instant other) => one > other ? one : other;

    private static long Minute(Instant instant) => instant.ToUnixTimeSeconds() / 60;

    private static bool OnDay(string[] fields, DateTime date)
    {
        if (!Has(fields[3], date.Month, 1, 12))
        {
            return false;
        }

        var day = Has(fields[2], date.Day, 1, 31);
        var weekday = Has(fields[4], (int)date.DayOfWeek, 0, 6) || (date.DayOfWeek == DayOfWeek.Sunday && Has(fields[4], 7, 0, 6));
        return fields[2][0] == '*' || fields[4][0] == '*' ? day && weekday : day || weekday;
    }

    private static bool Has(string field, int value, int first, int last) => field.Split(',').Any(part =>
    {
        var step = part.Contains('/', StringComparison.Ordinal) ? int.Parse(part.Split('/')[1], CultureInfo.InvariantCulture) : 0;
        var range = part.Split('/')[0];
        var (low, high) = range == "*" ? (first, last)
            : range.Contains('-', StringComparison.Ordinal) ? (Number(range.Split('-')[0]), Number(range.Split('-')[1]))
            : step > 0 ? (Number(range), last)
            : (Number(range), Number(range));
        return value >= low && value <= high && (value - low) % Math.Max(step, 1) == 0;
    });

    private static int Number(string text) =>
        int.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number
        : Names.IndexOf(text, StringComparison.OrdinalIgnoreCase) is >= 0 and var month ? (month / 3) + 1
        : Weekdays.IndexOf(text, StringComparison.OrdinalIgnoreCase) / 3;
}
