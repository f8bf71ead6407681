using System.Collections.Frozen;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Chat;

namespace Rookery.Platforms.Slack;

/// <summary>
/// Makes facts of what Slack sends, which is the same over both transports: an event, a slash command or an interaction.
/// </summary>
internal sealed class SlackDecoder(IOptions<SlackOptions> options, People people)
{
    /// <summary>Kinds of event that mean nothing here.</summary>
    private static readonly FrozenSet<string> OfNoConcern = FrozenSet.Create(
        StringComparer.Ordinal,
        "app_home_opened", "app_rate_limited", "app_requested", "call_rejected", "channel_archive", "channel_deleted",
        "channel_history_changed", "channel_id_changed", "channel_left", "channel_rename", "channel_shared", "channel_unarchive",
        "channel_unshared", "dnd_updated", "dnd_updated_user", "email_domain_changed", "file_change",
        "file_comment_added", "file_comment_deleted", "file_comment_edited", "file_created", "file_deleted", "file_public",
        "file_unshared", "grid_migration_finished", "grid_migration_started", "group_archive", "group_close",
        "group_deleted", "group_history_changed", "group_left", "group_open", "group_rename", "group_unarchive", "im_close",
        "im_created", "im_history_changed", "im_open", "invite_requested", "message_metadata_posted", "pin_removed",
        "resources_added", "resources_removed", "scope_denied", "scope_granted", "star_added", "star_removed",
        "subteam_created", "subteam_members_changed", "subteam_self_added", "subteam_self_removed", "subteam_updated",
        "team_access_granted", "team_access_revoked", "team_domain_change", "team_rename", "url_verification", "user_change",
        "user_profile_changed", "user_status_changed");

    /// <param name="payload">An event's wrapper, a slash command's fields or an interaction's payload.</param>
    /// <param name="id">The event's id in the intake.</param>
    public Decoded Decode(JsonElement payload, string id, DateTimeOffset receivedAt)
    {
        if (SlackIds.Team(payload) is not { } team)
        {
            return Decoded.Unknown;
        }

        if (payload.At("event") is { ValueKind: JsonValueKind.Object } e)
        {
            return Event(new Source(team, id, payload.Moment("event_time") ?? receivedAt, payload), e);
        }

        var source = new Source(team, id, receivedAt, payload);
        return payload.Text("command") is { } command
            ? Command(source, command)
            : InteractionDecoder.Decode(source);
    }

    private Decoded Event(Source source, JsonElement e)
    {
        var type = e.Text("type");
        source = source with { At = e.Moment("event_ts") ?? e.Moment("ts") ?? source.At };
        if (type is "message" or "app_mention")
        {
            return MessageDecoder.Decode(source, e, text => SlackText.Read(text, user => people.NameOf(source.Team, user)));
        }

        if (IsOwnDoing(source.Payload, e))
        {
            return Decoded.Ignored;
        }

        var user = e.Text("user") ?? e.Text("user", "id") ?? e.Text("user_id");
        return (type, user) switch
        {
            ("app_installed", _) => Decoded.Of(source.Event("server_join", null, user ?? source.Team) with
            {
                Fact = new ServerJoined(e.Text("name") ?? source.Team, user),
            }),
            ("app_uninstalled", _) => Decoded.Of(
                source.Event("server_leave", null, source.Team) with { Fact = new ServerLeft() }),
            ("tokens_revoked", _) => RevokedBot(e)
                ? Decoded.Of(source.Event("server_leave", null, source.Team) with { Fact = new ServerLeft() })
                : Decoded.Ignored,
            ("channel_created", _) when e.At("channel") is { } made && made.Text("creator") is { } creator =>
                Decoded.Of(source.Event("channel_created", made.Text("id"), creator)),
            ("reaction_added" or "reaction_removed", { } by) => Reaction(source, e, by, type == "reaction_removed"),
            ("member_joined_channel", { } who) => Decoded.Of(
                source.Event("member_join", e.Text("channel"), who) with { Fact = new MemberJoined() }),
            ("member_left_channel", { } who) => Decoded.Of(
                source.Event("member_leave", e.Text("channel"), who) with { Fact = new MemberLeft() }),
            ("team_join", { } who) => Decoded.Of(
                source.Event("member_join", null, who) with { Fact = new MemberJoined() }),
            ("file_shared", { } by) when e.Text("file_id") is { } file => Decoded.Of(
                source.Event("file_share", e.Text("channel_id"), by) with { Fact = new FileShared(file, e.Text("file", "name")) }),
            ("pin_added", { } by) => Decoded.Of(source.Event("pin", e.Text("channel_id"), by)),
            ("link_shared", { } by) => Decoded.Of(source.Event("link", e.Text("channel"), by)),
            ("emoji_changed", { } by) when e.Text("subtype") == "add" => Decoded.Of(source.Event("emoji", null, by)),
            ("workflow_step_execute" or "function_executed", { } by) => Decoded.Of(source.Event("workflow_step", e.Text("channel"), by)),
            ("user_huddle_changed", { } who) => e.At("user")?.Text("profile", "huddle_state") == "in_a_huddle"
                ? Decoded.Of(source.Event("call", null, who))
                : Decoded.Ignored,
            ("emoji_changed" or "workflow_step_execute" or "function_executed", _) => Decoded.Ignored,
            ({ } known, _) when OfNoConcern.Contains(known) => Decoded.Ignored,
            _ => Decoded.Unknown,
        };
    }

