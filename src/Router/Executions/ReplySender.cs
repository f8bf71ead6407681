using Rookery.Kernel.Chat;
using Rookery.Kernel.Delivery;

namespace Rookery.Router.Executions;

/// <summary>
/// Brings interactive replies straight to the channel: a few tries within seconds, then the outcome is recorded and
/// that is all.
/// </summary>
internal sealed class ReplySender(IEnumerable<ISender> senders, TimeProvider clock)
{
    private const int Attempts = 3;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, ISender> _senders = senders.ToDictionary(s => s.Name, StringComparer.Ordinal);

    /// <returns>
    /// What <c>command_executions.delivery</c> says: sent, or why not; null when there was nothing to send.
    /// </returns>
    public async Task<string?> SendAsync(
        EventContext context, IReadOnlyList<ModuleResponse> responses, Guid key, CancellationToken ct)
    {
        var e = context.Event;
        string? outcome = null;
        for (var i = 0; i < responses.Count; i++)
        {
            // A form is filled in where the platform can show one: in answer to somebody who pressed or chose something.
            var isShown = responses[i].ResponseAction == "chat"
                || (responses[i].ResponseAction == "form" && (e.Type == MessageTypes.SlashCommand || e.Fact is Interacted));
            if (!isShown)
            {
                continue;
            }

            var message = new SendMessage(
                e.Channel, responses[i], context.Member.UserId, context.Member.Name,
                (e.Fact as MessageEdited)?.MessageId ?? e.MessageId, e.ReplyHandle);
            outcome = await SendAsync(message, $"reply:{key:N}:{i}", ct);
        }

        return outcome;
    }

    public async Task<string> SendAsync(
        OutboundAction action, string key, CancellationToken ct, ChannelId channel = default)
    {
        var name = action is SendMessage m ? m.Channel.Platform.Name() : channel.Platform.Name();
        if (!_senders.TryGetValue(name, out var sender))
        {
            return $"no sender for {name}";
        }

        for (var attempt = 1; ; attempt++)
        {
            Sent sent;
            try
            {
                sent = await sender.SendAsync(action, key, ct);
            }
            catch (Exception error) when (!ct.IsCancellationRequested)
            {
                sent = Sent.TryAgain(error.Message, TimeSpan.FromMilliseconds(250));
            }

            if (sent.Ok)
            {
                return "sent";
            }

            if (sent.RetryAfter is not { } wait || wait > LongestWait || attempt == Attempts)
            {
                return sent.Error!;
            }

            await Task.Delay(wait, clock, ct);
        }
    }
}
