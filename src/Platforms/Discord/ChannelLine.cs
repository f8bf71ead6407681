using System.Collections.Concurrent;
using Rookery.Kernel.Chat;

namespace Rookery.Platforms.Discord;

/// <summary>
/// Keeps in order what takes different ways into its channel's lane: what is stored first gets there later than what is not.
/// A channel with nothing under way is not in here and costs nothing. One channel's are handed in one after the other.
/// </summary>
internal sealed class ChannelLine
{
    private readonly ConcurrentDictionary<ChannelId, Place> _last = new();
    private int _count;

    /// <summary>True while something of the channel is on its way.</summary>
    public bool IsBusy(ChannelId channel) => Volatile.Read(ref _count) > 0 && Find(channel) is not null;

    /// <summary>Starts it once all before it has entered; what comes later waits until it has.</summary>
    /// <param name="enter">Completes when it has entered.</param>
    public Task EnterAsync(ChannelId channel, Func<Task> enter)
    {
        var before = Find(channel);
        return JoinAsync(channel, before is null ? enter() : AfterAsync(before.Entered, enter), null, isWaitedFor: true);
    }

    /// <summary>Those that are stored keep their order among themselves, so one waits only for what is not.</summary>
    /// <param name="store">Completes when it is stored, and by that has entered.</param>
    public Task StoreAsync(ChannelId channel, Func<Task> store)
    {
        var before = Find(channel);
        var waits = before is { IsWaitedFor: true };
        return JoinAsync(channel, waits ? AfterAsync(before!.Entered, store) : store(), before?.Entered, waits);
    }

    private async Task JoinAsync(ChannelId channel, Task own, Task? before, bool isWaitedFor)
    {
        var entered = before is null ? own : Task.WhenAll(before, own);
        if (!entered.IsCompleted)
        {
            var place = new Place(entered, isWaitedFor);
            Interlocked.Increment(ref _count);
            _last[channel] = place;
            await entered.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _last.TryRemove(KeyValuePair.Create(channel, place));
            Interlocked.Decrement(ref _count);
        }

        await own;
    }

    private static async Task AfterAsync(Task before, Func<Task> enter)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await enter();
    }

    private Place? Find(ChannelId channel) =>
        _last.TryGetValue(channel, out var place) && !place.Entered.IsCompleted ? place : null;

    /// <param name="Entered">Completes when it and all before it have entered.</param>
    /// <param name="IsWaitedFor">Whether also what is stored waits for it.</param>
    private sealed record Place(Task Entered, bool IsWaitedFor);
}
