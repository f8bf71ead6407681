using Rookery.Kernel.Data;

namespace Rookery.Kernel.Scheduling;

/// <summary>Does what a due timer is for.</summary>
public interface ITimerHandler
{
    /// <summary>The <see cref="Timers.SetAsync"/> kind it answers to.</summary>
    string Kind { get; }

    /// <summary>
    /// Runs in the transaction that also takes the timer away, so its effects and the timer's end are one. It changes
    /// rows, adds to the outbox, sets the next timer; it never calls out. Throwing leaves the timer for a later try.
    /// </summary>
    Task RunAsync(DueTimer timer, Transaction transaction, CancellationToken ct);
}

/// <param name="Due">
/// When it was to run. The handler compares it with <paramref name="Now"/> and states what lateness means.
/// </param>
public sealed record DueTimer(
    string Key, DateTimeOffset Due, DateTimeOffset Now, string Payload, long? Community, int Attempt);

/// <summary>Things to be done later, as rows: they survive a crash, run on any node, and run once.</summary>
public sealed class Timers(TimeProvider clock)
{
    /// <summary>
    /// Sets or moves the timer with this kind and key, in the transaction of the state it belongs to.
    /// </summary>
    /// <param name="payload">JSON.</param>
    public Task SetAsync(
        Session session,
        string kind,
        string key,
        DateTimeOffset due,
        string payload,
        long? community,
        CancellationToken ct)
    {
        var id = Guid.CreateVersion7(clock.GetUtcNow());
        var at = due.ToUniversalTime();
        return session.ExecuteAsync(
            $"""
            insert into kernel.timers (id, kind, key, community_id, due_at, next_try_at, payload, created_at)
            values ({id}, {kind}, {key}, {community}, {at}, {at}, {payload}::jsonb, {clock.GetUtcNow()})
            on conflict (kind, key) do update
            set id = excluded.id, due_at = excluded.due_at, next_try_at = excluded.next_try_at,
                payload = excluded.payload,
                attempts = 0, lease = null, lease_until = null, failed_at = null, last_error = null
            """,
            ct);
    }

    /// <returns>False when there was none, or it is running now.</returns>
    public async Task<bool> CancelAsync(Session session, string kind, string key, CancellationToken ct) =>
        await session.ExecuteAsync($"delete from kernel.timers where kind = {kind} and key = {key}", ct) == 1;
}
