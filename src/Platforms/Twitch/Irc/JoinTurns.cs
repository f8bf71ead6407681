namespace Rookery.Platforms.Twitch.Irc;

/// <summary>An account may enter 20 channels in 10 s; who does more is not let in anywhere for a while.</summary>
/// <remarks>Source: dev.twitch.tv/docs/chat, "Rate limits".</remarks>
internal sealed class JoinTurns(TimeProvider clock)
{
    public const int Most = 20;

    /// <summary>A second more than Twitch counts: what is sent evenly does not arrive evenly.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(11);

    private readonly Queue<DateTimeOffset> _joins = new();

    /// <summary>Takes the right to enter one channel. For one caller at a time.</summary>
    /// <returns>How long to wait first, after which it counts as used.</returns>
    public TimeSpan Take()
    {
        var now = clock.GetUtcNow();
        while (_joins.TryPeek(out var first) && first + Window <= now)
        {
            _joins.Dequeue();
        }

        var at = _joins.Count < Most ? now : _joins.ElementAt(_joins.Count - Most) + Window;
        _joins.Enqueue(at);
        return at - now;
    }
}
