using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;

namespace Rookery.Router.Executions;

/// <summary>
/// Brings interactive replies straight to the channel: a few tries within seconds. What the platform puts off for longer
/// waits in the outbox, but not for long: an answer that comes late is worse than none.
/// </summary>
internal sealed class ReplySender(IEnumerable<ISender> senders, Outbox outbox, Database db, TimeProvider clock)
{
    /// <summary>What <c>command_executions.delivery</c> says of a reply that waits in the outbox.</summary>
    public const string PutOff = "outbox";

    private const int Attempts = 3;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestAge = TimeSpan.FromSeconds(60);

    private readonly Dictionary<string, ISender> _senders = senders.ToDictionary(s => s.Name, StringComparer.Ordinal);

    /// <returns>
    /// What <c>command_executions.delivery</c> says: sent, outbox, or why not; null when there was nothing to send.
    /// </returns>
    public async Task<string?> SendAsync(
        EventContext context, IReadOnlyList<ModuleResponse> responses, Guid key, CancellationToken ct)
    {
        var e = context.Event;
        var notAfter = clock.GetUtcNow() + LongestAge;
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
                (e.Fact as MessageEdited)?.MessageId ?? e.MessageId, e.ReplyHandle, notAfter);
            var replyKey = $"reply:{key:N}:{i}";

            // What comes after a part that waits, waits behind it.
            outcome = outcome == PutOff
                ? await PutOffAsync(context, message, replyKey, ct)
                : await SendAsync(context, message, replyKey, ct);
        }

        return outcome;
    }

    private async Task<string> SendAsync(EventContext context, SendMessage message, string key, CancellationToken ct)
    {
        var name = message.Channel.Platform.Name();
        if (!_senders.TryGetValue(name, out var sender))
        {
            return $"no sender for {name}";
        }

        for (var attempt = 1; ; attempt++)
        {
            Sent sent;
            try
            {
                sent = await sender.SendAsync(message, key, ct);
            }
            catch (Exception error) when (!ct.IsCancellationRequested)
            {
                sent = Sent.TryAgain(error.Message, TimeSpan.FromMilliseconds(250)) with { MayStand = true };
            }

            if (sent.Ok)
            {
                return "sent";
            }

            if (sent.RetryAfter is not { } wait || wait > LongestAge)
            {
                return sent.Error!;
            }

            if (wait > LongestWait || attempt == Attempts)
            {
                // The outbox begins anew, perhaps on another node: not with what may stand, or stands in part.
                return sent.MayStand ? sent.Error! : await PutOffAsync(context, message, key, ct);
            }

            await Task.Delay(wait, clock, ct);
        }
    }

    private async Task<string> PutOffAsync(EventContext context, SendMessage message, string key, CancellationToken ct)
    {
        try
        {
            await outbox.AddAsync(
                db.Write, key, message.Channel.Platform.Name(), context.Entity.CommunityId, context.Entity.EntityId, message, ct);
            return PutOff;
        }
        catch (StorageUnavailableException e)
        {
            return e.Message;
        }
    }
}
