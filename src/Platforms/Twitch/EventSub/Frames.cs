using System.Text.Json;

namespace Rookery.Platforms.Twitch.EventSub;

/// <summary>One message of the EventSub WebSocket.</summary>
/// <remarks>Source: dev.twitch.tv/docs/eventsub/websocket-reference.</remarks>
internal sealed record EventSubFrame(FrameMetadata Metadata, JsonElement Payload);

internal sealed record FrameMetadata(string MessageId, string MessageType, DateTimeOffset? MessageTimestamp = null);

internal sealed record SessionPayload(SessionInfo Session);

/// <param name="KeepaliveTimeoutSeconds">The longest silence of a healthy connection.</param>
/// <param name="ReconnectUrl">Where to go on; only when Twitch asks for that.</param>
internal sealed record SessionInfo(string Id, int? KeepaliveTimeoutSeconds = null, string? ReconnectUrl = null);

/// <summary>A webhook's body and a socket's payload, which are the same.</summary>
/// <param name="Event">Undefined where there is none.</param>
/// <param name="Challenge">To be echoed when a webhook is made.</param>
internal sealed record Notification(SubscriptionInfo Subscription, JsonElement Event = default, string? Challenge = null);

/// <param name="Status">enabled, or why it is not: for example authorization_revoked.</param>
internal sealed record SubscriptionInfo(
    string Id,
    string Status,
    string Type,
    string Version,
    IReadOnlyDictionary<string, string?> Condition,
    TransportInfo? Transport = null);

/// <param name="Method">webhook or websocket.</param>
internal sealed record TransportInfo(string Method, string? Callback = null, string? SessionId = null, string? Secret = null);
