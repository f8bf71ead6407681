namespace Rookery.Platforms.Discord.Rest;

/// <summary>
/// One of Discord's rate limits as its answers describe it. Until the first answer one call at a time goes out, since
/// nobody knows yet how many may. Source: Discord developer documentation, Rate limits.
/// </summary>
internal sealed class Bucket(TimeProvider clock)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(25);

    private readonly Lock _gate = new();
    private bool _known;
    private int _limit = 1;
    private int _remaining = 1;
    private DateTimeOffset _reset;

    public DateTimeOffset LastUsed { get; private set; } = clock.GetUtcNow();

    /// <summary>Waits until a call may go out. Its answer is to be noted, or said to have been <see cref="Unheard"/>.</summary>
    public async ValueTask EnterAsync(CancellationToken ct)
    {
        while (Take() is { } wait)
        {
            await Task.Delay(wait, clock, ct);
        }
    }

    /// <summary>Notes what an answer says: calls left, and when they are all there again.</summary>
    public void Note(int limit, int remaining, TimeSpan resetAfter)
    {
        lock (_gate)
        {
            var reset = clock.GetUtcNow() + resetAfter;

            // Answers may come in another order than the calls went; within one window the smaller number is the later one.
            var sameWindow = _known && reset <= _reset + TimeSpan.FromMilliseconds(500);
            _remaining = sameWindow ? Math.Min(_remaining, remaining) : remaining;
            _reset = reset > _reset ? reset : _reset;
            _limit = Math.Max(1, limit);
            _known = true;
        }
    }

    /// <summary>An answer without a word about limits, or none at all.</summary>
    public void Unheard()
    {
        lock (_gate)
        {
            _remaining = _known ? _remaining : 1;
        }
    }

    public void Block(TimeSpan wait)
    {
        lock (_gate)
        {
            var until = clock.GetUtcNow() + wait;
            _reset = until > _reset ? until : _reset;
            (_remaining, _known) = (0, true);
        }
    }

    /// <returns>Null when a call was taken, else how long until it is worth asking again.</returns>
    private TimeSpan? Take()
    {
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            LastUsed = now;
            if (_known && _remaining == 0 && now >= _reset)
            {
                _remaining = _limit;
            }

            if (_remaining == 0)
            {
                return _known ? _reset - now : Look;
            }

            _remaining--;
            return null;
        }
    }
}
