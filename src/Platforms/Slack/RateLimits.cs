using System.Runtime.InteropServices;

namespace Rookery.Platforms.Slack;

/// <summary>
/// Keeps this node within Slack's limits: one message a second in a channel, a tier of calls a minute for each method
/// and workspace. Who comes too early is told how long to wait; his place is kept.
/// </summary>
/// <remarks>
/// Source: Slack, "Rate limits". Each limit is a generic cell rate: the moment at which the next call would be on time.
/// </remarks>
internal sealed class RateLimits(TimeProvider clock)
{
    private const int MostKept = 10_000;
    private static readonly Rate Channel = new(TimeSpan.FromSeconds(1), Burst: 3);
    private static readonly Rate Posts = PerMinute(300, burst: 50);
    private static readonly Rate Tier1 = PerMinute(1, burst: 1);
    private static readonly Rate Tier2 = PerMinute(20, burst: 5);
    private static readonly Rate Tier3 = PerMinute(50, burst: 10);
    private static readonly Rate Tier4 = PerMinute(100, burst: 20);

    private readonly Lock _gate = new();
    private readonly Dictionary<Key, DateTimeOffset> _next = [];
    private readonly Dictionary<Key, DateTimeOffset> _blocked = [];

    /// <summary>Takes the next place for a call.</summary>
    /// <param name="channel">Of a message that is posted; null for other calls.</param>
    /// <param name="longest">A longer wait is told, but takes no place.</param>
    public TimeSpan Take(string team, string method, string? channel, TimeSpan longest)
    {
        var now = clock.GetUtcNow();
        var ofMethod = new Key(team, method, null);
        (Key Key, Rate Rate)[] limits = channel is null
            ? [(ofMethod, RateOf(method))]
            : [(ofMethod, RateOf(method)), (new Key(team, "channel", channel), Channel)];
        lock (_gate)
        {
            var wait = _blocked.TryGetValue(ofMethod, out var until) && until > now ? until - now : TimeSpan.Zero;
            foreach (var (key, rate) in limits)
            {
                var early = _next.GetValueOrDefault(key, now) - now - rate.Slack;
                wait = early > wait ? early : wait;
            }

            if (wait <= longest)
            {
                foreach (var (key, rate) in limits)
                {
                    var next = _next.GetValueOrDefault(key, now);
                    _next[key] = (next > now ? next : now) + rate.Period;
                }

                Forget(now);
            }

            return wait;
        }
    }

    /// <summary>Slack said 429: nobody calls the method for this workspace until its time is over.</summary>
    public void Block(string team, string method, TimeSpan wait)
    {
        lock (_gate)
        {
            _blocked[new Key(team, method, null)] = clock.GetUtcNow() + wait;
        }
    }

    /// <summary>A limit whose moment has passed says the same as none.</summary>
    private void Forget(DateTimeOffset now)
    {
        if (_next.Count > MostKept)
        {
            foreach (var key in _next.Where(n => n.Value <= now).Select(n => n.Key).ToList())
            {
                _next.Remove(key);
            }
        }
    }

    private static Rate RateOf(string method) => method switch
    {
        "chat.postMessage" => Posts,
        "apps.connections.open" => Tier1 with { Burst = 10 },
        "conversations.open" or "conversations.kick" or "conversations.history" or "conversations.replies" or "chat.delete" => Tier3,
        "users.info" or "chat.postEphemeral" or "auth.test" or "oauth.v2.access" => Tier4,
        _ => Tier2,
    };

    private static Rate PerMinute(int calls, int burst) => new(TimeSpan.FromMinutes(1) / calls, burst);

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Key(string Team, string Method, string? Channel);

    /// <param name="Period">One call each, in the long run.</param>
    /// <param name="Burst">How many may come at once after a rest.</param>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Rate(TimeSpan Period, int Burst)
    {
        public TimeSpan Slack => Period * (Burst - 1);
    }
}
