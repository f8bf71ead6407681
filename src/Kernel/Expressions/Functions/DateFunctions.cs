using System.Globalization;
using NodaTime;
using NodaTime.Text;
using Rookery.Kernel.Expressions.Parsing;

namespace Rookery.Kernel.Expressions.Functions;

/// <summary>Functions over dates; they depend on the zone of the evaluation.</summary>
internal static class DateFunctions
{
    private const long Farthest = 400_000_000_000;
    private const int MaxPattern = 100;
    private const string DiscordStyles = "tTdDfFR";

    private static readonly BoundedCache<LocalDateTimePattern> Known =
        new(LocalDateTimePattern.CreateWithInvariantCulture);

    private static readonly (string Name, long Seconds)[] Units =
        [("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)];

    private delegate LocalDateTime Move(LocalDateTime from, int by);

    public static IEnumerable<Function> All { get; } =
    [
        Zoned("date(date, zone?)", (ref run, a) =>
        {
            var zone = Dates.Zone(ref run, a, 1);
            return Dates.Write(ref run, Dates.Read(ref run, a[0], zone), zone);
        }),
        Zoned("unix(date)", (ref run, a) => Read(ref run, a[0]).ToUnixTimeSeconds()),
        Zoned("format_date(date, pattern, zone?)", (ref run, a) =>
        {
            var zone = Dates.Zone(ref run, a, 2);
            return Format(ref run, Dates.Read(ref run, a[0], zone), zone, run.Text(a[1]));
        }),
        Zoned("add_seconds(date, seconds, zone?)", (ref run, a) => Add(ref run, a, 1)),
        Zoned("add_minutes(date, minutes, zone?)", (ref run, a) => Add(ref run, a, 60)),
        Zoned("add_hours(date, hours, zone?)", (ref run, a) => Add(ref run, a, 3_600)),
        Zoned("add_days(date, days, zone?)", (ref run, a) => Add(ref run, a, static (d, n) => d.PlusDays(n))),
        Zoned("add_weeks(date, weeks, zone?)", (ref run, a) => Add(ref run, a, static (d, n) => d.PlusWeeks(n))),
        Zoned("add_months(date, months, zone?)", (ref run, a) => Add(ref run, a, static (d, n) => d.PlusMonths(n))),
        Zoned("add_years(date, years, zone?)", (ref run, a) => Add(ref run, a, static (d, n) => d.PlusYears(n))),
        Zoned("diff_seconds(from, to)", (ref run, a) =>
            Read(ref run, a[1]).ToUnixTimeSeconds() - Read(ref run, a[0]).ToUnixTimeSeconds()),
        Zoned("weekday(date, zone?)", (ref run, a) =>
        {
            var zone = Dates.Zone(ref run, a, 1);
            return (int)Dates.Read(ref run, a[0], zone).InZone(zone).DayOfWeek;
        }),
        Zoned("discord_time(date, style?)", DiscordTime),
        new("duration(seconds)", Duration),
    ];

    public static Value Format(ref Run run, Instant instant, DateTimeZone zone, string pattern)
    {
        try
        {
            return pattern.Length > MaxPattern
                ? run.WrongValue($"a pattern has at most {MaxPattern} characters.")
                : Known.Get(pattern).Format(instant.InZone(zone).LocalDateTime);
        }
        catch (InvalidPatternException e)
        {
            return run.WrongValue($"{Run.Describe(pattern)} is no pattern for a date: {e.Message}");
        }
    }

    private static Function Zoned(string form, FunctionBody body) => new(form, body) { IsPure = false };

    private static Instant Read(ref Run run, in Value value) => Dates.Read(ref run, value, run.Evaluation.Zone);

    private static Value Add(ref Run run, scoped ReadOnlySpan<Value> a, int unit)
    {
        var zone = Dates.Zone(ref run, a, 2);
        var start = Dates.Read(ref run, a[0], zone).ToUnixTimeSeconds();
        var later = Dates.At(start + (run.Whole(a[1], -Farthest, Farthest) * (decimal)unit));
        return later is { } instant ? Dates.Write(ref run, instant, zone) : Dates.TooFar(ref run);
    }

    /// <summary>Moves the date on the calendar; the time on the wall clock stays.</summary>
    private static Value Add(ref Run run, scoped ReadOnlySpan<Value> a, Move move)
    {
        var zone = Dates.Zone(ref run, a, 2);
        var start = Dates.Read(ref run, a[0], zone).InZone(zone).LocalDateTime;
        var by = (int)run.Whole(a[1], int.MinValue, int.MaxValue);
        try
        {
            return run.Failed ? default : Dates.Write(ref run, move(start, by), zone);
        }
        catch (Exception e) when (e is OverflowException or ArgumentOutOfRangeException)
        {
            return Dates.TooFar(ref run);
        }
    }

    private static Value DiscordTime(ref Run run, scoped ReadOnlySpan<Value> a)
    {
        var style = a.Length == 2 ? run.Text(a[1]) : "f";
        return style.Length == 1 && DiscordStyles.Contains(style[0], StringComparison.Ordinal)
            ? $"<t:{Read(ref run, a[0]).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)}:{style}>"
            : run.WrongValue($"a style is one of the letters {DiscordStyles}.");
    }

    /// <summary>The two largest units of a time span in words.</summary>
    private static Value Duration(ref Run run, scoped ReadOnlySpan<Value> a)
    {
        var left = Math.Abs(run.Whole(a[0], -Farthest, Farthest));
        var words = new List<string>();
        foreach (var (name, seconds) in Units)
        {
            var count = left / seconds;
            left %= seconds;
            if (count > 0)
            {
                words.Add($"{count.ToString(CultureInfo.InvariantCulture)} {name}{(count == 1 ? "" : "s")}");
            }
        }

        return words.Count == 0 ? "0 seconds" : string.Join(' ', words.Take(2));
    }
}
