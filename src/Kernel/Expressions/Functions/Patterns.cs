using System.Text.RegularExpressions;

namespace Rookery.Kernel.Expressions.Functions;

/// <summary>Regular expressions of people who need not be trusted: none takes longer than its text is long.</summary>
internal static class Patterns
{
    private const int MaxLength = 512;
    private const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    private static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(50);
    private static readonly BoundedCache<Regex> Known = new(pattern => new Regex(pattern, Options, Timeout));

    /// <param name="problem">Why the pattern cannot be used, else null.</param>
    public static bool Match(string text, string pattern, out string? problem)
    {
        problem = pattern.Length > MaxLength ? $"A pattern has at most {MaxLength} characters." : null;
        if (problem is not null)
        {
            return false;
        }

        try
        {
            return Known.Get(pattern).IsMatch(text);
        }
        catch (ArgumentException e)
        {
            problem = e.Message;
        }
        catch (NotSupportedException)
        {
            problem = "The pattern is too large, or looks ahead or behind or back at a group: that takes too long.";
        }
        catch (RegexMatchTimeoutException)
        {
            problem = $"The pattern takes longer than {Timeout.TotalMilliseconds} ms.";
        }

        return false;
    }
}
