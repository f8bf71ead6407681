using System.Text.Json;

namespace Rookery.Platforms.Discord.Gateway;

/// <summary>The names of the dispatches that mean something here.</summary>
internal static class EventTypes
{
    public const string Ready = "READY";
    public const string Resumed = "RESUMED";
    public const string MessageCreate = "MESSAGE_CREATE";
    public const string MessageUpdate = "MESSAGE_UPDATE";
    public const string MessageDelete = "MESSAGE_DELETE";
    public const string MessageDeleteBulk = "MESSAGE_DELETE_BULK";
    public const string ReactionAdd = "MESSAGE_REACTION_ADD";
    public const string ReactionRemove = "MESSAGE_REACTION_REMOVE";
    public const string GuildCreate = "GUILD_CREATE";
    public const string GuildUpdate = "GUILD_UPDATE";
    public const string GuildDelete = "GUILD_DELETE";
    public const string RoleCreate = "GUILD_ROLE_CREATE";
    public const string RoleUpdate = "GUILD_ROLE_UPDATE";
    public const string RoleDelete = "GUILD_ROLE_DELETE";
    public const string MemberAdd = "GUILD_MEMBER_ADD";
    public const string MemberUpdate = "GUILD_MEMBER_UPDATE";
    public const string MemberRemove = "GUILD_MEMBER_REMOVE";
    public const string BanAdd = "GUILD_BAN_ADD";
    public const string BanRemove = "GUILD_BAN_REMOVE";
    public const string VoiceState = "VOICE_STATE_UPDATE";
    public const string ThreadCreate = "THREAD_CREATE";
    public const string InviteCreate = "INVITE_CREATE";
    public const string AuditLogEntry = "GUILD_AUDIT_LOG_ENTRY_CREATE";
    public const string Interaction = "INTERACTION_CREATE";

    private static readonly string[] Known =
    [
        MessageCreate, MessageUpdate, MessageDelete, MessageDeleteBulk, ReactionAdd, ReactionRemove, GuildCreate, GuildUpdate,
        GuildDelete, RoleCreate, RoleUpdate, RoleDelete, MemberAdd, MemberUpdate, MemberRemove, BanAdd, BanRemove, VoiceState,
        ThreadCreate, InviteCreate, Interaction, Ready, Resumed, AuditLogEntry,
    ];

    public static IReadOnlyList<string> All => Known;

    /// <summary>The name at the reader, without making a string of one that is known.</summary>
    public static string? Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            return null;
        }

        foreach (var known in Known)
        {
            if (reader.ValueTextEquals(known))
            {
                return known;
            }
        }

        return reader.GetString();
    }
}
