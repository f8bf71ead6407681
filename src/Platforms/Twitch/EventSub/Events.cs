namespace Rookery.Platforms.Twitch.EventSub;

// The events of EventSub as far as they are used here; fields that are missing make an event undecodable.
// Source: dev.twitch.tv/docs/eventsub/eventsub-subscription-types.

/// <param name="SourceBroadcasterUserId">In a shared chat: where it was said; null or the channel itself otherwise.</param>
internal sealed record ChatEvent(
    string BroadcasterUserId,
    string ChatterUserId,
    string ChatterUserName,
    string MessageId,
    TextPart Message,
    IReadOnlyList<Badge>? Badges = null,
    string? SourceBroadcasterUserId = null);

internal sealed record TextPart(string Text);

internal sealed record Badge(string SetId);

/// <summary>Somebody and a channel, and nothing else of note.</summary>
internal sealed record PersonEvent(string BroadcasterUserId, string UserId, string UserName);

internal sealed record FollowEvent(string BroadcasterUserId, string UserId, string UserName, DateTimeOffset FollowedAt);

internal sealed record SubscribeEvent(
    string BroadcasterUserId, string UserId, string UserName, string Tier, bool IsGift);

/// <param name="UserId">Null when the giver is anonymous.</param>
internal sealed record GiftEvent(
    string BroadcasterUserId, string? UserId, string? UserName, int Total, string Tier, bool IsAnonymous);

internal sealed record ResubEvent(
    string BroadcasterUserId, string UserId, string UserName, string Tier, TextPart Message, int CumulativeMonths);

/// <param name="UserId">Null when it is anonymous.</param>
internal sealed record CheerEvent(
    string BroadcasterUserId, string? UserId, string? UserName, bool IsAnonymous, string? Message, int Bits);

internal sealed record RaidEvent(
    string FromBroadcasterUserId, string FromBroadcasterUserName, string ToBroadcasterUserId, int Viewers);

internal sealed record OnlineEvent(
    string Id, string BroadcasterUserId, string BroadcasterUserName, DateTimeOffset StartedAt);

internal sealed record OfflineEvent(string BroadcasterUserId, string BroadcasterUserName);

internal sealed record UpdateEvent(
    string BroadcasterUserId, string BroadcasterUserName, string Title, string Language, string CategoryId, string CategoryName);

internal sealed record RedemptionEvent(
    string Id,
    string BroadcasterUserId,
    string UserId,
    string UserName,
    string? UserInput,
    Reward Reward,
    DateTimeOffset RedeemedAt);

internal sealed record Reward(string Id, string Title, int Cost);

internal sealed record HypeTrainEvent(
    string Id, string BroadcasterUserId, string BroadcasterUserName, int Level, int Total, DateTimeOffset StartedAt);

internal sealed record BanEvent(
    string BroadcasterUserId,
    string UserId,
    string UserName,
    string? ModeratorUserId,
    string? Reason,
    DateTimeOffset BannedAt,
    DateTimeOffset? EndsAt,
    bool IsPermanent);

internal sealed record UnbanEvent(string BroadcasterUserId, string UserId, string UserName, string? ModeratorUserId);
