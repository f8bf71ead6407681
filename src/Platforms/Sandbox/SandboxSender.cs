using Rookery.Kernel.Chat;
using Rookery.Kernel.Delivery;
using Rookery.Kernel.Web;

namespace Rookery.Platforms.Sandbox;

/// <summary>Puts what the bot says into the sandbox's own tables, whose changes reach every open page.</summary>
internal sealed class SandboxSender(SandboxStore store) : ISender
{
    /// <summary>Before the id of a person: the channel for messages to them alone. No channel that somebody makes begins so.</summary>
    public const string DirectChannel = "@";

    private const int MaxUserId = 250;

    public string Name => "sandbox";

    public async ValueTask<Sent> SendAsync(OutboundAction action, ActionKey key, CancellationToken ct)
    {
        switch (action)
        {
            case SendMessage { Channel.Server: not null } or EditMessage { Channel.Server: not null } or DeleteMessage { Channel.Server: not null }
                or SendDirectMessage { Server: not null }:
                return Sent.Failed("The sandbox has channels, but no servers.");
            case SendDirectMessage { UserId: { Length: 0 or > MaxUserId } }:
                return Sent.Failed($"An id of a person has 1 to {MaxUserId} characters.");
            case SendDirectMessage direct:
                var channel = new ChannelId(Platform.Sandbox, null, DirectChannel + direct.UserId);
                return await SayAsync(new SendMessage(channel, direct.Response, direct.UserId, direct.UserId), key, ct);
            case SendMessage message:
                return await SayAsync(message, key, ct);
            case EditMessage edit:
                return LineId.TryParse(edit.MessageId, out var line) && await store.EditAsync(edit, line, ct)
                    ? new Sent(edit.MessageId)
                    : Sent.Failed($"There is no message {edit.MessageId} of the bot in {edit.Channel}.");
            case DeleteMessage delete:
                return LineId.TryParse(delete.MessageId, out var id)
                    && await store.DeleteAsync(delete.Channel.Channel, id, delete.Reason, ct)
                    ? new Sent(delete.MessageId)
                    : Sent.Failed($"There is no message {delete.MessageId} in {delete.Channel}.");
            default:
                return Sent.Failed($"The sandbox cannot do {action.GetType().Name}.");
        }
    }

    private async Task<Sent> SayAsync(SendMessage message, ActionKey key, CancellationToken ct)
    {
        var r = message.Response;
        var body = r.ChatMessage ?? r.TickerText ?? r.MediaUrl ?? "";
        return Checks.Storable(body) && Checks.Storable(message.Channel.Channel)
            ? new Sent(LineId.Of(await store.AddReplyAsync(message, body, key.Key, ct)))
            : Sent.Failed("The text contains U+0000 or half of a surrogate pair, which cannot be stored.");
    }
}
