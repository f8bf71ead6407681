using Rookery.Kernel.Chat;

namespace Rookery.Platforms.Sandbox;

/// <summary>
/// Brings what people say to the router. The line is stored first: its id is the event's, so a repeat would be known.
/// </summary>
internal sealed class SandboxGateway(SandboxStore store, IEventTransport transport)
{
    /// <summary>What to tell somebody whose line found the channel overloaded.</summary>
    public const string Overloaded = "The channel has too much waiting; nothing was done. Try again.";

    private const string TooBusy = "The channel was too busy; nothing came of it.";

    /// <summary>
    /// Lets a stored line take effect. One that finds the channel overloaded is taken back for all to see.
    /// </summary>
    /// <exception cref="Kernel.Data.StorageUnavailableException">The database cannot be reached.</exception>
    public async Task<Routed> DeliverAsync(SandboxMessage line, CancellationToken ct)
    {
        var routed = await transport.DeliverAsync(
            new InboundEvent
            {
                Channel = new ChannelId(Platform.Sandbox, null, line.Channel),
                Type = MessageTypes.Chat,
                UserId = line.AuthorId,
                UserName = line.AuthorName,
                UserRole = line.AuthorRole,
                MessageId = LineId.Of(line.Id),
                Text = line.Body,
                OccurredAt = line.CreatedAt,
                ReplyPath = ReplyPath.Sender,
            },
            ct);
        if (routed.Outcome == Outcome.Overloaded)
        {
            await store.DeleteAsync(line.Channel, line.Id, TooBusy, ct);
        }

        return routed;
    }
}
