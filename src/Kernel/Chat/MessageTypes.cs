using System.Collections.Frozen;

namespace Rookery.Kernel.Chat;

/// <summary>
/// The kinds of event a platform can report, as they are named in JSON and in <c>commands.event_types</c>.
/// </summary>
public static class MessageTypes
{
    public const string Chat = "chatMessage";

    /// <summary>A command line that its platform delivers apart from the channel's talk; its text begins with a prefix.</summary>
    public const string SlashCommand = "slashCommand";

    /// <summary>A form was filled in.</summary>
    public const string Form = "modal_submit";

    public static FrozenSet<string> All { get; } = FrozenSet.Create(
        StringComparer.Ordinal,
        Chat, "subscription", "follow", "donation", "cheer", "raid", "host", "subgift", "resub", "reaction",
        "member_join", "member_leave", "voice_join", "voice_leave", "voice_time", "boost", "ban", "kick", "timeout",
        "warn", "file_share", "app_mention", "channel_join", SlashCommand, "interaction", Form,
        "button_click", "select_menu", "gift_subscription", "stream_online", "stream_offline",
        "channel_update", "redemption", "hype_train", "unban", "role_change", "reaction_remove", "message_edit",
        "message_delete", "pin", "link", "channel_created", "thread_create", "invite_create", "workflow_step", "emoji", "call",
        "server_join", "server_leave");
}
