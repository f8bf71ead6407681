using System.Text.Json;
using System.Text.Json.Nodes;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;

namespace Rookery.Router.Executions;

/// <summary>Carries out what moderation decided: the warning, the deletion, the call of a URL.</summary>
internal sealed class Screening(Database db, Outbox outbox, ReplySender replies, TimeProvider clock)
{
    private const string Module = "moderation";

    /// <param name="message">The event with the text that was looked at.</param>
    public async Task ApplyAsync(
        EventContext context, InboundEvent message, IMessageScreen screen, Verdict verdict, CancellationToken ct)
    {
        await screen.RecordAsync(verdict, context.Entity, clock.GetUtcNow(), ct);
        switch (verdict.Kind)
        {
            case VerdictKind.Block:
                context.Outcome = Outcome.Blocked;
                await DeleteAsync(context, verdict, ct);
                await TellAsync(context, verdict, ct);
                break;
            case VerdictKind.Warn:
                context.Outcome = Outcome.Replied;
                await TellAsync(context, verdict, ct);
                break;
            case VerdictKind.Webhook:
                await outbox.AddAsync(
                    db.Write, $"rule:{verdict.RuleId}:{context.EventId:N}", "webhook", context.Entity.CommunityId, context.Entity.EntityId, Webhook(context, message, verdict), ct);
                break;
        }
    }

    private async Task TellAsync(EventContext context, Verdict verdict, CancellationToken ct)
    {
        if (verdict.Text is null)
        {
            return;
        }

        ModuleResponse[] responses = [new(Module, verdict.Kind == VerdictKind.Warn, "chat", ChatMessage: verdict.Text)];
        context.Responses.AddRange(responses);
        if (context.Event.ReplyPath == ReplyPath.Sender)
        {
            await replies.SendAsync(context, responses, context.EventId, ct);
        }
    }

    /// <summary>
    /// The deletion must not get lost, so it goes through the outbox. A caller who brings the answer deletes by the
    /// outcome.
    /// </summary>
    private async Task DeleteAsync(EventContext context, Verdict verdict, CancellationToken ct)
    {
        var e = context.Event;
        var message = e switch
        {
            { Fact: MessageEdited edited } => edited.MessageId,
            { Type: MessageTypes.Chat } => e.MessageId,
            _ => null,
        };
        if (e.ReplyPath == ReplyPath.Sender && message is { } id)
        {
            await outbox.AddAsync(
                db.Write,
                $"delete:{context.EventId:N}",
                e.Channel.Platform.Name(),
                context.Entity.CommunityId,
                context.Entity.EntityId,
                new DeleteMessage(e.Channel, id, $"Rule {verdict.RuleId}"),
                ct);
        }
    }

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
