namespace Rookery.Kernel.Scheduling;

/// <summary>Wakes a loop: by a ring, or when the wait is over. Rings during work are not lost.</summary>
public sealed class Bell(TimeProvider clock) : IDisposable
{
    private readonly SemaphoreSlim _rung = new(0, 1);

    public void Ring()
    {
        try
        {
            _rung.Release();
        }
        catch (SemaphoreFullException)
        {
            // It rings already.
        }
        catch (ObjectDisposedException)
        {
            // Nobody listens any more.
        }
    }

    /// <summary>Returns at the first ring, or after so long.</summary>
    public async Task WaitAsync(TimeSpan atMost, CancellationToken ct)
    {
        await using var timer = clock.CreateTimer(_ => Ring(), null, atMost, Timeout.InfiniteTimeSpan);
        await _rung.WaitAsync(ct);
    }

    public void Dispose() => _rung.Dispose();
}
