using System.Text;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Delivery;
using Rookery.Platforms.Discord.Gateway;
using Rookery.Platforms.Discord.Interactions;

namespace Rookery.Platforms.Discord;

/// <summary>Lets stored events of Discord take effect.</summary>
internal sealed class DiscordEvents(
    DiscordDecoder decoder, GuildChanges guilds, InteractionEnds ends, IEventTransport transport) : IIntakeHandler
{
    public Platform Platform => Platform.Discord;

    public async ValueTask<TimeSpan?> HandleAsync(RawEvent e, CancellationToken ct)
    {
        if (e.EventType is EventTypes.GuildCreate or EventTypes.GuildDelete)
        {
            return await guilds.HandleAsync(e, ct);
        }

        if (decoder.Read(e.EventType, Encoding.UTF8.GetBytes(e.Data), e.EventId) is not { } decoded)
        {
            return null;
        }

        // What Discord gives no time for happened when it was stored, also when it is handled much later.
        var told = decoded.Fact is null ? decoded : decoded with { OccurredAt = e.At };
        var routed = await transport.DeliverAsync(told, ct);
        if (routed.Outcome == Outcome.Overloaded)
        {
            return routed.RetryAfter;
        }

        if (decoded.ReplyHandle is { } handle)
        {
            await ends.EndAsync(decoded, InteractionHandle.Parse(handle)!, routed, ct);
        }

        return null;
    }
}
