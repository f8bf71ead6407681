using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using NodaTime;

namespace Rookery.Kernel.Scheduling;

/// <summary>
/// Times on the wall clock as five fields: minute, hour, day of the month, month, day of the week. A field is <c>*</c>, numbers,
/// names such as MON and JAN, ranges, steps, and lists of these. When both day fields name days, either of them is enough; a
/// field that begins with <c>*</c> names none. A time that the clocks skip comes at the end of the gap, together with any other
/// that comes then; a time that they show twice comes the first time only.
/// </summary>
/// <remarks>Source: crontab(5) of P. Vixie's cron, for the fields, the macros and the rule of the two day fields.</remarks>
public sealed class Cron
{
    /// <summary>Within these years every pair of a day and a weekday comes, also 29 February over the year 2100.</summary>
    private const int SearchYears = 50;

    private const int MaxLength = 255;

    private static readonly Dictionary<string, string> Macros = new(StringComparer.OrdinalIgnoreCase)
    {
        ["@yearly"] = "0 0 1 1 *",
        ["@annually"] = "0 0 1 1 *",
        ["@monthly"] = "0 0 1 * *",
        ["@weekly"] = "0 0 * * 0",
        ["@daily"] = "0 0 * * *",
        ["@midnight"] = "0 0 * * *",
        ["@hourly"] = "0 * * * *",
    };

    private readonly ulong _minutes;
    private readonly ulong _hours;
    private readonly CronField _days;
    private readonly ulong _months;
    private readonly CronField _weekdays;

    private Cron(IReadOnlyList<CronField> fields) =>
        (_minutes, _hours, _days, _months, _weekdays) = (fields[0].Bits, fields[1].Bits, fields[2], fields[3].Bits, fields[4]);

    /// <param name="error">Names the field and says how to mend it.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out Cron? cron, [NotNullWhen(false)] out string? error)
    {
        (cron, error) = (null, null);
        var words = text.Length > MaxLength ? [] : text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words is [['@', ..] macro])
        {
            if (!Macros.TryGetValue(macro, out var fields))
            {
                error = $"{macro} is not known; take one of {string.Join(", ", Macros.Keys)}.";
                return false;
            }

            words = fields.Split(' ');
        }

        if (words.Length != CronField.Count)
        {
            error = $"must have {CronField.Count} fields: minute, hour, day of the month, month, day of the week; such as 30 18 * * MON-FRI.";
            return false;
        }

        var parsed = new List<CronField>();
        for (var i = 0; i < words.Length; i++)
        {
            if (!CronField.TryParse(i, words[i], out var field, out error))
            {
                return false;
            }

            parsed.Add(field);
        }

        var made = new Cron(parsed);
        if (!made.HasDay())
        {
            error = $"day of the month: no month that is named has the day {words[2]}.";
            return false;
        }

        cron = made;
        return true;
    }

    /// <summary>The first time strictly after an instant; null when none comes within fifty years.</summary>
    public DateTimeOffset? Next(DateTimeOffset after, DateTimeZone zone)
    {
        var local = Instant.FromDateTimeOffset(after).InZone(zone).LocalDateTime;
        var limit = Math.Min(local.Year + SearchYears, 9998);
        for (var next = Following(local, limit); next is { } found; next = Following(found, limit))
        {
            // Not later: the second showing of a time, or one the clocks skipped just now.
            if (Recurrence.Resolve(found, zone) is var at && at > after)
            {
                return at;
            }
        }

        return null;
    }

    /// <summary>The first minute of the wall clock that is strictly later.</summary>
    private LocalDateTime? Following(LocalDateTime after, int lastYear)
    {
        var from = after.Date.At(new LocalTime(after.Hour, after.Minute)).PlusMinutes(1);
        var (date, hour, minute) = (from.Date, from.Hour, from.Minute);
        while (date.Year <= lastYear)
        {
            if ((_months >> date.Month & 1) == 0)
            {
                date = date.PlusMonths(1).With(DateAdjusters.StartOfMonth);
            }
            else if (OnDay(date) && Time(hour, minute) is { } time)
            {
                return date + time;
            }
            else
            {
                date = date.PlusDays(1);
            }

            (hour, minute) = (0, 0);
        }

        return null;
    }

    /// <summary>The first time of a day from then on.</summary>
    private LocalTime? Time(int hour, int minute)
    {
        if ((_hours >> hour & 1) != 0 && _minutes >> minute is not 0 and var left)
        {
            return new LocalTime(hour, minute + BitOperations.TrailingZeroCount(left));
        }

        return _hours >> hour >> 1 is not 0 and var later
            ? new LocalTime(hour + 1 + BitOperations.TrailingZeroCount(later), BitOperations.TrailingZeroCount(_minutes))
            : null;
    }

    private bool OnDay(LocalDate date)
    {
        var (day, weekday) = ((_days.Bits >> date.Day & 1) != 0, (_weekdays.Bits >> (int)date.DayOfWeek % 7 & 1) != 0);
        return _days.IsStar || _weekdays.IsStar ? day && weekday : day || weekday;
    }

    private bool HasDay() => !(_days.IsStar || _weekdays.IsStar)
        || Enumerable.Range(1, 12).Any(m => (_months >> m & 1) != 0 && (_days.Bits & ((2UL << LongestDay(m)) - 1)) != 0);

    private static int LongestDay(int month) => DateTime.DaysInMonth(2024, month);
}
