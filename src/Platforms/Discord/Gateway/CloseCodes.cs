namespace Rookery.Platforms.Discord.Gateway;

/// <summary>Source: Discord developer documentation, Opcodes and status codes, gateway close event codes.</summary>
internal static class CloseCodes
{
    /// <summary>Ours, when a connection is dead: any code but 1000 and 1001 keeps the session.</summary>
    public const int Zombie = 4900;

    /// <summary>What the operator must do, for codes after which connecting again is pointless; null for the others.</summary>
    public static string? Cure(int code, Intents intents) => code switch
    {
        4004 => "Discord refuses the bot token. Copy it anew from the developer portal (Bot, Reset Token) into "
            + "Platforms:Discord:BotToken.",
        4010 => "Discord refuses the shard. Leave Platforms:Discord:Shards out.",
        4011 => "The bot is in too many servers for its shards. Leave Platforms:Discord:Shards out or raise it.",
        4012 => "Discord refuses the version of its interface that this build speaks. Update Rookery.",
        4013 => "Discord does not know an intent. Leave Platforms:Discord:Intents out.",
        4014 => $"Discord does not allow an intent. In the developer portal, under Bot, switch on {Privileged(intents)}.",
        _ => null,
    };

    /// <summary>
    /// After these the session is gone and a new one is to be identified. 1000 and 1001 end it when we close with them, not when
    /// an edge of Discord's that goes away does.
    /// </summary>
    public static bool EndsSession(int code) => code is 4007 or 4009;

    private static string Privileged(Intents intents) => (intents & (Intents.GuildMembers | Intents.MessageContent)) switch
    {
        Intents.GuildMembers => "\"server members intent\"",
        Intents.MessageContent => "\"message content intent\"",
        _ => "\"server members intent\" and \"message content intent\"",
    };
}

/// <summary>Discord refuses this bot as it is set up; connecting again would not help.</summary>
internal sealed class GatewayRefusedException(string cure) : Exception(cure);
