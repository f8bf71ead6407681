using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Delivery;
using Rookery.Platforms.Twitch.EventSub;
using Rookery.Platforms.Twitch.Irc;

namespace Rookery.Platforms.Twitch;

/// <summary>Makes of EventSub's notifications what they mean here.</summary>
internal static class TwitchDecoder
{
    public const string Chat = "channel.chat.message";

    /// <summary>The account Twitch itself names as the giver when nobody is to be named.</summary>
    private const string AnonymousGifter = "274598607";
    private const string AnonymousCheerer = "407665396";

    /// <returns>Null for a type that is not known here.</returns>
    /// <exception cref="JsonException">The event lacks what its type always has.</exception>
    public static InboundEvent? Decode(RawEvent raw)
    {
        if (raw.EventType.StartsWith(IrcDecoder.Prefix, StringComparison.Ordinal))
        {
            return IrcDecoder.Decode(raw);
        }

        using var document = JsonDocument.Parse(raw.Data);
        document.RootElement.TryGetProperty("event", out var e);
        return Read(raw.EventType, e, raw.At) is { } decoded
            ? decoded with { MessageId = raw.EventId, ReplyPath = ReplyPath.Sender }
            : null;
    }

    /// <summary>
    /// What tells a repeat of an event, also one that comes under another message id, as from a second subscription: the
    /// event's own id where it has one, else the id of the message. For those without see <see cref="ContentKey"/>.
    /// </summary>
    public static string EventId(string type, JsonElement e, string messageId) => type switch
    {
        Chat => Text(e, "message_id") ?? messageId,
        "stream.online" => Key("online", Text(e, "id"), messageId),
        "channel.channel_points_custom_reward_redemption.add" => Key("redemption", Text(e, "id"), messageId),
        "channel.hype_train.begin" or "channel.hype_train.end" => Key(type, Text(e, "id"), messageId),
        "channel.follow" => Key($"follow:{Text(e, "broadcaster_user_id")}:{Text(e, "user_id")}", Text(e, "followed_at"), messageId),
        "channel.ban" => Key($"ban:{Text(e, "broadcaster_user_id")}:{Text(e, "user_id")}", Text(e, "banned_at"), messageId),
        _ => messageId,
    };

    /// <summary>The highest role among badges.</summary>
    public static Role RoleOf(IEnumerable<string> badges) => badges
        .Select(b => b switch
        {
            "broadcaster" => Role.Owner,
            "moderator" or "lead_moderator" => Role.Moderator,
            "subscriber" or "founder" => Role.Subscriber,
            "vip" => Role.Vip,
            _ => Role.Member,
        })
        .Append(Role.Member)
        .Max();

    public static ChannelId Channel(string broadcaster) => new(Platform.Twitch, null, broadcaster);

    private static InboundEvent? Read(string type, JsonElement e, DateTimeOffset at) => type switch
    {
        Chat => OfChat(As(e, TwitchJson.Default.ChatEvent), at),
        "channel.follow" when As(e, TwitchJson.Default.FollowEvent) is var f =>
            Of("follow", f.BroadcasterUserId, f.UserId, f.UserName, f.FollowedAt, new Followed(), e),
        "channel.subscribe" when As(e, TwitchJson.Default.SubscribeEvent) is var s =>
            Of(s.IsGift ? "gift_subscription" : "subscription", s.BroadcasterUserId, s.UserId, s.UserName, at,
                new Subscribed(Tier(s.Tier), 1, s.IsGift), e),
        "channel.subscription.message" when As(e, TwitchJson.Default.ResubEvent) is var r =>
            Of("resub", r.BroadcasterUserId, r.UserId, r.UserName, at,
                new Subscribed(Tier(r.Tier), r.CumulativeMonths, false, r.Message.Text), e) with
            { Text = r.Message.Text },
        "channel.subscription.gift" when As(e, TwitchJson.Default.GiftEvent) is var g =>
            Of("subgift", g.BroadcasterUserId, g.UserId ?? AnonymousGifter, g.UserName ?? "anonymous", at,
                new SubscriptionsGiven(g.Total, Tier(g.Tier), g.IsAnonymous), e),
        "channel.cheer" when As(e, TwitchJson.Default.CheerEvent) is var c =>
            Of("cheer", c.BroadcasterUserId, c.UserId ?? AnonymousCheerer, c.UserName ?? "anonymous", at,
                new Cheered(c.Bits, c.IsAnonymous), e) with
            { Text = c.Message },
        "channel.raid" when As(e, TwitchJson.Default.RaidEvent) is var r =>
            Of("raid", r.ToBroadcasterUserId, r.FromBroadcasterUserId, r.FromBroadcasterUserName, at, new Raided(r.Viewers), e),
        "channel.channel_points_custom_reward_redemption.add" when As(e, TwitchJson.Default.RedemptionEvent) is var r =>
            Of("redemption", r.BroadcasterUserId, r.UserId, r.UserName, r.RedeemedAt,
                new Redeemed(r.Id, r.Reward.Id, r.Reward.Title, r.Reward.Cost, r.UserInput), e),
        _ => OfChannel(type, e, at) ?? OfModeration(type, e, at),
    };

