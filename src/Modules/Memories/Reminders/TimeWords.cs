using System.Collections.Frozen;
using System.Globalization;
using NodaTime;
using NodaTime.Text;

namespace Rookery.Modules.Memories.Reminders;

/// <summary>A time in words, read from left to right. What does not fit is left unread.</summary>
internal sealed class TimeWords
{
    private static readonly char[] Separators = [' ', '\t', '\n', '\r', ','];

    private static readonly FrozenDictionary<string, IsoDayOfWeek> Weekdays = new Dictionary<string, IsoDayOfWeek>(
        StringComparer.Ordinal)
    {
        ["mon"] = IsoDayOfWeek.Monday,
        ["tue"] = IsoDayOfWeek.Tuesday,
        ["tues"] = IsoDayOfWeek.Tuesday,
        ["wed"] = IsoDayOfWeek.Wednesday,
        ["thu"] = IsoDayOfWeek.Thursday,
        ["thur"] = IsoDayOfWeek.Thursday,
        ["thurs"] = IsoDayOfWeek.Thursday,
        ["fri"] = IsoDayOfWeek.Friday,
        ["sat"] = IsoDayOfWeek.Saturday,
        ["sun"] = IsoDayOfWeek.Sunday,
    }.Concat(Enum.GetValues<IsoDayOfWeek>().Where(d => d != IsoDayOfWeek.None).SelectMany(d => new[]
    {
        KeyValuePair.Create(NameOf(d), d),
        KeyValuePair.Create($"{NameOf(d)}s", d),
    })).ToFrozenDictionary(StringComparer.Ordinal);

    private readonly string[] _words;
    private int _next;

    public TimeWords(string text) =>
        _words = text.ToLowerInvariant().Split(Separators, StringSplitOptions.RemoveEmptyEntries);

    public bool AtEnd => _next == _words.Length;

    public string Next => AtEnd ? "" : _words[_next];

    public static string NameOf(IsoDayOfWeek day) => day.ToString().ToLowerInvariant();

    /// <summary>Reads one of these words, if the next one is.</summary>
    public bool Skip(params ReadOnlySpan<string> words)
    {
        if (AtEnd || !words.Contains(Next))
        {
            return false;
        }

        _next++;
        return true;
    }

    public bool TryWeekday(out IsoDayOfWeek day) => Took(Weekdays.TryGetValue(Next, out day));

    /// <summary>Reads <c>2026-12-24</c>.</summary>
    public bool TryDate(out LocalDate date) => Took(IsDate(Next, out date));

    /// <summary>Reads <c>12-24</c>: month and day.</summary>
    public bool TryYearDay(out AnnualDate date) =>
        Took(AnnualDatePattern.Iso.Parse(Next).TryGetValue(default, out date));

    /// <summary>Reads <c>15</c>, <c>1st</c> and so on.</summary>
    public bool TryDayOfMonth(out int day)
    {
        var digits = Next.TrimEnd('s', 't', 'n', 'd', 'r', 'h');
        return Took(
            int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out day) && day is >= 1 and <= 31);
    }

    /// <summary>Reads an instant with its offset, <c>2026-12-24T18:00:00+01:00</c> or <c>…Z</c>.</summary>
    public bool TryInstant(out DateTimeOffset at)
    {
        at = default;
        return Took(Next.Length > 16 && Next[10] == 't' && (Next[^1] == 'z' || Next.AsSpan(16).ContainsAny('+', '-'))
            && DateTimeOffset.TryParse(Next, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out at));
    }

    /// <summary>Reads <c>2026-12-24T18:00</c>, or date and time as two words.</summary>
    public bool TryDateTime(out LocalDateTime at)
    {
        at = default;
        var start = _next;
        if (Next.Length > 11
            && Next[10] == 't'
            && IsDate(Next[..10], out var day)
            && TryClock(Next[11..], out var clock))
        {
            _next++;
            at = day + clock;
            return true;
        }

        if (TryDate(out var date) && TryTime(out var time))
        {
            at = date + time;
            return true;
        }

        _next = start;
        return false;
    }

    /// <summary>Reads <c>[at] 18:00</c>, <c>6pm</c>, <c>6:30 pm</c>, <c>noon</c> or <c>midnight</c>.</summary>
    public bool TryTime(out LocalTime time)
    {
        var start = _next;
        Skip("at");
        var word = Next;
        _next += AtEnd ? 0 : 1;
        if (!AtEnd && Next is "am" or "pm")
        {
            word += Next;
            _next++;
        }

        if (TryClock(word, out time))
        {
            return true;
        }

        _next = start;
        return false;
    }

    private static bool TryClock(string word, out LocalTime time)
    {
        time = word == "noon" ? LocalTime.Noon : LocalTime.Midnight;
        if (word is "noon" or "midnight")
        {
            return true;
        }

        var half = word.EndsWith("am", StringComparison.Ordinal)
            ? 0
            : word.EndsWith("pm", StringComparison.Ordinal)
            ? 12
            : -1;
        var parts = (half < 0 ? word : word[..^2]).Split(':');
        if (parts.Length > 2 || (parts.Length == 1 && half < 0) || !TryNumber(parts[0], out var hour)
            || (parts.Length == 2 && parts[1].Length != 2))
        {
            return false;
        }

        var minute = 0;
        if ((parts.Length == 2 && !TryNumber(parts[1], out minute))
            || minute > 59
            || (half < 0 ? hour > 23 : hour is < 1 or > 12))
        {
            return false;
        }

        time = new LocalTime(half < 0 ? hour : (hour % 12) + half, minute);
        return true;
    }

    /// <summary>Years at the ends of the calendar are no dates, so that every zone can show the rest.</summary>
    private static bool IsDate(string word, out LocalDate date) =>
        LocalDatePattern.Iso.Parse(word).TryGetValue(default, out date) && date.Year is > 1000 and < 9000;

    private static bool TryNumber(string digits, out int number)
    {
        number = 0;
        return digits.Length is 1 or 2
            && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    private bool Took(bool read)
    {
        _next += read ? 1 : 0;
        return read;
    }
}
