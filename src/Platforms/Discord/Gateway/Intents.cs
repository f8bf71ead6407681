namespace Rookery.Platforms.Discord.Gateway;

/// <summary>Source: Discord developer documentation, Gateway, list of intents.</summary>
[Flags]
internal enum Intents
{
    Guilds = 1 << 0,
    GuildMembers = 1 << 1,
    GuildModeration = 1 << 2,
    GuildInvites = 1 << 6,
    GuildVoiceStates = 1 << 7,
    GuildMessages = 1 << 9,
    GuildMessageReactions = 1 << 10,
    DirectMessages = 1 << 12,
    MessageContent = 1 << 15,

    Default = Guilds | GuildMembers | GuildModeration | GuildInvites | GuildVoiceStates | GuildMessages
        | GuildMessageReactions | MessageContent,
}
