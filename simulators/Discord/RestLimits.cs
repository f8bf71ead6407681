using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Rookery.Simulators.Discord;

/// <summary>Counts calls by channel and in all, and refuses those that are too many.</summary>
internal sealed class RestLimits(TimeProvider clock)
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, Window> _channels = new(StringComparer.Ordinal);
    private readonly Window _all = new();
    private int _overruns;
    private int _globalOverruns;

    public int Limit { get; set; } = 5;

    public TimeSpan Per { get; set; } = TimeSpan.FromSeconds(2);

    public int Global { get; set; } = int.MaxValue;

    public int Overruns => _overruns;

    public int GlobalOverruns => _globalOverruns;

    /// <summary>Counts the call among all. Only a refusal says so in its headers, as Discord does.</summary>
    public IResult? CountAll(HttpContext http)
    {
        if (Global == int.MaxValue)
        {
            return null;
        }

        var (over, reset, _) = _all.Take(clock.GetUtcNow(), Global, Second);
        if (!over)
        {
            return null;
        }

        Interlocked.Increment(ref _globalOverruns);
        http.Response.Headers["X-RateLimit-Global"] = "true";
        return Refusal(http, "global", reset);
    }

    /// <summary>Counts the call against the channel's bucket and says so in the headers, as Discord does.</summary>
    public IResult? Count(HttpContext http, string channel)
    {
        var (over, reset, left) = _channels.GetOrAdd(channel, _ => new Window()).Take(clock.GetUtcNow(), Limit, Per);
        http.Response.Headers["X-RateLimit-Bucket"] = "messages";
        http.Response.Headers["X-RateLimit-Limit"] = Limit.ToString(CultureInfo.InvariantCulture);
        http.Response.Headers["X-RateLimit-Remaining"] = left.ToString(CultureInfo.InvariantCulture);
        http.Response.Headers["X-RateLimit-Reset-After"] = Seconds(reset);
        if (!over)
        {
            return null;
        }

        Interlocked.Increment(ref _overruns);
        return Refusal(http, "user", reset);
    }

    /// <param name="scope">Whose limit it is: user, global, or shared, which is nobody's fault.</param>
    public static IResult Refusal(HttpContext http, string scope, TimeSpan reset)
    {
        http.Response.Headers["X-RateLimit-Scope"] = scope;
        http.Response.Headers.RetryAfter = Seconds(reset);
        return Results.Json(
            new JsonObject
            {
                ["message"] = "You are being rate limited.",
                ["retry_after"] = reset.TotalSeconds,
                ["global"] = scope == "global",
            },
            statusCode: 429);
    }

    /// <summary>Never less than it is.</summary>
    private static string Seconds(TimeSpan time) =>
        (Math.Ceiling(time.TotalMilliseconds) / 1000).ToString("0.000", CultureInfo.InvariantCulture);

    private sealed class Window
    {
        private readonly Lock _gate = new();
        private DateTimeOffset _ends;
        private int _used;

        public (bool Over, TimeSpan Reset, int Left) Take(DateTimeOffset now, int limit, TimeSpan per)
        {
            lock (_gate)
            {
                if (now >= _ends)
                {
                    (_ends, _used) = (now + per, 0);
                }

                var over = _used >= limit;
                _used += over ? 0 : 1;
                return (over, _ends - now, limit - _used);
            }
        }
    }
}
