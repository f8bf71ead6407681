using System.Text.Json;
using System.Text.Json.Nodes;
using Rookery.Kernel;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Delivery;

namespace Rookery.Router.Executions;

/// <summary>
/// Carries out what moderation decided: the warning, the deletion, the call of a URL. What must not get lost is written together
/// with the event's claim, by whatever writes that.
/// </summary>
internal sealed class Screening(Recorder recorder, ReplySender replies, TimeProvider clock)
{
    private const string Module = "moderation";

    /// <summary>Lays down what is to be written with the event's claim.</summary>
    /// <param name="message">The event with the text that was looked at.</param>
    public void Decide(EventContext context, InboundEvent message, IMessageScreen screen, Verdict verdict)
    {
        var claim = context.Claim()?.EventId;
        var item = verdict.Kind switch
        {
            VerdictKind.Block => Deletion(context, verdict),
            VerdictKind.Webhook => Item(context, "webhook", $"rule:{verdict.RuleId}:{context.EventId:N}", Webhook(context, message, verdict)),
            _ => null,
        };
        context.Decision = new Decision(screen, new Ruling(verdict, clock.GetUtcNow(), claim), item is null ? null : item with { Claim = claim });
        context.Outcome = verdict.Kind switch
        {
            VerdictKind.Block => Outcome.Blocked,
            VerdictKind.Warn => Outcome.Replied,
            _ => context.Outcome,
        };
    }

    /// <summary>Writes what no execution has taken along, then tells the member.</summary>
    /// <exception cref="AlreadySeenException">The event was claimed before; nothing was written.</exception>
    public async Task ConcludeAsync(EventContext context, Verdict verdict, CancellationToken ct)
    {
        await recorder.SettleAsync(context);
        if (verdict is { Kind: VerdictKind.Block or VerdictKind.Warn, Text: { } text })
        {
            ModuleResponse[] responses = [new(Module, verdict.Kind == VerdictKind.Warn, "chat", ChatMessage: text)];
            context.Add(responses);
            if (context.Event.ReplyPath == ReplyPath.Sender)
            {
                // The event's own id is the key of what its first execution says.
                await replies.SendAsync(context, responses, Ids.New(clock.GetUtcNow()), ct);
            }
        }
    }

    /// <summary>
    /// The deletion must not get lost, so it goes through the outbox. A caller who brings the answer deletes by the outcome.
    /// </summary>
    private static OutboxItem? Deletion(EventContext context, Verdict verdict)
    {
        var e = context.Event;
        var message = e switch
        {
            { Fact: MessageEdited edited } => edited.MessageId,
            { Type: MessageTypes.Chat } => e.MessageId,
            _ => null,
        };
        return e.ReplyPath == ReplyPath.Sender && message is { } id
            ? Item(context, e.Channel.Platform.Name(), $"delete:{context.EventId:N}", new DeleteMessage(e.Channel, id, $"Rule {verdict.RuleId}"))
            : null;
    }

    private static OutboxItem Item(EventContext context, string sender, string key, OutboundAction action) =>
        new(key, sender, context.Entity.CommunityId, context.Entity.EntityId, action);

    private static CallWebhook Webhook(EventContext context, InboundEvent message, Verdict verdict)
    {
        var body = new JsonObject
        {
            ["type"] = "string_match",
            ["rule_id"] = verdict.RuleId,
            ["pattern"] = verdict.Pattern,
            ["match_type"] = verdict.MatchType,
            ["message_content"] = message.Text,
            ["user"] = new JsonObject { ["id"] = context.Member.UserId, ["name"] = context.Member.Name },
            ["context"] = new JsonObject
            {
                ["platform"] = context.Event.Channel.Platform.Name(),
                ["server_id"] = context.Event.Channel.Server,
                ["channel_id"] = context.Event.Channel.Channel,
                ["entity_id"] = context.Entity.EntityId,
                ["message_id"] = (context.Event.Fact as MessageEdited)?.MessageId ?? context.Event.MessageId,
                ["timestamp"] = context.Event.OccurredAt,
            },
        };
        return new CallWebhook(verdict.Url!, body.ToJsonString(JsonSerializerOptions.Web), new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["X-Rookery-Source"] = "moderation",
            ["X-Rookery-Event"] = "string_match",
        });
    }
}

/// <summary>What moderation decided about an event, to be written with the event's claim.</summary>
internal sealed record Decision(IMessageScreen Screen, Ruling Ruling, OutboxItem? Item);
