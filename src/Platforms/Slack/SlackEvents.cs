using System.Text.Json;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Coordination;
using Rookery.Kernel.Delivery;

namespace Rookery.Platforms.Slack;

/// <summary>Lets what Slack sent take effect.</summary>
internal sealed class SlackEvents(
    SlackDecoder decoder, ChannelOrder order, People people, Tokens tokens, SlackSender sender, Servers servers) : IIntakeHandler
{
    /// <summary>Slack tells the second in which something happened.</summary>
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    public Platform Platform => Platform.Slack;

    public async ValueTask<TimeSpan?> HandleAsync(RawEvent e, CancellationToken ct)
    {
        var payload = JsonElement.Parse(e.Data);
        var decoded = decoder.Decode(payload, e.EventId, e.At);
        SlackMetrics.Event(decoded.Reading.ToString().ToLowerInvariant());
        if (e.EventType is "user_change" or "team_join" && payload.At("event")?.At("user") is { ValueKind: JsonValueKind.Object } user
            && payload.Text("team_id") is { } home)
        {
            people.Learn(home, user);
        }

        foreach (var inbound in decoded.Events)
        {
            if (await DeliverAsync(inbound, ct) is { } wait)
            {
                return wait;
            }
        }

        return null;
    }

    /// <returns>How long to wait when the channel is overloaded.</returns>
    private async ValueTask<TimeSpan?> DeliverAsync(InboundEvent inbound, CancellationToken ct)
    {
        servers.Active(inbound.Channel);
        var routed = await order.DeliverAsync(inbound, ct);
        if (routed.Outcome == Outcome.Overloaded)
        {
            return routed.RetryAfter;
        }

        if (inbound.Fact is ServerLeft)
        {
            await tokens.LeaveAsync(inbound.Channel.Server!, inbound.OccurredAt + Second, ct);
        }

        if (inbound.Type == MessageTypes.SlashCommand && routed.Responses.Count == 0)
        {
            await ExplainAsync(inbound, routed, ct);
        }

        return null;
    }

    /// <summary>
    /// A slash command is ours alone: nobody else answers one that we do not know, and silence would look like a fault.
    /// </summary>
    private async ValueTask ExplainAsync(InboundEvent command, Routed routed, CancellationToken ct)
    {
        var text = routed switch
        {
            { Outcome: Outcome.Ignored, ExecutionId: null } =>
                $"There is no command {command.Text!.Split(' ', 2)[0]}. Use help to see what there is.",
            { Outcome: Outcome.Refused, Error: { } error } => error,
            _ => null,
        };
        if (text is not null)
        {
            var answer = new ModuleResponse("slack", false, "chat", ChatMessage: text);
            await sender.SendAsync(
                new SendMessage(command.Channel, answer, command.UserId, command.UserName, command.MessageId, command.ReplyHandle),
                $"reply:explain:{command.MessageId}",
                ct);
        }
    }
}
