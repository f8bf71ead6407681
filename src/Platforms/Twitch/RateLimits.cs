using System.Collections.Concurrent;

namespace Rookery.Platforms.Twitch;

/// <summary>
/// How much the bot may say in a channel: 20 messages in 30 s, 100 where it moderates or owns. What the role is there, it
/// learns from its own messages and from being made a moderator.
/// </summary>
/// <remarks>Source: dev.twitch.tv/docs/chat, "Rate limits".</remarks>
internal sealed class RateLimits(TimeProvider clock)
{
    public const int AsViewer = 20;
    public const int AsModerator = 100;
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, Channel> _channels = new(StringComparer.Ordinal);

    public void SetModerator(string channel, bool isModerator) =>
        _channels.GetOrAdd(channel, _ => new Channel()).IsModerator = isModerator;

    /// <summary>Takes the right to send one message.</summary>
    /// <returns>Null when it may go now; else how long to wait before asking again.</returns>
    public TimeSpan? Take(string channel) =>
        _channels.GetOrAdd(channel, _ => new Channel()).Take(clock.GetUtcNow());

    /// <summary>The message was not sent after all.</summary>
    public void GiveBack(string channel) => _channels.GetOrAdd(channel, _ => new Channel()).GiveBack();

    private sealed class Channel
    {
        private readonly Lock _gate = new();
        private readonly List<DateTimeOffset> _sent = [];

        public bool IsModerator { get; set; }

        public TimeSpan? Take(DateTimeOffset now)
        {
            lock (_gate)
            {
                _sent.RemoveAll(sent => sent + Window <= now);
                var most = IsModerator ? AsModerator : AsViewer;
                if (_sent.Count < most)
                {
                    _sent.Add(now);
                    return null;
                }

                return _sent[^most] + Window - now;
            }
        }

        public void GiveBack()
        {
            lock (_gate)
            {
                if (_sent.Count > 0)
                {
                    _sent.RemoveAt(_sent.Count - 1);
                }
            }
        }
    }
}
