using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Scheduling;

namespace Rookery.Modules.LivePosts.Posting;

/// <summary>
/// Takes streams from their beginning to their end: looks them up, tells the guilds, finds the recording. Each step ends in
/// the row, so whoever comes after a crash goes on from there.
/// </summary>
internal sealed partial class PostBroadcasts : IRungJob, IDisposable
{
    /// <summary>So many streams at a time: none waits for one that very many follow, or for which Twitch does not answer.</summary>
    private const int AtOnce = 4;

    private const int RecordingLooks = 3;

    /// <summary>Looks at a stream that ended after which it is live, if Twitch still shows it: for a minute or two Twitch does anyway.</summary>
    private const int ShownLooks = 5;

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(20);

    private readonly BroadcastStore _store;
    private readonly FanOut _fanOut;
    private readonly IStreamDirectory _streams;
    private readonly LiveOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<PostBroadcasts> _log;

    public PostBroadcasts(
        BroadcastStore store,
        FanOut fanOut,
        IStreamDirectory streams,
        ChangeFeed feed,
        IOptions<LiveOptions> options,
        TimeProvider clock,
        ILogger<PostBroadcasts> log)
    {
        (_store, _fanOut, _streams, _options, _clock, _log) = (store, fanOut, streams, options.Value, clock, log);
        Bell = new Bell(clock);
        feed.On("live_broadcasts", _ => Bell.Ring());
    }

    public Bell Bell { get; }

    public TimeSpan Period { get; private set; } = Longest;

    public async ValueTask RunAsync(CancellationToken ct)
    {
        var underWay = new List<Task>();
        try
        {
            while (await TakeAsync(underWay, ct))
            {
                await Bell.WaitAsync(Period, ct);
                var ended = underWay.FindAll(t => t.IsCompleted);
                underWay.RemoveAll(ended.Contains);
                await Task.WhenAll(ended);
            }
        }
        finally
        {
            await Task.WhenAll(underWay);
        }
    }

    public void Dispose() => Bell.Dispose();

    /// <returns>False when nothing is under way.</returns>
    private async Task<bool> TakeAsync(List<Task> underWay, CancellationToken ct)
    {
        while (underWay.Count < AtOnce && await _store.TakeAsync(_options.Lease, ct) is { } broadcast)
        {
            underWay.Add(StepAndRingAsync(broadcast, ct));
        }

        // With all places taken, the first that ends rings.
        var wait = underWay.Count < AtOnce && await _store.NextAsync(ct) is { } next ? next - _clock.GetUtcNow() : Longest;
        Period = wait < Shortest ? Shortest : wait > Longest ? Longest : wait;
        return underWay.Count > 0;
    }

    private async Task StepAndRingAsync(Broadcast b, CancellationToken ct)
    {
        try
        {
            await StepAsync(b, ct);
        }
        finally
        {
            Bell.Ring();
        }
    }

    private async Task StepAsync(Broadcast b, CancellationToken ct)
    {
        switch (b.State)
        {
            case "lookup":
                await LookUpAsync(b, ct);
                break;
            case "posting":
                await _fanOut.RunAsync(b, ct);
                break;
            case "closing":
                await CloseAsync(b, ct);
                break;
            default:
                await _store.WaitAsync(b, TimeSpan.FromDays(1), ct);
                break;
        }
    }

    /// <summary>
    /// Just after a start Twitch often shows nobody live yet, and just after an end still the stream that is over; so where an end was
    /// told, the last look decides.
    /// </summary>
    private async Task LookUpAsync(Broadcast b, CancellationToken ct)
    {
        var found = b.In(await _streams.LiveAsync([b.BroadcasterId], ct));
        if ((found is null || b.EndedAt is not null) && _options.LookupWait(b.Attempts) is { } wait)
        {
            await _store.WaitAsync(b, wait, ct);
            return;
        }

        if (found is null)
        {
            NotShown(b.BroadcasterId, b.EventId, b.Attempts + 1);
        }

        await _store.FoundAsync(b, found, ct);
    }

    private async Task CloseAsync(Broadcast b, CancellationToken ct)
    {
        var (looks, isShown) = (b.Attempts + 1, b.In(await _streams.LiveAsync([b.BroadcasterId], ct)) is not null);
        if (isShown && looks >= ShownLooks)
        {
            StillShown(b.BroadcasterId, b.EventId, looks);
            await _store.ReopenAsync(b, ct);
            return;
        }

        var vod = await _streams.RecordingAsync(b.BroadcasterId, b.EventId, ct);
        if (isShown || (string.IsNullOrEmpty(vod) && looks < RecordingLooks))
        {
            await _store.WaitAsync(b, _options.EndWait, ct);
        }
        else
        {
            await _store.CloseAsync(b, vod, ct);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Twitch does not show the stream {StreamId} of {Broadcaster} after {Looks} looks; it goes by what was told.")]
    private partial void NotShown(string broadcaster, string streamId, int looks);

    [LoggerMessage(LogLevel.Warning, "Twitch still shows the stream {StreamId} of {Broadcaster} {Looks} looks after its end was told; it goes on.")]
    private partial void StillShown(string broadcaster, string streamId, int looks);
}
