using System.Diagnostics.Metrics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Coordination;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;
using Rookery.Kernel.Telemetry;
using Rookery.Kernel.Web;
using Rookery.Platforms.Twitch.Irc;

namespace Rookery.Platforms.Twitch.EventSub;

/// <summary>
/// Where the notifications of every transport come together: what concerns nobody is dropped, the rest is stored, and what
/// is stored takes effect in the lane of its channel.
/// </summary>
internal sealed partial class EventIntake(
    Intake intake,
    Database db,
    IEventTransport transport,
    Claims claims,
    Servers servers,
    Watches watches,
    ChannelStore channels,
    RateLimits limits,
    Changes changes,
    IOptions<TwitchOptions> options,
    TimeProvider clock,
    ILogger<EventIntake> log) : IIntakeHandler
{
    private static readonly Counter<long> Events = Metrics.Meter.CreateCounter<long>(
        "rookery_twitch_events", description: "Notifications of Twitch, by type and by what came of them at the door.");

    public Platform Platform => Platform.Twitch;

    /// <summary>Stores a notification. Once this completes, it may be acknowledged.</summary>
    /// <param name="at">When Twitch told it; null: now.</param>
    /// <param name="overSocket">
    /// It came over a socket of this node, which hears only the channels that it holds; a webhook hears all.
    /// </param>
    /// <exception cref="StorageUnavailableException">It is not stored; it must come again.</exception>
    /// <exception cref="JsonException">It is none.</exception>
    public async Task AcceptAsync(string messageId, DateTimeOffset? at, JsonElement body, bool overSocket, CancellationToken ct)
    {
        var notification = body.Deserialize(TwitchJson.Default.Notification) ?? throw new JsonException("The body is null.");
        var (type, e) = (notification.Subscription.Type, notification.Event);
        var now = clock.GetUtcNow();
        var content = ContentKey.Of(type, e, at ?? now);
        var raw = new RawEvent(
            Platform.Twitch,
            content?.Id ?? TwitchDecoder.EventId(type, e, messageId),
            type,
            Ids(e),
            StorableJson.Clean(body).GetRawText(),
            TimeOf(at, now));
        if (TwitchDecoder.Decode(raw) is not { } decoded)
        {
            Count(type, "unknown");
        }
        else if (IsFromElsewhere(decoded, e))
        {
            Learn(decoded, e);
            Count(type, "passed over");
        }
        else if (content is not null && await IsToldAsync(content.Near, now, ct))
        {
            Count(type, "repeated");
        }
        else
        {
            Learn(decoded, e);
            await TakeAsync(raw, decoded, overSocket, ct);
        }
    }

    /// <summary>Stores what a line of IRC tells, and learns from it what the bot is in the channel.</summary>
    /// <exception cref="StorageUnavailableException">It is not stored; it must come again.</exception>
    /// <exception cref="JsonException">It is no line that can be understood.</exception>
    public async Task AcceptAsync(IrcChannel channel, IrcLine line, string text, CancellationToken ct)
    {
        if (IrcDecoder.Moderates(line) is { } moderates)
        {
            limits.SetModerator(channel.Id, moderates);
        }

        foreach (var raw in IrcDecoder.Read(channel, line, text, clock.GetUtcNow()))
        {
            if (TwitchDecoder.Decode(raw) is { } decoded)
            {
                await TakeAsync(raw, decoded, overSocket: true, ct);
            }
        }
    }

    /// <summary>Twitch ended a subscription. Whether another can be made, the next comparison shows; it comes now.</summary>
    /// <exception cref="StorageUnavailableException">It is not stored; it must come again.</exception>
    public async Task RevokeAsync(SubscriptionInfo subscription, CancellationToken ct)
    {
        Revoked(subscription.Type, string.Join(',', subscription.Condition.Values), subscription.Status);
        await watches.ToldAsync(subscription, null, ct);
        changes.Ring();
    }

    /// <summary>Twitch has made sure that a webhook is ours.</summary>
    public Task VerifyAsync(SubscriptionInfo subscription, CancellationToken ct) => watches.ToldAsync(subscription, "enabled", ct);

    public async ValueTask<TimeSpan?> HandleAsync(RawEvent e, CancellationToken ct)
    {
        if (TwitchDecoder.Decode(e) is not { } decoded)
        {
            return null;
        }

        if (decoded.Fact is StreamStarted or StreamEnded)
        {
            await claims.SetLiveAsync(decoded.Channel, (decoded.Fact as StreamStarted)?.StartedAt, ct);
        }

        if (IsOfStream(decoded))
        {
            await watches.HandleAsync(decoded, ct);
            if (await channels.FindAsync(decoded.Channel.Channel, ct) is null)
            {
                // Only watched: nobody talks with the bot there, so it has no community.
                return null;
            }
        }

        var routed = await transport.DeliverAsync(decoded, ct);
        return routed.Outcome == Outcome.Overloaded ? routed.RetryAfter : null;
    }

    private async Task TakeAsync(RawEvent raw, InboundEvent e, bool overSocket, CancellationToken ct)
    {
        var claim = claims.Find(e.Channel) ?? (IsOfStream(e) ? claims.Find(ChannelClaims.Webhooks) : null);
        if (IsOwn(e))
        {
            Count(raw.EventType, "passed over");
        }
        else if (overSocket && claim is null)
        {
            Count(raw.EventType, "another node's");
        }
        else
        {
            claim?.Touch();
            servers.Active(e.Channel);
            Count(raw.EventType, await StoreAsync(overSocket ? raw with { Claim = claim } : raw, ct));
        }
    }

    /// <summary>
    /// Whether the same was told just before or after the border between two slices of time. Two nodes that ask at the same
    /// moment do not see each other; that needs a handover, a border and the same instant at once.
    /// </summary>
    private async Task<bool> IsToldAsync(string id, DateTimeOffset now, CancellationToken ct) => await db.Write.ValueAsync<bool>(
        $"""
        select exists (
            select from kernel.inbox
            where event_key = {InboxClaim.KeyOf(Platform.Twitch, id)} and received_on >= {DateOnly.FromDateTime(now.UtcDateTime).AddDays(-1)})
        """,
        ct);

    private async Task<string> StoreAsync(RawEvent raw, CancellationToken ct)
    {
        try
        {
            return await intake.AcceptAsync(raw).WaitAsync(ct) ? "stored" : "repeated";
        }
        catch (ClaimLostException)
        {
            return "another node's";
        }
    }

    /// <summary>What the bot may send in a channel depends on its role there.</summary>
    private void Learn(InboundEvent e, JsonElement raw)
    {
        if (e.UserId != options.Value.BotUserId)
        {
            return;
        }

        if (e.Type == MessageTypes.Chat && raw.TryGetProperty("badges", out _))
        {
            limits.SetModerator(e.Channel.Channel, e.UserRole >= Role.Moderator);
        }
        else if (e.Fact is RoleChanged { Role: Role.Moderator } change)
        {
            limits.SetModerator(e.Channel.Channel, change.Granted);
        }
    }

    /// <summary>
    /// When Twitch told it, so that one that comes late is not taken for a later one. Not when that cannot be, nor when it was another
    /// day, under which nothing may be kept yet.
    /// </summary>
    private static DateTimeOffset TimeOf(DateTimeOffset? told, DateTimeOffset now) =>
        told?.ToUniversalTime() is { } at && (now - at).Duration() <= Signature.Window && at.UtcDateTime.Date == now.UtcDateTime.Date ? at : now;

    private static bool IsOfStream(InboundEvent e) => e.Fact is StreamStarted or StreamEnded or ChannelUpdated;

    /// <summary>The bot does not listen to itself.</summary>
    private bool IsOwn(InboundEvent e) => e.Type == MessageTypes.Chat && e.UserId == options.Value.BotUserId;

    /// <summary>In a shared chat every channel shows every message; it belongs to the one where it was said.</summary>
    private static bool IsFromElsewhere(InboundEvent e, JsonElement raw) =>
        e.Type == MessageTypes.Chat && Text(raw, "source_broadcaster_user_id") is { } source && source != e.Channel.Channel;

    private static string Ids(JsonElement e) => new JsonObject
    {
        ["channel_id"] = Text(e, "broadcaster_user_id") ?? Text(e, "to_broadcaster_user_id"),
        ["user_id"] = Text(e, "user_id") ?? Text(e, "chatter_user_id") ?? Text(e, "from_broadcaster_user_id"),
    }.ToJsonString();

    private static string? Text(JsonElement e, string name) =>
        e.ValueKind == JsonValueKind.Object && e.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static void Count(string type, string outcome) =>
        Events.Add(1, new KeyValuePair<string, object?>("type", type), new KeyValuePair<string, object?>("outcome", outcome));

    [LoggerMessage(LogLevel.Warning, "Twitch ended the subscription {Type} of {Condition}: {Status}")]
    private partial void Revoked(string type, string condition, string status);
}
