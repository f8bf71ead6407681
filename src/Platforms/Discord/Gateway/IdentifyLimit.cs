namespace Rookery.Platforms.Discord.Gateway;

/// <summary>
/// When shards may identify: one in five seconds for each of <c>max_concurrency</c> buckets, and so many a day, whichever
/// node they are on. Source: Discord developer documentation, Gateway, sharding, max concurrency.
/// </summary>
/// <param name="turns">Shared with the other nodes; null: there are none.</param>
/// <param name="ask">What is left of the day by Discord's own count, for other nodes use it too; null when it does not say.</param>
internal sealed class IdentifyLimit(
    SessionStartLimit limit, TimeProvider clock, IdentifyTurns? turns = null,
    Func<CancellationToken, Task<SessionStartLimit?>>? ask = null)
{
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly DateTimeOffset[] _next = new DateTimeOffset[Math.Max(1, limit.MaxConcurrency)];
    private DateTimeOffset _reset = clock.GetUtcNow() + TimeSpan.FromMilliseconds(limit.ResetAfter);
    private int _remaining = limit.Remaining;

    /// <exception cref="Kernel.Data.StorageUnavailableException">The other nodes' turns are not known.</exception>
    public async Task WaitAsync(int shard, CancellationToken ct)
    {
        if (ask is not null && await ask(ct) is { } left)
        {
            lock (_gate)
            {
                (_remaining, _reset) = (left.Remaining, clock.GetUtcNow() + TimeSpan.FromMilliseconds(left.ResetAfter));
            }
        }

        var wait = Take(shard);
        if (turns is not null && await turns.TakeAsync(shard % _next.Length, Between, ct) is var turn && turn > wait)
        {
            wait = turn;
        }

        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, clock, ct);
        }
    }

    /// <summary>Takes the shard's turn.</summary>
    /// <returns>How long it is until then.</returns>
    public TimeSpan Take(int shard)
    {
        var bucket = shard % _next.Length;
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            var at = _next[bucket] > now ? _next[bucket] : now;
            if (_remaining <= 0 && at < _reset)
            {
                // The day's sessions are used up: the token would be reset if we went on.
                at = _reset;
            }

            if (at >= _reset)
            {
                _reset = at.AddDays(1);
                _remaining = limit.Total;
            }

            _remaining--;
            _next[bucket] = at + Between;
            return at - now;
        }
    }
}
