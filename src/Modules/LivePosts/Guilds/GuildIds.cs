using Rookery.Kernel.Chat;

namespace Rookery.Modules.LivePosts.Guilds;

/// <summary>How guilds are named: a server by its id; a channel of the sandbox, which has no servers, with a prefix.</summary>
internal static class GuildIds
{
    private const string Sandbox = "sandbox:";

    /// <returns>Null for a place that is no guild, such as a Twitch channel.</returns>
    public static string? Of(ChannelId channel) => channel switch
    {
        { Platform: Platform.Discord or Platform.Slack, Server: { } server } => server,
        { Platform: Platform.Sandbox } => Sandbox + channel.Channel,
        _ => null,
    };

    public static ChannelId Channel(Platform platform, string guild, string channel) =>
        new(platform, platform == Platform.Sandbox ? null : guild, channel);

    /// <summary>The only channel of a guild of the sandbox.</summary>
    public static string SandboxChannel(string guild) => guild[Sandbox.Length..];
}
