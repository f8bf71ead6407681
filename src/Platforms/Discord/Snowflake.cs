using System.Globalization;

namespace Rookery.Platforms.Discord;

/// <summary>Discord's ids. What is none never becomes part of an address.</summary>
internal static class Snowflake
{
    public static bool IsOne(string? id) =>
        id is { Length: > 0 and <= 20 } && ulong.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out _);
}
