using System.Collections.Concurrent;
using System.Globalization;

namespace Rookery.Kernel.Data;

/// <summary>
/// What was read from the database by a number, kept until the change feed says that it changed. A reading that a change
/// overtakes is thrown away with it, and one that failed is tried again by the next caller.
/// </summary>
public sealed class Cached<T>
{
    // What is kept is the reading, not its result, and it is kept before it begins: so no change falls between.
    private readonly ConcurrentDictionary<long, Lazy<Task<T>>> _readings = new();
    private readonly Func<long, Task<T>> _read;

    /// <param name="topic">The feed's topic, whose key is the number; any other key forgets all.</param>
    public Cached(ChangeFeed feed, string topic, Func<long, Task<T>> read)
    {
        _read = read;
        feed.On(topic, Forget);
    }

    /// <summary>Completes at once for what is in memory.</summary>
    /// <param name="ct">Ends the wait of this caller; others may wait for the same reading.</param>
    public ValueTask<T> GetAsync(long key, CancellationToken ct)
    {
        var reading = _readings.GetOrAdd(key, static (k, read) => new(() => read(k)), _read);
        return reading.Value.IsCompletedSuccessfully ? new(reading.Value.Result) : new(WaitAsync(key, reading, ct));
    }

    /// <summary>Reads anew: the node that changed something need not wait for the notification.</summary>
    public void Forget(long key) => _readings.TryRemove(key, out _);

    public void Clear() => _readings.Clear();

    private void Forget(string key)
    {
        if (long.TryParse(key, CultureInfo.InvariantCulture, out var number))
        {
            Forget(number);
        }
        else
        {
            Clear();
        }
    }

    private async Task<T> WaitAsync(long key, Lazy<Task<T>> reading, CancellationToken ct)
    {
        try
        {
            return await reading.Value.WaitAsync(ct);
        }
        catch when (reading.Value.IsCompleted)
        {
            _readings.TryRemove(KeyValuePair.Create(key, reading));
            throw;
        }
    }
}
