using System.Buffers;
using System.Collections.Frozen;

namespace Rookery.Kernel.Web;

/// <summary>
/// Which headers a caller may add to a call, so that none can end the header block or change how the message is read.
/// </summary>
/// <remarks>Source: RFC 9110, sections 5.1, 5.5 and 7.6.1.</remarks>
internal static class HeaderRules
{
    private const int MaxValue = 4096;

    private static readonly SearchValues<char> Token =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly FrozenSet<string> Ours = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "Host", "Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authorization",
        "Upgrade", "TE", "Trailer", "Expect", "Content-Encoding");

    private static readonly FrozenSet<string> OfBody = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase, "Allow", "Expires", "Last-Modified");

    public static string? Check(string name, string? value)
    {
        if (name.Length is 0 or > 200 || name.AsSpan().ContainsAnyExcept(Token))
        {
            return "has a name that is no header name; use letters, digits and hyphens.";
        }

        if (Ours.Contains(name))
        {
            return "is set by the connection itself and cannot be given.";
        }

        return value is null || value.Length > MaxValue || value.AsSpan().ContainsAnyExceptInRange(' ', '~')
            ? $"has a value that cannot be sent; use at most {MaxValue} visible ASCII characters and no line breaks."
            : null;
    }

    /// <summary>True for headers that describe the body.</summary>
    public static bool IsOfBody(string name) =>
        name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase) || OfBody.Contains(name);
}
