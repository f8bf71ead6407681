namespace Rookery.Kernel.Chat;

/// <summary>
/// A channel as its platform names it: a Discord guild and channel snowflake, a Slack team and channel id,
/// a Twitch broadcaster (which has no server).
/// </summary>
public readonly record struct ChannelId(Platform Platform, string? Server, string Channel)
{
    /// <summary>
    /// The one text form, <c>platform:server:channel</c> (or <c>platform:channel</c> without a server), which is
    /// the entity id outside. <c>%</c> and <c>:</c> inside a part are percent-encoded, so no two channels share it.
    /// </summary>
    public override string ToString() => Server is null
        ? $"{Platform.Name()}:{Escape(Channel)}"
        : $"{Platform.Name()}:{Escape(Server)}:{Escape(Channel)}";

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static bool TryParse(string text, out ChannelId channel)
    {
        channel = default;
        var parts = text.Split(':');
        if (parts.Length is not (2 or 3) || !Platforms.TryParse(parts[0], out var platform) || parts[^1].Length == 0)
        {
            return false;
        }

        channel = new ChannelId(platform, parts.Length == 3 ? Unescape(parts[1]) : null, Unescape(parts[^1]));
        return true;
    }

    private static string Escape(string part) =>
        part.AsSpan().ContainsAny('%', ':')
            ? part.Replace("%", "%25", StringComparison.Ordinal).Replace(":", "%3A", StringComparison.Ordinal)
            : part;

    private static string Unescape(string part) =>
        part.Contains('%', StringComparison.Ordinal)
            ? part.Replace("%3A", ":", StringComparison.Ordinal).Replace("%25", "%", StringComparison.Ordinal)
            : part;
}
