using System.Text.Json;

namespace Rookery.Platforms.Twitch.EventSub;

/// <summary>What a frame asks for.</summary>
internal abstract record Step
{
    /// <summary>Nothing; the connection is alive.</summary>
    public sealed record Wait : Step;

    /// <summary>The session stands: subscribe.</summary>
    public sealed record Begin(string SessionId) : Step;

    /// <param name="At">When Twitch told it.</param>
    public sealed record Take(string MessageId, DateTimeOffset? At, JsonElement Body) : Step;

    /// <summary>Open another connection there, and keep this one until that one is welcomed.</summary>
    public sealed record Move(Uri To) : Step;

    public sealed record Revoke(SubscriptionInfo Subscription) : Step;

    /// <summary>The frame makes no sense here.</summary>
    public sealed record Odd(string Why) : Step;
}

/// <summary>The rules of one EventSub WebSocket, without the socket.</summary>
/// <param name="home">The configured address; a move elsewhere than to it or below it is not followed.</param>
/// <remarks>Source: dev.twitch.tv/docs/eventsub/handling-websocket-events.</remarks>
internal sealed class EventSubSession(Uri home)
{
    /// <summary>How soon the welcome must come.</summary>
    public static readonly TimeSpan WelcomeWithin = TimeSpan.FromSeconds(10);

    /// <summary>What a keepalive that was sent in time may need to get here.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private const int DefaultKeepalive = 10;
    private const int LongestKeepalive = 600;

    public string? Id { get; private set; }

    /// <summary>How long the next frame may take before the connection counts as lost.</summary>
    public TimeSpan Patience { get; private set; } = WelcomeWithin;

    public Step On(EventSubFrame frame)
    {
        try
        {
            return frame.Metadata.MessageType switch
            {
                "session_welcome" => Welcome(frame.Payload),
                "session_keepalive" => new Step.Wait(),
                "session_reconnect" => Reconnect(frame.Payload),
                "notification" => new Step.Take(frame.Metadata.MessageId, frame.Metadata.MessageTimestamp, frame.Payload),
                "revocation" => new Step.Revoke(frame.Payload.Deserialize(TwitchJson.Default.Notification)!.Subscription),
                var other => new Step.Odd($"unknown type {other}"),
            };
        }
        catch (JsonException e)
        {
            return new Step.Odd(e.Message);
        }
    }

    /// <summary>What a close code means, for the log. After each of them a new connection is made.</summary>
    public static string Explain(int code) => code switch
    {
        4000 => "internal server error",
        4001 => "client sent inbound traffic",
        4002 => "client failed ping-pong",
        4003 => "connection unused: nothing could be subscribed to in time",
        4004 => "reconnect grace time expired",
        4005 => "network timeout",
        4006 => "network error",
        4007 => "invalid reconnect",
        _ => "closed",
    };

    private Step.Begin Welcome(JsonElement payload)
    {
        var session = payload.Deserialize(TwitchJson.Default.SessionPayload)!.Session;
        Id = session.Id;
        Patience = TimeSpan.FromSeconds(Math.Clamp(session.KeepaliveTimeoutSeconds ?? DefaultKeepalive, 1, LongestKeepalive)) + Grace;
        return new Step.Begin(session.Id);
    }

    private Step Reconnect(JsonElement payload) =>
        Uri.TryCreate(payload.Deserialize(TwitchJson.Default.SessionPayload)!.Session.ReconnectUrl, UriKind.Absolute, out var to)
        && to.Scheme == home.Scheme
        && (to.Host == home.Host || to.Host.EndsWith($".{home.Host}", StringComparison.OrdinalIgnoreCase))
            ? new Step.Move(to)
            : new Step.Odd("asks to reconnect at an address that is not Twitch's");
}
