using System.Text.Json;
using Rookery.Kernel.Data;
using Rookery.Kernel.Web;

namespace Rookery.Kernel.Delivery;

/// <summary>Where everything goes that must reach a platform even if this process dies now.</summary>
public sealed class Outbox(TimeProvider clock)
{
    /// <summary>
    /// Puts an action up for sending, in the transaction of the state it belongs to. The same key twice is one sending.
    /// </summary>
    /// <param name="sender">A platform's name, or <c>webhook</c>.</param>
    /// <returns>False when the key was known already.</returns>
    public async Task<bool> AddAsync(
        Session session, string idempotencyKey, string sender, long? community, string? entityId, OutboundAction action, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var json = JsonSerializer.Serialize(action, KernelJson.Default.OutboundAction);
        return await session.ExecuteAsync(
            $"""
            insert into kernel.outbox (idempotency_key, sender, community_id, entity_id, action, next_try_at,
                created_at)
            values ({idempotencyKey}, {sender}, {community}, {entityId}, {json}::jsonb, {now}, {now})
            on conflict (idempotency_key) do nothing
            """,
            ct) == 1;
    }
}
