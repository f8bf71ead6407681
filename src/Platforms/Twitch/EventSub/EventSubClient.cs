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
    private readonly TakenEvents _taken = new(clock, log);
    private int _failures;

    /// <summary>Connects again and again, until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
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
        var reader = new SessionReader(owner, options, link.Session.Id!, intake, _taken, clock, log, ct);
        Connected(owner, reader.Session);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var reading = reader.ReadAsync(link, end.Token);
        var keeping = KeepSubscribedAsync(reader, end.Token);
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

    private async Task KeepSubscribedAsync(SessionReader reader, CancellationToken ct)
    {
        while (true)
        {
            var change = changes.Next;
            try
            {
                var should = await wanted(ct);
                var transport = new TransportInfo("websocket", SessionId: reader.Session);
                var here = new Destination(owner, transport, reader.Earlier);
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

    [LoggerMessage(LogLevel.Warning, "The EventSub socket of user {Owner} ended ({Reason}); it connects again in {Seconds:0.0} s.")]
    private partial void Lost(Exception? bug, string owner, string reason, double seconds);

    [LoggerMessage(LogLevel.Warning, "The subscriptions of user {Owner} are compared again later: {Reason}")]
    private partial void NotCompared(string owner, string reason);
}
