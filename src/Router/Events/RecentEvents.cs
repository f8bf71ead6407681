using System.Collections.Concurrent;
using Rookery.Kernel.Chat;

namespace Rookery.Router.Events;

/// <summary>
/// The latest event ids this node has handled, so that the repeat of a message that led to nothing is known without a
/// row of its own. What led to something is in the inbox, which knows longer and survives a restart.
/// </summary>
internal sealed class RecentEvents
{
    private const int PerGeneration = 32_768;

    private ConcurrentDictionary<(Platform, string), byte> _young = new();
    private ConcurrentDictionary<(Platform, string), byte> _old = new();
    private int _count;

    public bool Contains(Platform platform, string id) =>
        _young.ContainsKey((platform, id)) || _old.ContainsKey((platform, id));

    public void Add(Platform platform, string id)
    {
        if (!_young.TryAdd((platform, id), 0) || Interlocked.Increment(ref _count) != PerGeneration)
        {
            return;
        }

        _old = _young;
        _young = new();
        _count = 0;
    }
}
