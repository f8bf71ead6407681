using Rookery.Kernel.Data;

namespace Rookery.Router.Limits;

/// <summary>
/// The sliding windows of one channel. Its lane gives turns one at a time, so counting here is exact without a lock;
/// what was counted before a restart is read back from the executions.
/// </summary>
internal sealed class CallLimits
{
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Dictionary<(long Command, string User), Queue<DateTimeOffset>> _calls = [];
    private DateTimeOffset _swept;

    /// <summary>Reads the calls of the last minute that were let through.</summary>
    public static async Task<CallLimits> LoadAsync(Database db, long entity, DateTimeOffset now, CancellationToken ct)
    {
        var limits = new CallLimits { _swept = now };
        var calls = await db.Write.ListAsync(
            $"""
            select command_id, user_id, created_at from router.command_executions
            where entity_id = {entity} and created_at > {now - Window} and coalesce(response_status, 0) not in (403,
                429)
            order by created_at
            """,
            r => (Command: r.GetInt64(0), User: r.GetString(1), At: r.GetFieldValue<DateTimeOffset>(2)),
            ct);
        foreach (var call in calls)
        {
            limits.Calls(call.Command, call.User).Enqueue(call.At);
        }

        return limits;
    }

    /// <summary>Counts one call if fewer than <paramref name="limit"/> lie in the last minute.</summary>
    /// <returns>Null when it may go; else how long until the next may.</returns>
    public TimeSpan? TryTake(long command, string user, int limit, DateTimeOffset now)
    {
        Sweep(now);
        var calls = Calls(command, user);
        while (calls.TryPeek(out var oldest) && oldest <= now - Window)
        {
            calls.Dequeue();
        }

        if (calls.Count >= limit)
        {
            // As many as the limit are still in the window when this one leaves it, also after the limit was lowered.
            return calls.ElementAt(calls.Count - limit) + Window - now;
        }

        calls.Enqueue(now);
        return null;
    }

    private Queue<DateTimeOffset> Calls(long command, string user)
    {
        if (!_calls.TryGetValue((command, user), out var calls))
        {
            _calls[(command, user)] = calls = new();
        }

        return calls;
    }

    private void Sweep(DateTimeOffset now)
    {
        if (now - _swept < Window)
        {
            return;
        }

        _swept = now;
        foreach (var (key, calls) in _calls)
        {
            if (calls.All(at => at <= now - Window))
            {
                _calls.Remove(key);
            }
        }
    }
}
