using Rookery.Kernel.Data;

namespace Rookery.Platforms.Discord.Gateway;

/// <summary>
/// The order in which the shards of all nodes identify: each takes the next moment of its bucket, in one statement, and
/// waits for it.
/// </summary>
internal sealed class IdentifyTurns(Database db, TimeProvider clock)
{
    /// <returns>How long it is until then.</returns>
    /// <exception cref="StorageUnavailableException">The database cannot be reached; no turn is taken.</exception>
    public async Task<TimeSpan> TakeAsync(int bucket, TimeSpan between, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var next = await db.Write.ValueAsync<DateTimeOffset>(
            $"""
            insert into discord.identify_turns as t (bucket, next_at) values ({bucket}, {now + between})
            on conflict (bucket) do update set next_at = greatest(t.next_at, {now}) + {between}
            returning next_at
            """,
            ct);
        var wait = next - between - now;
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }
}
