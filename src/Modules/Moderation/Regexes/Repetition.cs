using System.Globalization;

namespace Rookery.Modules.Moderation.Regexes;

/// <summary>How often a part of an expression occurs.</summary>
/// <param name="Steps">How often it is spelled out. Endless repetition is one step that returns to itself.</param>
/// <param name="Exact">It occurs just once.</param>
internal readonly record struct Repetition(int Least, int Steps, bool Exact)
{
    private static Repetition Once { get; } = new(1, 1, true);

    /// <summary>Reads the quantifier at a place of a pattern, if there is one, and steps over it.</summary>
    public static Repetition Read(string pattern, ref int at)
    {
        var read = at >= pattern.Length ? Once : pattern[at] switch
        {
            '*' or '?' => new Repetition(0, 1, false),
            '+' => new Repetition(1, 1, false),
            '{' => Braces(pattern, ref at),
            _ => Once,
        };
        if (!read.Exact)
        {
            at++;
            at += at < pattern.Length && pattern[at] == '?' ? 1 : 0;
        }

        return read;
    }

    /// <summary>{n}, {n,} or {n,m}, up to the closing brace; anything else in braces is text.</summary>
    private static Repetition Braces(string pattern, ref int at)
    {
        var end = pattern.IndexOf('}', at);
        var counts = end < 0 ? [] : pattern[(at + 1)..end].Split(',');
        if (counts.Length is not (1 or 2) || !TryCount(counts[0], out var least))
        {
            return Once;
        }

        var most = least;
        if (counts[^1].Length > 0 && !TryCount(counts[^1], out most))
        {
            return Once;
        }

        at = end;
        return new Repetition(least, Math.Max(1, Math.Max(least, most)), false);
    }

    private static bool TryCount(string digits, out int count) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out count);
}
