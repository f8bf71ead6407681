using Rookery.Kernel.Chat;

namespace Rookery.Router.Events;

/// <summary>
/// The latest event ids this node has handled, so that the repeat of a message that led to nothing is known without a
/// row of its own. What led to something is in the inbox, which knows longer and survives a restart.
/// </summary>
internal sealed class RecentEvents
{
    private const int PerGeneration = 32_768;

    private readonly Lock _gate = new();
    private HashSet<(Platform, string)> _young = new(PerGeneration);
    private HashSet<(Platform, string)> _old = new(PerGeneration);

    public bool Contains(Platform platform, string id)
    {
        lock (_gate)
        {
            return _young.Contains((platform, id)) || _old.Contains((platform, id));
        }
    }

    public void Add(Platform platform, string id)
    {
        lock (_gate)
        {
            if (_young.Add((platform, id)) && _young.Count == PerGeneration)
            {
                (_young, _old) = (_old, _young);
                _young.Clear();
            }
        }
    }
}
