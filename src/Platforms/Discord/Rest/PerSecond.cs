namespace Rookery.Platforms.Discord.Rest;

/// <summary>At most so many a second, evenly.</summary>
internal sealed class PerSecond(int most, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly TimeSpan _each = TimeSpan.FromSeconds(1) / most;
    private DateTimeOffset _next;

    public async ValueTask WaitAsync(CancellationToken ct)
    {
        var wait = Take();
        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, clock, ct);
        }
    }

    public void Block(TimeSpan wait)
    {
        lock (_gate)
        {
            var until = clock.GetUtcNow() + wait;
            _next = until > _next ? until : _next;
        }
    }

    private TimeSpan Take()
    {
        lock (_gate)
        {
            var now = clock.GetUtcNow();

            // A quiet second's worth may go at once.
            var earliest = now - TimeSpan.FromSeconds(1) + _each;
            _next = (_next > earliest ? _next : earliest) + _each;
            return _next - _each - now;
        }
    }
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
