using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Web;

namespace Rookery.Platforms.Discord.Rest;

/// <summary>
/// Keeps to what Discord allows: a bucket for each route and major parameter, learnt from the answers; so many calls a second
/// in all; and so few invalid calls that Cloudflare never bans the address. Source: Discord developer documentation, Rate limits.
/// </summary>
internal sealed class RateLimits(IOptions<DiscordOptions> options, TimeProvider clock)
{
    private const int Buckets = 20_000;

    private readonly ConcurrentDictionary<string, Bucket> _byRoute = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _hashes = new(StringComparer.Ordinal);
    private readonly PerSecond _global = new(options.Value.CallsPerSecond, clock);

    public InvalidCalls Invalid { get; } = new(clock);

    /// <param name="route">Method and template.</param>
    /// <param name="major">The channel, guild or webhook the call is about.</param>
    /// <returns>The bucket, which is to be told of the answer.</returns>
    public async ValueTask<Bucket> EnterAsync(string route, string major, CancellationToken ct)
    {
        var bucket = await EnterExemptAsync(route, major, ct);
        await _global.WaitAsync(ct);
        return bucket;
    }

    /// <summary>For calls that do not count among all.</summary>
    public async ValueTask<Bucket> EnterExemptAsync(string route, string major, CancellationToken ct)
    {
        var bucket = Find(route, major);
        await bucket.EnterAsync(ct);
        return bucket;
    }

    /// <summary>Learns from an answer.</summary>
    public void Note(Bucket bucket, string route, string major, GuardedResponse answer)
    {
        if (answer.Headers.TryGetValue("X-RateLimit-Bucket", out var hash))
        {
            // Routes that share a limit are told so by its name.
            _hashes[route] = hash;
            _byRoute.TryAdd($"{hash}:{major}", bucket);
        }

        if (Number(answer, "X-RateLimit-Limit") is { } limit
            && Number(answer, "X-RateLimit-Remaining") is { } remaining
            && Number(answer, "X-RateLimit-Reset-After") is { } reset)
        {
            bucket.Note((int)limit, (int)remaining, TimeSpan.FromSeconds(reset));
        }
        else
        {
            bucket.Unheard();
        }

        var scope = answer.Headers.GetValueOrDefault("X-RateLimit-Scope");
        if (answer.Status is 401 or 403 || (answer.Status == 429 && scope != "shared"))
        {
            Invalid.Count();
        }

        if (answer.Status != 429)
        {
            return;
        }

        var wait = TimeSpan.FromSeconds(Number(answer, "Retry-After") ?? 1);
        if (scope == "global" || answer.Headers.ContainsKey("X-RateLimit-Global"))
        {
            _global.Block(wait);
        }
        else
        {
            bucket.Block(wait);
        }
    }

    private Bucket Find(string route, string major)
    {
        if (_byRoute.Count > Buckets)
        {
            Sweep();
        }

        var name = _hashes.GetValueOrDefault(route, route);
        return _byRoute.GetOrAdd($"{name}:{major}", static (_, c) => new Bucket(c), clock);
    }

    private void Sweep()
    {
        var old = clock.GetUtcNow().AddMinutes(-5);
        foreach (var (key, bucket) in _byRoute)
        {
            if (bucket.LastUsed < old)
            {
                _byRoute.TryRemove(key, out _);
            }
        }
    }

    private static double? Number(GuardedResponse answer, string header) =>
        answer.Headers.TryGetValue(header, out var text)
        && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
        && number is >= 0 and < 86_400 * 30
            ? number
            : null;
}
