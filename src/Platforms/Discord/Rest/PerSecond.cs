namespace Rookery.Platforms.Discord.Rest;

/// <summary>
/// At most so many in any second. Half of them may go at once after a quiet second; the others go evenly, or all would be used up at
/// the beginning of each second and an answer would wait for the next.
/// </summary>
internal sealed class PerSecond(int most, TimeProvider clock)
{
    // A little more, since calls do not arrive as evenly as they leave.
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1.05);

    private readonly Lock _gate = new();
    private readonly DateTimeOffset[] _turns = new DateTimeOffset[most];
    private int _oldest;
    private DateTimeOffset _blocked;
    private int _blocks;

    public async ValueTask WaitAsync(CancellationToken ct)
    {
        while (true)
        {
            var (wait, blocks) = Take();
            if (wait > TimeSpan.Zero)
            {
                // Delays are cut to milliseconds, and a call that comes one too early is refused.
                await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), clock, ct);
            }

            // Whoever waited while all were stopped queues again.
            if (Volatile.Read(ref _blocks) == blocks)
            {
                return;
            }
        }
    }

    public void Block(TimeSpan wait)
    {
        lock (_gate)
        {
            var until = clock.GetUtcNow() + wait;
            _blocked = Later(_blocked, until);
            _blocks++;
            Array.Clear(_turns);
        }
    }

    private (TimeSpan Wait, int Blocks) Take()
    {
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            var turn = Later(Later(now, _blocked), _turns[_oldest] + Second);
            if (turn - Back(most / 2) < Second)
            {
                turn = Later(turn, Back(1) + (Second / most));
            }

            _turns[_oldest] = turn;
            _oldest = (_oldest + 1) % most;
            return (turn - now, _blocks);
        }
    }

    /// <summary>The turn of so many calls ago.</summary>
    private DateTimeOffset Back(int calls) => _turns[(_oldest - calls + most) % most];

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}

/// <summary>
/// Calls that were refused in the last ten minutes. Cloudflare bans an address at 10 000; long before, we stop ourselves.
/// </summary>
internal sealed class InvalidCalls(TimeProvider clock)
{
    public const int Most = 2_000;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private readonly Queue<DateTimeOffset> _calls = new();

    /// <returns>How long nothing may be sent; zero when all is well.</returns>
    public TimeSpan Wait
    {
        get
        {
            lock (_gate)
            {
                Trim();
                return _calls.Count < Most ? TimeSpan.Zero : _calls.Peek() + Window - clock.GetUtcNow();
            }
        }
    }

    public void Count()
    {
        lock (_gate)
        {
            Trim();
            _calls.Enqueue(clock.GetUtcNow());
        }
    }

    private void Trim()
    {
        var old = clock.GetUtcNow() - Window;
        while (_calls.TryPeek(out var first) && first <= old)
        {
            _calls.Dequeue();
        }
    }
}
