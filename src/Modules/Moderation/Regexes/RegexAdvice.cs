using System.Globalization;
using System.Text.RegularExpressions;

namespace Rookery.Modules.Moderation.Regexes;

/// <summary>Says why a regular expression is refused, and what to write instead.</summary>
internal static class RegexAdvice
{
    /// <summary>Steps one expression may spell out; each may cost time for each character of each message.</summary>
    public const int MaxSize = 500;

    /// <summary>Texts in which an expression that can match nothing does so.</summary>
    private static readonly string[] Probes = ["", "a", "1 ", " a b ", "!"];

    /// <returns>Null when the expression is fine.</returns>
    public static string? Check(string pattern)
    {
        RegexShape shape;
        try
        {
            shape = LinearRegex.Read(pattern);
        }
        catch (RegexParseException e)
        {
            return $"is no regular expression: {e.Message}";
        }

        if (shape.Unsupported is [var (construct, at), ..])
        {
            return $"contains {pattern[at]}, {Explain(pattern, construct, at)}";
        }

        if (shape.Size > MaxSize)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"spells out {shape.Size} steps when its counts are written in full; at most {MaxSize} are allowed. ")
                + "Lower the numbers in braces, or use + or *.";
        }

        return Compile(pattern) switch
        {
            null =>
                "cannot be run in time linear in the message. Write it without constructs that look around or back.",
            var regex when Probes.Any(p => MatchesNothing(regex, p)) =>
                "can match nothing at all and so would match every message. Write + where * lets it be empty; "
                + "for every message use the pattern * alone.",
            _ => null,
        };
    }

    private static string Explain(string pattern, RegexConstruct construct, Range at) => construct switch
    {
        RegexConstruct.Lookaround =>
            "a look-ahead or look-behind, which cannot be run in linear time. For whole words use the match type word, or \\b."
            + Suggest("Without it: ", Without(pattern, at)),
        RegexConstruct.AtomicGroup =>
            "an atomic group, which is not needed: nothing here backtracks."
            + Suggest("Write: ", pattern.Replace("(?>", "(?:", StringComparison.Ordinal)),
        RegexConstruct.BackReference =>
            "a reference back to a group, which cannot be run in linear time. "
            + "Write out what may repeat, for example a{5,}|b{5,} for a letter five times.",
        RegexConstruct.BalancingGroup =>
            "a group that balances another, which cannot be run in linear time. Nested brackets cannot be counted here.",
        RegexConstruct.Conditional =>
            "a condition, which cannot be run in linear time. Write both branches as alternatives: yes|no.",
        RegexConstruct.Contiguous =>
            "which has no meaning here. Use ^ for the beginning of the message."
            + Suggest("Write: ", pattern.Replace("\\G", "^", StringComparison.Ordinal)),
        _ => throw new ArgumentOutOfRangeException(nameof(construct)),
    };

    /// <summary>A suggestion is made only if it would be accepted.</summary>
    private static string Suggest(string lead, string pattern) =>
        pattern.Length > 0 && Check(pattern) is null ? $" {lead}{pattern}" : "";

    private static string Without(string pattern, Range at) => pattern[..at.Start] + pattern[at.End..];

    private static bool MatchesNothing(Regex regex, string probe)
    {
        foreach (var match in regex.EnumerateMatches(probe))
        {
            if (match.Length == 0)
            {
                return true;
            }
        }

        return false;
    }

    private static Regex? Compile(string pattern)
    {
        try
        {
            return LinearRegex.Make(pattern, caseSensitive: true);
        }
        catch (NotSupportedException)
        {
            return null;
        }
    }
}