    private static Decoded Reaction(Source source, JsonElement e, string user, bool removed) =>
        e.At("item") is { } item && item.Text("channel") is { } channel && item.Text("ts") is { } ts && e.Text("reaction") is { } reaction
            ? Decoded.Of(source.Event("reaction", channel, user) with
            {
                Fact = new Reacted(SlackIds.Message(channel, ts), reaction, removed),
            })
            : Decoded.Ignored;

    /// <summary>A slash command is a command line without its prefix; with nothing typed it asks for help.</summary>
    private Decoded Command(Source source, string command)
    {
        if (source.Payload.Text("user_id") is not { } user || source.Payload.Text("channel_id") is not { } channel)
        {
            return Decoded.Unknown;
        }

        var typed = SlackText.Read(
            source.Payload.Text("text")?.Trim() ?? "", mentioned => people.NameOf(source.Team, mentioned));
        var line = command == options.Value.SlashCommand
            ? typed.Length == 0 ? "help" : typed
            : $"{command.TrimStart('/')} {typed}".TrimEnd();
        return Decoded.Of(source.Event(MessageTypes.SlashCommand, channel, user) with
        {
            UserName = source.Payload.Text("user_name") ?? user,
            Text = line[0] is '!' or '#' ? line : $"!{line}",
            ReplyHandle = new ReplyPlace(
                Url: source.Payload.Text("response_url"), Trigger: source.Payload.Text("trigger_id")).ToHandle(),
        });
    }

    /// <summary>What the bot itself did, such as entering a channel, comes back as an event of its own user.</summary>
    private static bool IsOwnDoing(JsonElement payload, JsonElement e) =>
        e.Text("user") is { } user
        && payload.List("authorizations").Any(a => a.Says("is_bot") && a.Text("user_id") == user);

    private static bool RevokedBot(JsonElement e) => e.At("tokens") is { } tokens && tokens.List("bot").Any();
}

/// <summary>Where and when a payload comes from.</summary>
internal sealed record Source(string Team, string Id, DateTimeOffset At, JsonElement Payload)
{
    /// <summary>
    /// An event of this payload, whose people and places are ids. What lets its holder answer in Slack is not handed on.
    /// </summary>
    public InboundEvent Event(string type, string? channel, string user) => new()
    {
        Channel = SlackIds.Channel(Team, channel),
        Type = type,
        UserId = user,
        UserName = user,
        MessageId = Id,
        StoredId = Id,
        OccurredAt = At,
        Payload = Payload.At("event") is null
            ? JsonElement.Parse(Payload.Without("response_url", "response_urls", "trigger_id"))
            : Payload,
        ReplyPath = ReplyPath.Sender,
    };
}
