namespace Rookery.Platforms.Twitch;

/// <summary>How often the bot may whisper: 3 times a second, 100 times a minute. Whom, at most 40 people a day, Twitch counts.</summary>
/// <remarks>Source: dev.twitch.tv/docs/api/reference#send-whisper.</remarks>
internal sealed class WhisperLimits(TimeProvider clock)
{
    public const int PerSecond = 3;
    public const int PerMinute = 100;
    public static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>Longer than a second: calls take unequally long on their way, and Twitch counts them as they arrive.</summary>
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1.5);

    private readonly Lock _gate = new();
    private readonly List<DateTimeOffset> _sent = [];

    /// <summary>Takes the right to whisper once.</summary>
    /// <returns>Null when it may go now; else how long to wait before asking again.</returns>
    public TimeSpan? Take()
    {
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            _sent.RemoveAll(sent => sent + Minute <= now);
            var end = _sent.Count >= PerMinute ? _sent[^PerMinute] + Minute
                : _sent.Count >= PerSecond ? _sent[^PerSecond] + Second
                : now;
            if (end > now)
            {
                return end - now;
            }

            _sent.Add(now);
            return null;
        }
    }
}