    private static InboundEvent? OfChannel(string type, JsonElement e, DateTimeOffset at) => type switch
    {
        "stream.online" when As(e, TwitchJson.Default.OnlineEvent) is var s =>
            Of("stream_online", s.BroadcasterUserId, s.BroadcasterUserId, s.BroadcasterUserName, s.StartedAt,
                new StreamStarted(s.Id, s.StartedAt), e),
        "stream.offline" when As(e, TwitchJson.Default.OfflineEvent) is var s =>
            Of("stream_offline", s.BroadcasterUserId, s.BroadcasterUserId, s.BroadcasterUserName, at, new StreamEnded(), e),
        "channel.update" when As(e, TwitchJson.Default.UpdateEvent) is var u =>
            Of("channel_update", u.BroadcasterUserId, u.BroadcasterUserId, u.BroadcasterUserName, at,
                new ChannelUpdated(u.Title, u.CategoryId, u.CategoryName, u.Language), e),
        "channel.hype_train.begin" or "channel.hype_train.progress" or "channel.hype_train.end"
            when As(e, TwitchJson.Default.HypeTrainEvent) is var h =>
            Of("hype_train", h.BroadcasterUserId, h.BroadcasterUserId, h.BroadcasterUserName, at,
                new HypeTrainMoved(type[(type.LastIndexOf('.') + 1)..], h.Level, h.Total), e),
        _ => null,
    };

    private static InboundEvent? OfModeration(string type, JsonElement e, DateTimeOffset at) => type switch
    {
        "channel.ban" when As(e, TwitchJson.Default.BanEvent) is var b =>
            Of(b.IsPermanent ? "ban" : "timeout", b.BroadcasterUserId, b.UserId, b.UserName, b.BannedAt,
                new Restricted(b.IsPermanent ? Restriction.Ban : Restriction.Timeout, b.EndsAt, b.Reason, b.ModeratorUserId), e),
        "channel.unban" when As(e, TwitchJson.Default.UnbanEvent) is var u =>
            Of("unban", u.BroadcasterUserId, u.UserId, u.UserName, at, new Pardoned(Restriction.Ban, u.ModeratorUserId), e),
        "channel.moderator.add" or "channel.moderator.remove" when As(e, TwitchJson.Default.PersonEvent) is var m =>
            Of("role_change", m.BroadcasterUserId, m.UserId, m.UserName, at,
                new RoleChanged(Role.Moderator, type.EndsWith("add", StringComparison.Ordinal)), e),
        _ => null,
    };

    private static InboundEvent OfChat(ChatEvent c, DateTimeOffset at) => new()
    {
        Channel = Channel(c.BroadcasterUserId),
        Type = MessageTypes.Chat,
        UserId = c.ChatterUserId,
        UserName = c.ChatterUserName,
        UserRole = RoleOf((c.Badges ?? []).Select(b => b.SetId)),
        Text = c.Message.Text,
        OccurredAt = at,
    };

    private static InboundEvent Of(
        string type, string channel, string user, string name, DateTimeOffset at, Fact fact, JsonElement e) => new()
        {
            Channel = Channel(channel),
            Type = type,
            UserId = user,
            UserName = name,
            UserRole = user == channel ? Role.Owner : Role.Member,
            OccurredAt = at,
            Fact = fact,
            Payload = e.Clone(),
        };

    private static T As<T>(JsonElement e, JsonTypeInfo<T> type)
        where T : class
        => e.ValueKind == JsonValueKind.Object ? e.Deserialize(type)! : throw new JsonException("The event is no object.");

    private static string Key(string kind, string? id, string messageId) => id is null ? messageId : $"{kind}:{id}";

    private static string? Text(JsonElement e, string name) =>
        e.ValueKind == JsonValueKind.Object && e.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    /// <summary>1000, 2000 and 3000; Prime counts as the first.</summary>
    private static int Tier(string tier) =>
        int.TryParse(tier, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? Math.Clamp(number / 1000, 1, 3) : 1;
}
