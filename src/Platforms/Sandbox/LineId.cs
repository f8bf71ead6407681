using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Rookery.Platforms.Sandbox;

/// <summary>
/// How the event of a line is named: not by the bare number, which somebody who posts events for a sandbox channel might
/// choose as well.
/// </summary>
internal static class LineId
{
    private const string Prefix = "line-";

    public static string Of(long message) => Prefix + message.ToString(CultureInfo.InvariantCulture);

    public static bool TryParse([NotNullWhen(true)] string? id, out long message)
    {
        message = 0;
        return id is not null
            && id.StartsWith(Prefix, StringComparison.Ordinal)
            && long.TryParse(id.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out message);
    }
}
