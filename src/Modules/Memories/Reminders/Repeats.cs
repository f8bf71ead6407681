using System.Globalization;
using NodaTime;
using Rookery.Kernel.Scheduling;

namespace Rookery.Modules.Memories.Reminders;

/// <summary>Recurrences in words: <c>every monday and thursday at 18:00 until 2026-12-31</c>.</summary>
internal static class Repeats
{
    private static readonly int[] Workdays = [1, 2, 3, 4, 5];
    private static readonly int[] Weekend = [6, 7];

    public static bool Starts(TimeWords words) => words.Next is "every" or "daily" or "weekly" or "monthly" or "yearly";

    /// <returns>Null when the words say something else.</returns>
    public static Recurrence? Read(TimeWords words, DateTimeZone zone)
    {
        if (ReadDays(words) is not (var pattern, var on) || !words.TryTime(out var time))
        {
            return null;
        }

        LocalDate? until = null;
        if (words.Skip("until"))
        {
            if (!words.TryDate(out var end))
            {
                return null;
            }

            until = end;
        }

        return words.AtEnd ? new Recurrence(pattern, on, time, zone, until) : null;
    }

    /// <summary>In the words <see cref="Read"/> reads.</summary>
    public static string Describe(Recurrence r)
    {
        var days = r.Pattern switch
        {
            RecurrencePattern.Daily => "day",
            RecurrencePattern.Weekly when r.On.SequenceEqual(Workdays) => "weekday",
            RecurrencePattern.Weekly when r.On.SequenceEqual(Weekend) => "weekend",
            RecurrencePattern.Weekly => string.Join(" and ", r.On.Select(d => TimeWords.NameOf((IsoDayOfWeek)d))),
            RecurrencePattern.Monthly => string.Create(CultureInfo.InvariantCulture, $"month on {r.On[0]}"),
            _ => string.Create(CultureInfo.InvariantCulture, $"year on {r.On[0]:00}-{r.On[1]:00}"),
        };
        var end = r.Until is { } until ? $" until {until.ToString("uuuu-MM-dd", CultureInfo.InvariantCulture)}" : "";
        return $"every {days} at {r.Time.ToString("HH:mm", CultureInfo.InvariantCulture)}{end}";
    }

    private static (RecurrencePattern Pattern, int[] On)? ReadDays(TimeWords words)
    {
        var every = words.Skip("every");
        if (every ? words.Skip("day") : words.Skip("daily"))
        {
            return (RecurrencePattern.Daily, []);
        }

        if (every && words.Skip("weekday", "weekdays", "workday"))
        {
            return (RecurrencePattern.Weekly, Workdays);
        }

        if (every && words.Skip("weekend"))
        {
            return (RecurrencePattern.Weekly, Weekend);
        }

        if (every ? words.Skip("month") : words.Skip("monthly"))
        {
            SkipOn(words);
            return words.TryDayOfMonth(out var day) ? (RecurrencePattern.Monthly, [day]) : null;
        }

        if (every ? words.Skip("year") : words.Skip("yearly"))
        {
            SkipOn(words);
            return words.TryYearDay(out var date) ? (RecurrencePattern.Yearly, [date.Month, date.Day]) : null;
        }

        words.Skip("week", "weekly");
        SkipOn(words);
        return ReadWeekdays(words) is { Length: > 0 } days ? (RecurrencePattern.Weekly, days) : null;
    }

    private static int[] ReadWeekdays(TimeWords words)
    {
        var days = new SortedSet<int>();
        while (words.TryWeekday(out var day))
        {
            days.Add((int)day);
            words.Skip("and");
        }

        return [.. days];
    }

    private static void SkipOn(TimeWords words)
    {
        words.Skip("on");
        words.Skip("the");
    }
}
