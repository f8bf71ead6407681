using System.Text.Json.Serialization;
using Rookery.Kernel.Web;

namespace Rookery.Kernel.Chat;

/// <summary>Where people chat. <see cref="Sandbox"/> is built in and needs no account anywhere.</summary>
[JsonConverter(typeof(SnakeCase<Platform>))]
public enum Platform
{
    Sandbox,
    Discord,
    Twitch,
    Slack,
}

public static class Platforms
{
    private static readonly string[] Names = ["sandbox", "discord", "twitch", "slack"];

    /// <summary>All names as they stand in JSON and in the database.</summary>
    public static IReadOnlyList<string> All => Names;

    /// <summary>The lower-case name used in JSON, URLs and the database.</summary>
    public static string Name(this Platform platform) => Names[(int)platform];

    public static bool TryParse(string? name, out Platform platform)
    {
        var index = Array.IndexOf(Names, name);
        platform = index < 0 ? default : (Platform)index;
        return index >= 0;
    }

    /// <exception cref="FormatException">The name is not one of <see cref="All"/>.</exception>
    public static Platform Parse(string name) =>
        TryParse(name, out var platform) ? platform : throw new FormatException($"'{name}' is not a platform.");
}
