using Rookery.Kernel.Delivery;
using Rookery.Kernel.Web;

namespace Rookery.Platforms.Sandbox;

/// <summary>Puts what the bot says into the sandbox's own tables, whose changes reach every open page.</summary>
internal sealed class SandboxSender(SandboxStore store) : ISender
{
    public string Name => "sandbox";

    public async ValueTask<Sent> SendAsync(OutboundAction action, ActionKey key, CancellationToken ct)
    {
        switch (action)
        {
            case SendMessage { Channel.Server: not null } or DeleteMessage { Channel.Server: not null }:
                return Sent.Failed("The sandbox has channels, but no servers.");
            case SendMessage message:
                var r = message.Response;
                var body = r.ChatMessage ?? r.TickerText ?? r.MediaUrl ?? "";
                return Checks.Storable(body)
                    ? new Sent(LineId.Of(await store.AddReplyAsync(message, body, key.Key, ct)))
                    : Sent.Failed("The text contains U+0000 or half of a surrogate pair, which cannot be stored.");
            case DeleteMessage delete:
                return LineId.TryParse(delete.MessageId, out var id)
                    && await store.DeleteAsync(delete.Channel.Channel, id, delete.Reason, ct)
                    ? new Sent(delete.MessageId)
                    : Sent.Failed($"There is no message {delete.MessageId} in {delete.Channel}.");
            default:
                return Sent.Failed($"The sandbox cannot do {action.GetType().Name}.");
        }
    }
}
