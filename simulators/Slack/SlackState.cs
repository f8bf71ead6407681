using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Rookery.Simulators.Slack;

/// <summary>A person in a simulated workspace.</summary>
public sealed record SlackUser(string Id, string Name, bool IsAdmin = false, bool IsOwner = false);

/// <summary>A message as the simulated Slack keeps it.</summary>
/// <param name="User">Null: the bot's.</param>
internal sealed record SlackPost(string Channel, string Ts, string? User, string Text, string? Thread, JsonNode? Metadata);

/// <summary>An answer that a method gives instead of its own.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Error">Of an answer with ok false; null: none.</param>
/// <param name="RetryAfter">Seconds, as the header of a 429 says them.</param>
/// <param name="Acts">The method does its work before it answers so.</param>
/// <param name="Times">How often.</param>
public sealed record SlackFailure(int Status, string? Error = null, int? RetryAfter = null, bool Acts = false, int Times = 1);

/// <summary>What a simulated Slack knows: tokens, people, messages, and how it is to fail.</summary>
internal sealed class SlackState(TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly List<SlackPost> _posts = [];
    private readonly Dictionary<string, Queue<SlackFailure>> _failures = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _next = new(StringComparer.Ordinal);
    private long _counter;

    /// <summary>Bot tokens and whose they are.</summary>
    public ConcurrentDictionary<string, string> Tokens { get; } = new(StringComparer.Ordinal);

    public ConcurrentDictionary<string, string> UserTokens { get; } = new(StringComparer.Ordinal);

    public ConcurrentDictionary<string, bool> Expired { get; } = new(StringComparer.Ordinal);

    /// <summary>Refresh tokens not used yet, and whose they are.</summary>
    public ConcurrentDictionary<string, string> Refreshes { get; } = new(StringComparer.Ordinal);

    public ConcurrentDictionary<string, SlackUser> Users { get; } = new(StringComparer.Ordinal);

    /// <summary>Channels the bot was not let into.</summary>
    public ConcurrentDictionary<string, bool> Closed { get; } = new(StringComparer.Ordinal);

    /// <summary>Channels of one person each, and whose they are.</summary>
    public ConcurrentDictionary<string, string> Direct { get; } = new(StringComparer.Ordinal);

    public DateTimeOffset Now => clock.GetUtcNow();

    public long Number() => Interlocked.Increment(ref _counter);

    /// <summary>A time stamp nobody had before.</summary>
    public string Ts() => string.Create(
        CultureInfo.InvariantCulture, $"{clock.GetUtcNow().ToUnixTimeSeconds()}.{Number():D6}");

    public void Fail(string method, SlackFailure failure)
    {
        lock (_gate)
        {
            if (!_failures.TryGetValue(method, out var waiting))
            {
                _failures[method] = waiting = new Queue<SlackFailure>();
            }

            for (var i = 0; i < failure.Times; i++)
            {
                waiting.Enqueue(failure);
            }
        }
    }

    public SlackFailure? NextFailure(string method)
    {
        lock (_gate)
        {
            return _failures.TryGetValue(method, out var waiting) && waiting.TryDequeue(out var failure) ? failure : null;
        }
    }

    /// <summary>One message a second in a channel, with some patience for a few at once.</summary>
    /// <returns>Seconds to wait; 0 when it is in time.</returns>
    public int Overrun(string channel)
    {
        const int Burst = 4;
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            var next = _next.GetValueOrDefault(channel);
            var early = next - now - TimeSpan.FromSeconds(Burst);
            if (early > TimeSpan.Zero)
            {
                return (int)Math.Ceiling(early.TotalSeconds);
            }

            _next[channel] = (next > now ? next : now) + TimeSpan.FromSeconds(1);
            return 0;
        }
    }

    public void Add(SlackPost post)
    {
        lock (_gate)
        {
            _posts.Add(post);
        }
    }

    public SlackPost? Find(string channel, string ts) => Posts(channel).FirstOrDefault(p => p.Ts == ts);

    public IReadOnlyList<SlackPost> Posts(string channel)
    {
        lock (_gate)
        {
            return [.. _posts.Where(p => p.Channel == channel)];
        }
    }

    public void Remove(SlackPost post)
    {
        lock (_gate)
        {
            _posts.Remove(post);
        }
    }
}
