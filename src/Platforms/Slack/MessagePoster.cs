using System.Collections.Concurrent;
using System.Globalization;
using Rookery.Kernel.Delivery;

namespace Rookery.Platforms.Slack;

/// <summary>Where a message is posted.</summary>
/// <param name="Channel">Also a person's id: then it is a direct message.</param>
internal sealed record PostPlace(string Team, string Channel, string? Thread);

/// <summary>
/// Posts messages part by part. Slack cannot tell repeats, so a post carries its key unseen; when the outbox sends one
/// again that may stand, the channel is looked through for it first. A reply is not sent again when it may stand already.
/// </summary>
internal sealed class MessagePoster(WorkspaceCalls calls)
{
    private const string Method = "chat.postMessage";
    private const string EventType = "rookery_delivery";
    private const int LookedAt = 200;
    private const int MostUnfinished = 1000;

    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);
    private static readonly IReadOnlyDictionary<int, string> NoParts = new Dictionary<int, string>();

    private readonly ConcurrentDictionary<string, int> _unfinished = new(StringComparer.Ordinal);

    public async Task<Sent> PostAsync(
        PostPlace place, IReadOnlyList<MessagePart> parts, ActionKey action, CancellationToken ct)
    {
        var key = action.Key;
        var isReply = ActionKey.IsReply(key);
        var (standing, later) = !isReply && action.InDoubtSince is { } since ? await StandingAsync(place, key, since, ct) : (NoParts, null);
        if (later is not null)
        {
            return later;
        }

        string? last = null;
        for (var i = _unfinished.GetValueOrDefault(key); i < parts.Count; i++)
        {
            if (standing.TryGetValue(i, out var ts))
            {
                last = ts;
                continue;
            }

            var answer = await PostAsync(place, parts[i], new DeliveryKey(key, i), ct);
            if (!answer.Ok)
            {
                return Tell(answer, key, i, isReply);
            }

            last = answer.Body.Text("ts");
        }

        _unfinished.TryRemove(key, out _);
        return new Sent(last is null ? null : SlackIds.Message(place.Channel, last));
    }

    private Task<SlackAnswer> PostAsync(PostPlace place, MessagePart part, DeliveryKey key, CancellationToken ct) => calls.SendAsync(
        Method,
        place.Team,
        new PostMessage(place.Channel, part.Text)
        {
            ThreadTs = place.Thread,
            Blocks = part.Blocks,
            Metadata = new Metadata(EventType, key),
        },
        SlackJson.Default.PostMessage,
        place.Channel,
        ct);

    private Sent Tell(SlackAnswer answer, string key, int part, bool isReply)
    {
        if (answer.RetryAfter is not { } wait || (isReply && answer.IsInDoubt))
        {
            _unfinished.TryRemove(key, out _);
            return Sent.Failed(SlackErrors.Explain(Method, answer)) with { MayStand = answer.IsInDoubt || part > 0 };
        }

        if (part > 0 && _unfinished.Count < MostUnfinished)
        {
            _unfinished[key] = part;
        }

        return Sent.TryAgain(SlackErrors.Explain(Method, answer), wait) with { MayStand = answer.IsInDoubt || part > 0 };
    }

    /// <summary>The parts of a repeated post that stand in the channel already, by number.</summary>
    /// <returns>Later: Slack cannot be asked now, and can be soon.</returns>
    private async Task<(IReadOnlyDictionary<int, string> Parts, Sent? Later)> StandingAsync(
        PostPlace place, string key, DateTimeOffset since, CancellationToken ct)
    {
        var found = new Dictionary<int, string>();
        var fields = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["channel"] = place.Channel,
            ["oldest"] = (since - Margin).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            ["limit"] = LookedAt.ToString(CultureInfo.InvariantCulture),
            ["include_all_metadata"] = "true",
        };
        if (place.Thread is not null)
        {
            fields["ts"] = place.Thread;
        }

        var answer = await calls.AskAsync(
            place.Thread is null ? "conversations.history" : "conversations.replies", place.Team, fields, ct);
        if (answer is { Ok: false, RetryAfter: { } wait })
        {
            return (found, Sent.TryAgain(SlackErrors.Explain(Method, answer), wait) with { MayStand = true });
        }

        if (!answer.Ok || answer.Body.Says("has_more"))
        {
            SlackMetrics.BlindRepeat();
        }

        foreach (var message in answer.Body.List("messages"))
        {
            if (message.At("metadata") is { } metadata
                && metadata.Text("event_type") == EventType
                && metadata.Text("event_payload", "key") == key
                && message.Text("ts") is { } ts
                && metadata.At("event_payload")?.At("part") is { } part
                && part.TryGetInt32(out var number))
            {
                found[number] = ts;
            }
        }

        return (found, null);
    }
}
