namespace Rookery.Platforms.Twitch.EventSub;

/// <summary>
/// Which of an account's sockets carries which of its subscriptions: one stays where it was put, so that a change moves no
/// other. Those that cost nothing come first.
/// </summary>
/// <remarks>Source: dev.twitch.tv/docs/eventsub/handling-websocket-events, "Subscription limits".</remarks>
internal sealed class SocketShares
{
    public const int MostSockets = 3;
    public const int MostOfSocket = 300;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _socketOf = new(StringComparer.Ordinal);

    /// <summary>Gives every subscription its socket.</summary>
    /// <returns>The shares by the number of the socket, and how many subscriptions found no room.</returns>
    public (IReadOnlyDictionary<int, IReadOnlyList<Wanted>> Of, int Left) Share(IReadOnlyList<Wanted> wanted)
    {
        lock (_gate)
        {
            var sorted = wanted.DistinctBy(w => w.Key, StringComparer.Ordinal).OrderBy(w => !w.IsFree).ToList();
            foreach (var gone in _socketOf.Keys.Except(sorted.Select(w => w.Key), StringComparer.Ordinal).ToList())
            {
                _socketOf.Remove(gone);
            }

            var loads = new int[MostSockets];
            foreach (var socket in _socketOf.Values)
            {
                loads[socket]++;
            }

            foreach (var one in sorted.Where(w => !_socketOf.ContainsKey(w.Key)))
            {
                if (Array.FindIndex(loads, l => l < MostOfSocket) is >= 0 and var socket)
                {
                    _socketOf[one.Key] = socket;
                    loads[socket]++;
                }
            }

            var placed = sorted.Where(w => _socketOf.ContainsKey(w.Key)).ToList();
            return (
                placed.GroupBy(w => _socketOf[w.Key]).ToDictionary(g => g.Key, IReadOnlyList<Wanted> (g) => [.. g]),
                sorted.Count - placed.Count);
        }
    }
}
