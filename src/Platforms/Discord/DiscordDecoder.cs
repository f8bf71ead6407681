using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Rookery.Kernel.Chat;
using Rookery.Platforms.Discord.Gateway;
using Rookery.Platforms.Discord.Interactions;

namespace Rookery.Platforms.Discord;

/// <summary>
/// Makes of dispatches what they mean here. What is unknown means nothing and is no error. What happens to a server as a
/// whole happens in the channel that has the server's own id, which no channel of Discord has.
/// </summary>
internal sealed class DiscordDecoder(Guilds guilds, InteractionDecoder interactions, TimeProvider clock)
{
    private static readonly TimeSpan New = TimeSpan.FromHours(24);

    private readonly MessageReader _messages = new();

    /// <param name="key">Names the dispatch where it has no id of its own.</param>
    /// <returns>Null for what nobody here needs to know, such as what bots say.</returns>
    /// <exception cref="JsonException">It is not what Discord documents.</exception>
    public InboundEvent? Read(string type, ReadOnlySpan<byte> data, string key) => type switch
    {
        EventTypes.MessageCreate => Message(_messages.Read(data)),
        EventTypes.MessageUpdate => Edited(_messages.Read(data)),
        EventTypes.MessageDelete => Deleted(Parse(data, DiscordJson.Default.DeletedEvent), key),
        EventTypes.ReactionAdd => Reaction(Parse(data, DiscordJson.Default.ReactionEvent), removed: false, key),
        EventTypes.ReactionRemove => Reaction(Parse(data, DiscordJson.Default.ReactionEvent), removed: true, key),
        EventTypes.MemberAdd => OfMember(data, "member_join", new MemberJoined(), key),
        EventTypes.MemberRemove => OfMember(data, "member_leave", new MemberLeft(), key),
        EventTypes.MemberUpdate => Changed(Parse(data, DiscordJson.Default.MemberEvent)),
        EventTypes.BanAdd => OfMember(data, "ban", new Restricted(Restriction.Ban, null, null, null), key),
        EventTypes.BanRemove => OfMember(data, "unban", new Pardoned(Restriction.Ban, null), key),
        EventTypes.ThreadCreate => Thread(Parse(data, DiscordJson.Default.ThreadEvent)),
        EventTypes.InviteCreate => Invite(Parse(data, DiscordJson.Default.InviteEvent), key),
        EventTypes.AuditLogEntry => Kicked(Parse(data, DiscordJson.Default.AuditLogEntry), key),
        EventTypes.Interaction => interactions.Decode(Parse(data, DiscordJson.Default.InteractionEvent)),
        EventTypes.VoiceState => Voice(Parse(data, DiscordJson.Default.VoiceEvent), key),
        _ => null,
    };

    /// <summary>The owner is who Discord says it is.</summary>
    public InboundEvent Joined(GuildEvent guild, string key) => Event(
        guild.Id, guild.Id, new DiscordUser(guild.OwnerId ?? "", guild.OwnerId ?? ""), null, "server_join",
        new ServerJoined(guild.Name ?? guild.Id, guild.OwnerId), key);

    public InboundEvent Left(GuildEvent guild, string key) =>
        Event(guild.Id, guild.Id, new DiscordUser("", ""), null, "server_leave", new ServerLeft(), key);

    private InboundEvent? Message(in MessageEvent message) =>
        message is not { Author: { Bot: false } author, WebhookId: null, Content: { } text }
            ? null
            : new InboundEvent
            {
                Channel = new ChannelId(Platform.Discord, message.GuildId, message.ChannelId),
                Type = MessageTypes.Chat,
                UserId = author.Id,
                UserName = message.Member?.Nick ?? author.Name,
                UserRole = guilds.RoleOf(message.GuildId, author.Id, message.Member),
                MessageId = message.Id,
                Text = text,
                OccurredAt = message.Timestamp ?? clock.GetUtcNow(),
                ReplyPath = ReplyPath.Sender,
            };

    /// <summary>
    /// Discord also reports as changed what only got a preview, so the moment of the edit names the event.
    /// </summary>
    private InboundEvent? Edited(in MessageEvent message) =>
        message is { Author: { Bot: false } author, WebhookId: null, EditedTimestamp: { } at }
            ? Event(
                message.GuildId, message.ChannelId, author, message.Member, "message_edit",
                new MessageEdited(message.Id, message.Content), $"edit:{message.Id}:{at:O}")
            : null;

