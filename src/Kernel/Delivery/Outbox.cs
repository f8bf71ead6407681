using System.Text.Json;
using Npgsql;
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
        var json = Json(Kept(action, entityId));
        var priority = (short)Priorities.Of(action);
        return await session.ExecuteAsync(
            $"""
            insert into kernel.outbox (idempotency_key, sender, community_id, entity_id, action, priority, next_try_at,
                created_at)
            values ({idempotencyKey}, {sender}, {community}, {entityId}, {json}::jsonb, {priority}, {now}, {now})
            on conflict (idempotency_key) do nothing
            """,
            ct) == 1;
    }

    /// <summary>The same for many, in one statement, in their order. What is said in many channels alike is written and read once.</summary>
    public Task AddAsync(Session session, IReadOnlyList<OutboxItem> items, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var (shapes, rows) = Shaped(items);
        return session.ExecuteAsync(
            $"""
            with shapes as materialized (
                select s.action::jsonb as action, s.shape from unnest({shapes}) with ordinality as s (action, shape))
            insert into kernel.outbox (idempotency_key, sender, community_id, entity_id, action, priority, next_try_at, created_at)
            select u.key, u.sender, u.community, u.entity, s.action, u.priority, {now}, {now}
            from (
                select unnest({items.Select(i => i.Key).ToArray()}) as key, unnest({items.Select(i => i.Sender).ToArray()}) as sender,
                    unnest({items.Select(i => i.Community).ToArray()}) as community,
                    unnest({items.Select(i => i.EntityId).ToArray()}) as entity, unnest({rows}) as shape,
                    unnest({items.Select(Priority).ToArray()}) as priority, generate_series(1, {items.Count}) as place) u
                join shapes s on s.shape = u.shape
            order by u.place
            on conflict (idempotency_key) do nothing
            """,
            ct);
    }

    /// <summary>The same for many, as one command of a batch that the caller writes with rows of its own.</summary>
    /// <param name="claims">Those that the batch writes before, where items need them.</param>
    public NpgsqlBatchCommand Insert(IReadOnlyList<OutboxItem> items, InboxClaims? claims = null) => new(
        """
        insert into kernel.outbox (idempotency_key, sender, community_id, entity_id, action, priority, next_try_at, created_at)
        select u.key, u.sender, u.community, u.entity, u.action::jsonb, u.priority, $7, $7
        from (
            select unnest($1) as key, unnest($2) as sender, unnest($3) as community, unnest($4) as entity,
                unnest($5) as action, unnest($6) as priority, unnest($8) as claim) u
        where u.claim is null or u.claim in (select event_id from kernel.inbox where event_key = any($9) and received_on = $10)
        on conflict (idempotency_key) do nothing
        """)
    {
        Parameters =
        {
            new NpgsqlParameter<string[]> { TypedValue = [.. items.Select(i => i.Key)] },
            new NpgsqlParameter<string[]> { TypedValue = [.. items.Select(i => i.Sender)] },
            new NpgsqlParameter<long?[]> { TypedValue = [.. items.Select(i => i.Community)] },
            new NpgsqlParameter<string?[]> { TypedValue = [.. items.Select(i => i.EntityId)] },
            new NpgsqlParameter<string[]> { TypedValue = [.. items.Select(i => Json(Kept(i.Action, i.EntityId)))] },
            new NpgsqlParameter<short[]> { TypedValue = [.. items.Select(Priority)] },
            new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() },
            new NpgsqlParameter<Guid?[]> { TypedValue = [.. items.Select(i => i.Claim)] },
            new NpgsqlParameter<string[]> { TypedValue = claims?.Keys ?? [] },
            new NpgsqlParameter<DateOnly> { TypedValue = claims?.Today ?? default },
        },
    };

    /// <summary>A message to the channel that the row names is kept without it.</summary>
    private static OutboundAction Kept(OutboundAction action, string? entityId) =>
        action is SendMessage message && message.Channel.ToString() == entityId ? message with { Channel = default } : action;

    /// <returns>The different actions, and of each item, counted from 1, which it is.</returns>
    private static (string[] Shapes, long[] Rows) Shaped(IReadOnlyList<OutboxItem> items)
    {
        var shapes = new Dictionary<OutboundAction, long>();
        var rows = new long[items.Count];
        for (var i = 0; i < rows.Length; i++)
        {
            var shape = Kept(items[i].Action, items[i].EntityId);
            if (!shapes.TryGetValue(shape, out rows[i]))
            {
                shapes[shape] = rows[i] = shapes.Count + 1;
            }
        }

        return ([.. shapes.Keys.Select(Json)], rows);
    }

    private static string Json(OutboundAction action) => JsonSerializer.Serialize(action, KernelJson.Default.OutboundAction);

    private static short Priority(OutboxItem item) => (short)(item.Priority ?? Priorities.Of(item.Action));
}

/// <summary>Something to be sent; see <see cref="Outbox"/>.</summary>
/// <param name="Key">The idempotency key.</param>
/// <param name="Priority">Null: as the action says by itself.</param>
/// <param name="Claim">The <see cref="InboxClaim.EventId"/> without whose claim it is not written; null: none is needed.</param>
public sealed record OutboxItem(
    string Key,
    string Sender,
    long? Community,
    string? EntityId,
    OutboundAction Action,
    OutboxPriority? Priority = null,
    Guid? Claim = null);

/// <summary>What goes first where a sender has more to do than it can; kept as a number in <c>kernel.outbox.priority</c>.</summary>
public enum OutboxPriority : short
{
    /// <summary>Somebody waits for it, or it takes away what is not to be seen.</summary>
    Answer = 0,

    Normal = 1,

    /// <summary>One of many that are put up at once. It goes last, and never takes all places.</summary>
    Bulk = 2,
}

internal static class Priorities
{
    public static OutboxPriority Of(OutboundAction action) => action switch
    {
        SendMessage { NotAfter: not null } => OutboxPriority.Answer,
        SendMessage { ReplyTo: not null } or SendMessage { ReplyHandle: not null } => OutboxPriority.Answer,
        DeleteMessage or RestrictMember => OutboxPriority.Answer,
        _ => OutboxPriority.Normal,
    };
}
