using System.Net.WebSockets;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Rookery.Kernel;
using Rookery.Kernel.Data;

namespace Rookery.Platforms.Twitch.EventSub;

/// <summary>Keeps one EventSub session of an account: connected, subscribed to what should be, and read.</summary>
/// <param name="wanted">What this socket is to carry, as of now.</param>
internal sealed partial class EventSubClient(
    string owner,
    TwitchOptions options,
    Subscriptions subscriptions,
    Func<CancellationToken, Task<IReadOnlyList<Wanted>>> wanted,
    EventIntake intake,
    Changes changes,
    TimeProvider clock,
    Func<double> jitter,
    ILogger log)
{
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(2);

    private readonly TakenEvents _taken = new(clock, log);
    private readonly HashSet<string> _earlier = new(StringComparer.Ordinal);
    private volatile string _session = "";
    private int _failures;
    private CancellationToken _stopping;

    /// <summary>Connects again and again, until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        _stopping = ct;
        while (!ct.IsCancellationRequested)
        {
            string why;
            Exception? bug = null;
            try
            {
                why = await ServeAsync(ct);
            }
            catch (Exception e) when (!ct.IsCancellationRequested)
            {
                why = e.Message;
                bug = e is WebSocketException ? null : e;
            }
            catch (Exception e) when (e is OperationCanceledException or WebSocketException)
            {
                break;
            }

            var delay = Reconnect.Delay(_failures++, jitter());
            Lost(bug, owner, why, delay.TotalSeconds);
            await Task.Delay(delay, clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await _taken.EndAsync(CancellationToken.None);
    }

    /// <summary>One session, over however many connections it moves.</summary>
    /// <returns>Why it ended.</returns>
    private async Task<string> ServeAsync(CancellationToken ct)
    {
        var link = await EventSubLink.OpenAsync(options.EventSubUrl, options.EventSubUrl, clock, ct);
        _earlier.Clear();
        _session = link.Session.Id!;
        Connected(owner, _session);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var reading = ReadAsync(link, end.Token);
        var keeping = KeepSubscribedAsync(end.Token);
        try
        {
            // The one that keeps the subscriptions ends by itself only when it breaks.
            await await Task.WhenAny(reading, keeping);
            return await reading;
        }
        finally
        {
            await end.CancelAsync();
            await Task.WhenAll(reading, keeping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<string> ReadAsync(EventSubLink link, CancellationToken ct)
    {
        Task<EventSubLink?>? moving = null;
        var next = link.ReceiveAsync(ct);
        try
        {
            while (true)
            {
                if (moving is not null && await Task.WhenAny(next, moving) == moving)
                {
                    var fresh = await moving;
                    moving = null;
                    if (fresh is not null)
                    {
                        await MoveAsync(link, next, fresh, ct);
                        (link, next) = (fresh, fresh.ReceiveAsync(ct));
                    }
                }
                else if (await next is { } frame)
                {
                    next = link.ReceiveAsync(ct);
                    if (await ActAsync(link, frame, ct) is { } to && moving is null)
                    {
                        moving = OpenNextAsync(to, ct);
                    }
                }
                else if (moving is null || await moving is not { } fresh)
                {
                    ct.ThrowIfCancellationRequested();
                    return link.End;
                }
                else
                {
                    // The old connection ended before the new one was welcomed.
                    moving = null;
                    await MoveAsync(link, next, fresh, ct);
                    (link, next) = (fresh, fresh.ReceiveAsync(ct));
                }
            }
        }
        finally
        {
            link.Dispose();
            if (moving is not null)
            {
                (await moving)?.Dispose();
            }
        }
    }

    /// <returns>Where to move, if the frame says so.</returns>
    private async Task<Uri?> ActAsync(EventSubLink link, EventSubFrame frame, CancellationToken ct)
    {
        switch (link.Session.On(frame))
        {
            case Step.Take take:
                await _taken.AddAsync(
                    $"The notification {take.MessageId} of EventSub",
                    () => intake.AcceptAsync(take.MessageId, take.At, take.Body, overSocket: true, CancellationToken.None),
                    _stopping);
                return null;
            case Step.Revoke revoke:
                intake.Revoke(revoke.Subscription);
                return null;
            case Step.Move move:
                return move.To;
            case Step.Odd odd:
                NotUnderstood(owner, odd.Why);
                return null;
            default:
                return null;
        }
    }

    private async Task<EventSubLink?> OpenNextAsync(Uri to, CancellationToken ct)
    {
        try
        {
            return await EventSubLink.OpenAsync(options.EventSubUrl, to, clock, ct);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            NotMoved(owner, e.Message);
            return null;
        }
    }

    /// <summary>The new connection is welcomed: what still comes over the old one is taken first, so that the order stays.</summary>
    private async Task MoveAsync(EventSubLink old, Task<EventSubFrame?> next, EventSubLink fresh, CancellationToken ct)
    {
        _earlier.Add(_session);
        _session = fresh.Session.Id!;
        using var timer = new CancellationTokenSource(Drain, clock);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct, timer.Token);
        try
        {
            await old.CloseAsync(limit.Token);
            while (await next.WaitAsync(limit.Token) is { } frame)
            {
                next = old.ReceiveAsync(limit.Token);
                await ActAsync(old, frame, ct);
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // It did not say goodbye; it has said everything else by now.
        }
        finally
        {
            old.Dispose();
        }

        Moved(owner, _session);
    }

    private async Task KeepSubscribedAsync(CancellationToken ct)
    {
        while (true)
        {
            var change = changes.Next;
            try
            {
                var should = await wanted(ct);
                var transport = new TransportInfo("websocket", SessionId: _session);
                var here = new Destination(owner, transport, _earlier.ToHashSet(StringComparer.Ordinal));
                if (await subscriptions.ReconcileAsync(here, should, ct) > 0)
                {
                    _failures = 0;
                }
            }
            catch (Exception e) when (e is StorageUnavailableException or JsonException)
            {
                NotCompared(owner, e.Message);
            }

            await Task.WhenAny(change, Task.Delay(options.ReconcileEvery, clock, ct)).WaitAsync(ct);
        }
    }

    [LoggerMessage(LogLevel.Information, "The EventSub socket of user {Owner} stands; session {Session}.")]
    private partial void Connected(string owner, string session);

    [LoggerMessage(LogLevel.Information, "The EventSub socket of user {Owner} moved; session {Session}.")]
    private partial void Moved(string owner, string session);

    [LoggerMessage(LogLevel.Warning, "The EventSub socket of user {Owner} could not move: {Reason}")]
    private partial void NotMoved(string owner, string reason);

    [LoggerMessage(LogLevel.Warning, "The EventSub socket of user {Owner} ended ({Reason}); it connects again in {Seconds:0.0} s.")]
    private partial void Lost(Exception? bug, string owner, string reason, double seconds);

    [LoggerMessage(LogLevel.Warning, "A message of the EventSub socket of user {Owner} was not understood: {Reason}")]
    private partial void NotUnderstood(string owner, string reason);

    [LoggerMessage(LogLevel.Warning, "The subscriptions of user {Owner} are compared again later: {Reason}")]
    private partial void NotCompared(string owner, string reason);
}
