using System.Collections.Concurrent;
using Rookery.Kernel.Chat;

namespace Rookery.Platforms.Slack;

/// <summary>
/// Brings events into their lanes in the order they came, although for some of them Slack must first be asked who it is
/// that speaks. Who is known waits for nobody, unless somebody before him in the channel does.
/// </summary>
internal sealed class ChannelOrder(People people, IEventTransport transport)
{
    private readonly ConcurrentDictionary<ChannelId, Task<Task<Routed>>> _waiting = new();

    /// <summary>Called for one event of a channel after the other.</summary>
    public async ValueTask<Routed> DeliverAsync(InboundEvent e, CancellationToken ct)
    {
        var entering = EnterAsync(_waiting.GetValueOrDefault(e.Channel), e, ct);
        if (entering.IsCompleted)
        {
            return await await entering;
        }

        _waiting[e.Channel] = entering;
        try
        {
            return await await entering;
        }
        finally
        {
            _waiting.TryRemove(KeyValuePair.Create(e.Channel, entering));
        }
    }

    /// <returns>Completes when the event is in its lane; its result, when what it caused is durable.</returns>
    private async Task<Task<Routed>> EnterAsync(Task? before, InboundEvent e, CancellationToken ct)
    {
        var asking = people.FindAsync(e.Channel.Server!, e.UserId, e.UserName, ct);
        if (before is not null)
        {
            await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        var person = await asking;
        return transport.DeliverAsync(e with { UserName = person.Name, UserRole = person.Role }, ct).AsTask();
    }
}
