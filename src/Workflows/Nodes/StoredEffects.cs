using Rookery.Kernel.Communities;
using Rookery.Kernel.Delivery;

namespace Rookery.Workflows.Nodes;

/// <summary>What a node adds to the outbox, in the transaction of its row.</summary>
internal sealed class StoredEffects
{
    private readonly List<StoredSend> _sends = [];

    public IReadOnlyList<StoredSend> Sends => _sends;

    /// <param name="entityId">The channel; null: that of the run. It must belong to the run's community.</param>
    public void Send(string? entityId, Func<Entity, OutboundAction> action) => _sends.Add(new(entityId, action));
}

internal sealed record StoredSend(string? EntityId, Func<Entity, OutboundAction> Action);
