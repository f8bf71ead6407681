using System.Collections.Concurrent;
using System.Globalization;
using System.Threading.RateLimiting;

namespace Rookery.Kernel.Security;

/// <summary>
/// How fast each limited key may call on this node. Outlives what is remembered of the keys, so that no change of a key
/// refills another.
/// </summary>
internal sealed class KeyRates : IDisposable
{
    private readonly ConcurrentDictionary<(Guid Key, int PerMinute), RateLimiter> _limiters = new();

    /// <returns>
    /// Null when the call may go; else the seconds until the next may, for the header <c>Retry-After</c>.
    /// </returns>
    public string? Refuse(ApiKey key)
    {
        if (key.RatePerMinute == 0)
        {
            return null;
        }

        var limiter = _limiters.GetOrAdd((key.Id, key.RatePerMinute), static k => Limiter(k.PerMinute));
        using var permit = limiter.AttemptAcquire();
        if (permit.IsAcquired)
        {
            return null;
        }

        var wait = permit.TryGetMetadata(MetadataName.RetryAfter, out var time) ? Math.Ceiling(time.TotalSeconds) : 1;
        return Math.Max(1, wait).ToString(CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        foreach (var limiter in _limiters.Values)
        {
            limiter.Dispose();
        }
    }

    /// <summary>Full at first, then refilled at most once a second, so that a minute gives exactly the rate.</summary>
    private static TokenBucketRateLimiter Limiter(int perMinute)
    {
        var atOnce = Math.Max(1, perMinute / 60);
        return new TokenBucketRateLimiter(new TokenBucketRateLimiterOptions
        {
            TokenLimit = perMinute,
            TokensPerPeriod = atOnce,
            ReplenishmentPeriod = TimeSpan.FromSeconds(60d * atOnce / perMinute),
        });
    }
}
