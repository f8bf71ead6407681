using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Rookery.Kernel.Scheduling;

/// <summary>One field of a <see cref="Cron"/>.</summary>
/// <param name="Bits">The values that are meant, each as the bit of its number.</param>
/// <param name="IsStar">It begins with <c>*</c>, so it names no days.</param>
internal sealed record CronField(ulong Bits, bool IsStar)
{
    public const int Count = 5;

    private static readonly Kind[] Kinds =
    [
        new("minute", 0, 59, []),
        new("hour", 0, 23, []),
        new("day of the month", 1, 31, []),
        new("month", 1, 12, ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]),
        new("day of the week", 0, 7, ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]),
    ];

    /// <param name="index">Which field, from 0.</param>
    public static bool TryParse(
        int index, string text, [NotNullWhen(true)] out CronField? field, [NotNullWhen(false)] out string? error)
    {
        var kind = Kinds[index];
        var bits = 0UL;
        foreach (var part in text.Split(','))
        {
            if (Fault(kind, part, ref bits) is { } fault)
            {
                (field, error) = (null, $"{kind.Name}: {(part.Length == 0 ? "a comma has nothing beside it" : $"{part} {fault}")}.");
                return false;
            }
        }

        (field, error) = (new CronField(kind.IsWeekday ? bits | (bits >> 7 & 1) : bits, text[0] == '*'), null);
        return true;
    }

    /// <summary>Adds the values of one part of a list.</summary>
    private static string? Fault(Kind kind, string part, ref ulong bits)
    {
        var slash = part.Split('/');
        var step = 1;
        if (slash.Length > 2 || (slash.Length == 2 && !(Number(slash[1], out step) && step >= 1 && step <= kind.Last)))
        {
            return $"must have one step from 1 to {Show(kind.Last)} behind its /";
        }

        var ends = slash[0].Split('-');
        var (first, last) = (kind.First, kind.Top);
        if (slash[0] != "*")
        {
            if (ends.Length > 2 || !kind.Read(ends[0], out first))
            {
                return $"is not understood; take *, {kind.Allowed}, a range such as 1-5, or a step such as */2";
            }

            last = slash.Length == 2 ? Math.Max(first, kind.Top) : first;
            if (ends.Length == 2 && !kind.Read(ends[1], out last))
            {
                return $"is not understood; a range ends with {kind.Allowed}";
            }

            if (last < first)
            {
                return $"runs backwards; write {ends[0]}-{Show(kind.Last)},{Show(kind.First)}-{ends[1]}";
            }
        }

        for (var value = first; value <= last; value += step)
        {
            bits |= 1UL << value;
        }

        return null;
    }

    private static bool Number(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static string Show(int number) => number.ToString(CultureInfo.InvariantCulture);

    private sealed record Kind(string Name, int First, int Last, string[] Names)
    {
        /// <summary>Sunday is 0 and 7.</summary>
        public bool IsWeekday => Last == 7;

        /// <summary>Where steps end.</summary>
        public int Top => IsWeekday ? 6 : Last;

        public string Allowed => Names.Length == 0 ? $"a number from {Show(First)} to {Show(Last)}" : $"a number from {Show(First)} to {Show(Last)} or a name such as {Names[1]}";

        public bool Read(string text, out int value)
        {
            var name = Array.FindIndex(Names, n => n.Equals(text, StringComparison.OrdinalIgnoreCase));
            if (name >= 0)
            {
                // Months are counted from 1, days of the week from 0.
                value = name + First;
                return true;
            }

            return Number(text, out value) && value >= First && value <= Last;
        }
    }
}
