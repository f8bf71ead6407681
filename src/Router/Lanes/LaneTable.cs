using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Scheduling;

namespace Rookery.Router.Lanes;

/// <summary>The lanes of the channels this node handles, and the bound over all of them.</summary>
internal sealed class LaneTable(IOptions<RouterOptions> options, TimeProvider clock) : IJob
{
    private static readonly TimeSpan IdleFor = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<ChannelId, Lane> _lanes = new();
    private int _inFlight;

    public TimeSpan Period => TimeSpan.FromMinutes(1);

    public int Count => _lanes.Count;

    /// <summary>Events that have or wait for a turn.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Waits for a turn in the channel's lane.</summary>
    /// <returns>Null when the channel or the node has too much waiting already.</returns>
    public async ValueTask<Turn?> EnterAsync(ChannelId channel)
    {
        if (Interlocked.Increment(ref _inFlight) > options.Value.MaxInFlight)
        {
            Interlocked.Decrement(ref _inFlight);
            return null;
        }

        var now = clock.GetTimestamp();
        while (true)
        {
            var lane = _lanes.TryGetValue(channel, out var known)
                ? known
                : _lanes.GetOrAdd(
                    channel,
                    (_, args) => new Lane(args.Capacity, args.Now),
                    (Capacity: options.Value.LaneCapacity, Now: now));
            if (!lane.TryEnter(now, out var turn))
            {
                Interlocked.Decrement(ref _inFlight);
                return null;
            }

            await turn;

            // A lane that was swept while we entered it is no longer the channel's: take the new one.
            if (_lanes.TryGetValue(channel, out var current) && ReferenceEquals(current, lane))
            {
                return new Turn(lane);
            }

            lane.Leave();
        }
    }

    public void Done() => Interlocked.Decrement(ref _inFlight);

    /// <summary>Forgets lanes nobody used for a while.</summary>
    public ValueTask RunAsync(CancellationToken ct)
    {
        foreach (var (channel, lane) in _lanes)
        {
            if (lane.IsIdle && clock.GetElapsedTime(lane.LastUsed) > IdleFor)
            {
                _lanes.TryRemove(KeyValuePair.Create(channel, lane));
            }
        }

        return default;
    }
}
