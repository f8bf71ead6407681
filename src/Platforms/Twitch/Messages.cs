namespace Rookery.Platforms.Twitch;

/// <summary>A message to be sent; the body of <c>POST chat/messages</c>.</summary>
internal sealed record NewMessage(string BroadcasterId, string SenderId, string Message, string? ReplyParentMessageId = null);

/// <summary>The body of <c>POST whispers</c>.</summary>
internal sealed record NewWhisper(string Message);

internal sealed record SentMessages(IReadOnlyList<SentMessage> Data);

internal sealed record SentMessage(string MessageId, bool IsSent, DropReason? DropReason = null);

internal sealed record DropReason(string Code, string Message);

/// <summary>The body of <c>POST moderation/bans</c> and <c>moderation/warnings</c>.</summary>
internal sealed record NewBan(BanData Data);

/// <param name="Duration">Seconds of a timeout; null for ever.</param>
internal sealed record BanData(string UserId, int? Duration, string? Reason);

internal sealed record UserPage(IReadOnlyList<TwitchUser> Data);

internal sealed record TwitchUser(string Id, string Login, string DisplayName, string? ProfileImageUrl = null);
