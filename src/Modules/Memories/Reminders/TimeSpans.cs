using System.Collections.Frozen;
using System.Globalization;
using NodaTime;

namespace Rookery.Modules.Memories.Reminders;

/// <summary>
/// Spans such as <c>10 minutes</c>, <c>1h30m</c> or <c>2 days and 3 hours</c>. Days, weeks, months and years keep the
/// wall-clock time; a month is a calendar month.
/// </summary>
internal static class TimeSpans
{
    private const int MaxNumber = 9_999_999;

    private static readonly FrozenDictionary<string, Period> Units = Named(
        (Period.FromSeconds(1), "s sec secs second seconds"),
        (Period.FromMinutes(1), "m min mins minute minutes"),
        (Period.FromHours(1), "h hr hrs hour hours"),
        (Period.FromDays(1), "d day days"),
        (Period.FromWeeks(1), "w wk wks week weeks"),
        (Period.FromMonths(1), "mo mos month months"),
        (Period.FromYears(1), "y yr yrs year years"));

    /// <summary>Reads the rest of the words as one span; null when it is none.</summary>
    public static Period? Read(TimeWords words)
    {
        var sum = new PeriodBuilder();
        var last = "";
        for (var any = false; !words.AtEnd; any = true)
        {
            if (any && words.Skip("and") && words.AtEnd)
            {
                return null;
            }

            last = words.Next;
            words.Skip(last);
            if (Digits(last) == last.Length || last is "a" or "an")
            {
                // "10 minutes": the unit is the next word.
                var unit = words.Next;
                words.Skip(unit);
                last = $"{(last[0] == 'a' ? "1" : last)}{unit}";
            }

            if (!Add(sum, last))
            {
                return null;
            }
        }

        return last.Length == 0 ? null : sum.Build();
    }

    /// <summary>Adds <c>1h30m</c>, one number and unit after the other.</summary>
    private static bool Add(PeriodBuilder sum, ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            var digits = Digits(text);
            var letters = text[digits..].IndexOfAnyInRange('0', '9');
            var unit = letters < 0 ? text[digits..] : text.Slice(digits, letters);
            if (!int.TryParse(text[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > MaxNumber
                || !Units.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(unit, out var period))
            {
                return false;
            }

            sum.Seconds += period.Seconds * number;
            sum.Minutes += period.Minutes * number;
            sum.Hours += period.Hours * number;
            sum.Days += period.Days * number;
            sum.Weeks += period.Weeks * number;
            sum.Months += period.Months * number;
            sum.Years += period.Years * number;
            text = text[(digits + unit.Length)..];
            if (Math.Max(Math.Max(sum.Years, sum.Months), Math.Max(sum.Weeks, sum.Days)) > MaxNumber)
            {
                return false;
            }
        }

        return true;
    }

    private static int Digits(ReadOnlySpan<char> text)
    {
        var other = text.IndexOfAnyExceptInRange('0', '9');
        return other < 0 ? text.Length : other;
    }

    private static FrozenDictionary<string, Period> Named(params (Period Unit, string Names)[] units) =>
        units.SelectMany(u => u.Names.Split(' ').Select(n => KeyValuePair.Create(n, u.Unit))).ToFrozenDictionary(
            StringComparer.Ordinal);
}
