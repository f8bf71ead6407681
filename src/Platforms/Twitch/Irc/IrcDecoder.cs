using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Delivery;

namespace Rookery.Platforms.Twitch.Irc;

/// <summary>
/// Makes of IRC's lines what they mean here. Talk has the same id as over EventSub, so what comes both ways counts once;
/// what else a broadcaster let EventSub tell (subscriptions, bits, bans) is left to it.
/// </summary>
/// <remarks>Source: dev.twitch.tv/docs/chat/irc, "Tags" and "Commands".</remarks>
internal static class IrcDecoder
{
    public const string Prefix = "irc.";

    private const string Talk = "irc.message";
    private const string Bits = "irc.bits";
    private const string Notice = "irc.notice";
    private const string Gift = "irc.gift";
    private const string Clear = "irc.clear";
    private const string Deleted = "irc.deleted";

    /// <summary>The events in a line, each to be stored as one.</summary>
    public static IReadOnlyList<RawEvent> Read(IrcChannel channel, IrcLine line, string text, DateTimeOffset now) =>
    [
        .. Of(channel, line).Select(e => new RawEvent(
            Platform.Twitch,
            e.Id,
            e.Type,
            new JsonObject { ["channel_id"] = channel.Id, ["user_id"] = e.User }.ToJsonString(),
            new JsonObject { ["channel_id"] = channel.Id, ["line"] = text }.ToJsonString(),
            now)),
    ];

    /// <returns>Null for a line that is not known here.</returns>
    public static InboundEvent? Decode(RawEvent raw)
    {
        using var data = JsonDocument.Parse(raw.Data);
        return IrcLine.Parse(data.RootElement.GetProperty("line").GetString()!) is not { } line
            ? null
            : Read(raw.EventType, line, new InboundEvent
            {
                Channel = TwitchDecoder.Channel(data.RootElement.GetProperty("channel_id").GetString()!),
                Type = MessageTypes.Chat,
                UserId = line.Tag("user-id") ?? "",
                UserName = line.Tag("display-name") ?? line.Login,
                UserRole = RoleOf(line),
                OccurredAt = At(line) ?? raw.At,
                MessageId = raw.EventId,
                ReplyPath = ReplyPath.Sender,
                Payload = raw.EventType == Talk ? null : Tags(line),
            });
    }

