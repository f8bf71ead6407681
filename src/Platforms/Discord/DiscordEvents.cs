using System.Text;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Delivery;

namespace Rookery.Platforms.Discord;

/// <summary>Lets stored events of Discord take effect.</summary>
internal sealed class DiscordEvents(DiscordDecoder decoder, IEventTransport transport) : IIntakeHandler
{
    public Platform Platform => Platform.Discord;

    public async ValueTask<TimeSpan?> HandleAsync(RawEvent e, CancellationToken ct)
    {
        if (decoder.Read(e.EventType, Encoding.UTF8.GetBytes(e.Data), e.EventId) is not { } decoded)
        {
            return null;
        }

        // What Discord gives no time for happened when it was stored, also when it is handled much later.
        var told = decoded.Fact is null ? decoded : decoded with { OccurredAt = e.At };
        var routed = await transport.DeliverAsync(told, ct);
        return routed.Outcome == Outcome.Overloaded ? routed.RetryAfter : null;
    }
}
