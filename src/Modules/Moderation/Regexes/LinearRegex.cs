using System.Text.RegularExpressions;

namespace Rookery.Modules.Moderation.Regexes;

/// <summary>Regular expressions as rules run them.</summary>
internal static class LinearRegex
{
    /// <summary>
    /// An expression that takes time linear in the text. Case is ignored while matching; the text stays as it is.
    /// </summary>
    /// <exception cref="ArgumentException">The pattern is no regular expression.</exception>
    /// <exception cref="NotSupportedException">It cannot be run in linear time.</exception>
    public static Regex Make(string pattern, bool caseSensitive) => new(
        pattern,
        RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | (
            caseSensitive ? RegexOptions.None : RegexOptions.IgnoreCase),
        Regex.InfiniteMatchTimeout);

    /// <summary>Reads a pattern without making it ready to run, which is much cheaper.</summary>
    /// <exception cref="ArgumentException">The pattern is no regular expression.</exception>
    public static RegexShape Read(string pattern)
    {
        _ = new Regex(pattern, RegexOptions.CultureInvariant, Regex.InfiniteMatchTimeout);
        return RegexShape.Of(pattern);
    }
}