    /// <summary>The highest role among the badges of a line.</summary>
    public static Role RoleOf(IrcLine line) => TwitchDecoder.RoleOf(
        (line.Tag("badges") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(b => b.Split('/')[0]));

    /// <returns>Whether the bot moderates the channel; null when the line does not say.</returns>
    public static bool? Moderates(IrcLine line) => line.Command == "USERSTATE"
        ? RoleOf(line) >= Role.Moderator || line.Tag("mod") == "1"
        : null;

    private static IEnumerable<(string Id, string Type, string? User)> Of(IrcChannel channel, IrcLine line)
    {
        switch (line.Command)
        {
            case "PRIVMSG" when line.Tag("id") is { } id && line.Tag("user-id") is { } user && !IsFromElsewhere(line):
                yield return (id, Talk, user);
                if (Number(line, "bits") > 0 && !channel.Scopes.Contains("bits:read"))
                {
                    yield return ($"bits:{id}", Bits, user);
                }

                break;
            case "USERNOTICE" when line.Tag("id") is { } id && line.Tag("user-id") is { } user
                && !channel.Scopes.Contains("channel:read:subscriptions") && !IsFromElsewhere(line):
                var kind = line.Tag("msg-id");
                if (kind == "subgift" && line.Tag("msg-param-recipient-id") is { } recipient)
                {
                    yield return ($"gift:{id}", Gift, recipient);
                }

                // Of many given together, each is a subgift, and the giving itself is the submysterygift before them.
                if (kind is "sub" or "resub" or "submysterygift"
                    || (kind == "subgift" && line.Tag("msg-param-community-gift-id") is null))
                {
                    yield return ($"notice:{id}", Notice, user);
                }

                break;
            case "CLEARCHAT" when line.Tag("target-user-id") is { } target && !channel.Scopes.Contains("channel:moderate"):
                yield return ($"clear:{channel.Id}:{target}:{line.Tag("tmi-sent-ts")}", Clear, target);
                break;
            case "CLEARMSG" when line.Tag("target-msg-id") is { } id:
                yield return ($"deleted:{id}", Deleted, null);
                break;
        }
    }

    private static InboundEvent? Read(string type, IrcLine line, InboundEvent e) => type switch
    {
        Talk => e with { Text = line.Text },
        Bits => e with
        {
            Type = "cheer",
            Text = line.Text,
            Fact = new Cheered(Number(line, "bits"), line.Login == "ananonymouscheerer"),
        },
        Notice => OfNotice(line, e),
        Gift => e with
        {
            Type = "gift_subscription",
            UserId = line.Tag("msg-param-recipient-id") ?? "",
            UserName = line.Tag("msg-param-recipient-display-name") ?? "",
            UserRole = Role.Subscriber,
            Fact = new Subscribed(Tier(line), 1, true),
        },
        Clear => e with
        {
            Type = line.Tag("ban-duration") is null ? "ban" : "timeout",
            UserId = line.Tag("target-user-id") ?? "",
            UserName = line.Text,
            Fact = line.Tag("ban-duration") is null
                ? new Restricted(Restriction.Ban, null, null, null)
                : new Restricted(Restriction.Timeout, e.OccurredAt.AddSeconds(Number(line, "ban-duration")), null, null),
        },

        // Who deleted it, Twitch does not tell; the name in the line is that of whom the message was.
        Deleted => e with { Type = "message_delete", UserName = "", Fact = new MessageDeleted(line.Tag("target-msg-id") ?? "") },
        _ => null,
    };

    private static InboundEvent? OfNotice(IrcLine line, InboundEvent e) => line.Tag("msg-id") switch
    {
        "sub" => e with { Type = "subscription", Fact = new Subscribed(Tier(line), 1, false) },
        "resub" => e with
        {
            Type = "resub",
            Text = line.Text,
            Fact = new Subscribed(Tier(line), Math.Max(1, Number(line, "msg-param-cumulative-months")), false, line.Text),
        },
        "submysterygift" => e with { Type = "subgift", Fact = Given(line, Number(line, "msg-param-mass-gift-count")) },
        "subgift" => e with { Type = "subgift", Fact = Given(line, 1) },
        _ => null,
    };

    private static SubscriptionsGiven Given(IrcLine line, int count) =>
        new(Math.Max(1, count), Tier(line), line.Login == "ananonymousgifter");

    private static JsonElement Tags(IrcLine line) => JsonElement.Parse(
        new JsonObject(line.Tags.Select(t => KeyValuePair.Create(t.Key, (JsonNode?)t.Value))).ToJsonString());

    /// <summary>In a shared chat every channel shows every message; it belongs to the one where it was said.</summary>
    private static bool IsFromElsewhere(IrcLine line) => line.Tag("source-room-id") is { } source && source != line.Tag("room-id");

    private static DateTimeOffset? At(IrcLine line) =>
        long.TryParse(line.Tag("tmi-sent-ts"), NumberStyles.None, CultureInfo.InvariantCulture, out var ms)
        && ms is > 0 and < 253_402_300_799_999
            ? DateTimeOffset.FromUnixTimeMilliseconds(ms)
            : null;

    private static int Tier(IrcLine line) => Math.Clamp(Number(line, "msg-param-sub-plan") / 1000, 1, 3);

    /// <returns>0 for what is no number, Prime among it.</returns>
    private static int Number(IrcLine line, string tag) =>
        int.TryParse(line.Tag(tag), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