    private InboundEvent Deleted(DeletedEvent deleted, string key) => Event(
        deleted.GuildId, deleted.ChannelId, new DiscordUser("", ""), null, "message_delete", new MessageDeleted(deleted.Id), key);

    private InboundEvent? Thread(ThreadEvent thread) =>
        thread is { NewlyCreated: true, OwnerId: { } owner }
            ? Event(
                thread.GuildId, thread.ParentId ?? thread.Id, new DiscordUser(owner, owner), null, "thread_create", null,
                $"thread:{thread.Id}")
            : null;

    private InboundEvent? Invite(InviteEvent invite, string key) =>
        invite.Inviter is { Bot: false } inviter
            ? Event(invite.GuildId, invite.ChannelId, inviter, null, "invite_create", null, key)
            : null;

    private InboundEvent? Reaction(ReactionEvent reaction, bool removed, string key)
    {
        var user = reaction.Member?.User ?? new DiscordUser(reaction.UserId, reaction.UserId);
        return user.Bot
            ? null
            : Event(
                reaction.GuildId, reaction.ChannelId, user, reaction.Member, removed ? "reaction_remove" : "reaction",
                new Reacted(reaction.MessageId, reaction.Emoji.Name ?? reaction.Emoji.Id ?? "", removed), key);
    }

    private InboundEvent? OfMember(ReadOnlySpan<byte> data, string type, Fact fact, string key)
    {
        var member = Parse(data, DiscordJson.Default.MemberEvent);
        return member.User.Bot ? null : Event(member.GuildId, member.GuildId, member.User, Of(member), type, fact, key);
    }

    /// <summary>
    /// A boost and a timeout show as a moment in the member, so the moment names the event: it is told with every later change.
    /// </summary>
    private InboundEvent? Changed(MemberEvent member)
    {
        var now = clock.GetUtcNow();
        if (member.CommunicationDisabledUntil is { } until && until > now)
        {
            return Event(
                member.GuildId, member.GuildId, member.User, Of(member), "timeout",
                new Restricted(Restriction.Timeout, until, null, null),
                $"timeout:{member.GuildId}:{member.User.Id}:{until:O}");
        }

        return member.PremiumSince is { } since && now - since < New
            ? Event(
                member.GuildId, member.GuildId, member.User, Of(member), "boost", new Boosted(),
                $"boost:{member.GuildId}:{member.User.Id}:{since:O}")
            : null;
    }

    /// <summary>
    /// Somebody who is kicked leaves like one who goes; only the log of the server tells them apart. It names by id alone.
    /// </summary>
    private InboundEvent? Kicked(AuditLogEntry entry, string key) =>
        entry is { ActionType: AuditLogEntry.MemberKick, GuildId: { } guild, TargetId: { } member }
            ? Event(
                guild, guild, new DiscordUser(member, member), null, "kick", new Restricted(Restriction.Kick, null, entry.Reason, entry.UserId), key)
            : null;

    private InboundEvent? Voice(VoiceEvent voice, string key) =>
        voice is { GuildId: { } guild, Member: { User: { Bot: false } user } member }
            ? Event(
                guild, guild, user, member, voice.ChannelId is null ? "voice_leave" : "voice_join",
                new VoiceMoved(voice.ChannelId), key)
            : null;

    private InboundEvent Event(
        string? guild, string channel, DiscordUser user, DiscordMember? member, string type, Fact? fact, string key) => new()
        {
            Channel = new ChannelId(Platform.Discord, guild, channel),
            Type = type,
            UserId = user.Id,
            UserName = member?.Nick ?? user.Name,
            UserRole = guilds.RoleOf(guild, user.Id, member),
            MessageId = key,
            Fact = fact,
            OccurredAt = clock.GetUtcNow(),
            ReplyPath = ReplyPath.Sender,
        };

    private static DiscordMember Of(MemberEvent member) => new(member.Nick, member.Roles, member.PremiumSince, member.User);

    private static T Parse<T>(ReadOnlySpan<byte> data, JsonTypeInfo<T> json) => JsonSerializer.Deserialize(data, json)!;
}
