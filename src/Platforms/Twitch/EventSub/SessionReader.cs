using System.Collections.Immutable;
using System.Net.WebSockets;
using Microsoft.Extensions.Logging;

namespace Rookery.Platforms.Twitch.EventSub;

/// <summary>Reads one EventSub session, over however many connections it moves.</summary>
/// <param name="session">As the first connection was welcomed.</param>
/// <param name="stopping">Until then what came is kept until it can be stored, though the session may end before.</param>
internal sealed partial class SessionReader(
    string owner, TwitchOptions options, string session, EventIntake intake, TakenEvents taken, TimeProvider clock, ILogger log,
    CancellationToken stopping)
{
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(2);

    /// <summary>What the session is called now.</summary>
    public string Session { get; private set; } = session;

    /// <summary>What it was called before it moved; its subscriptions moved along.</summary>
    public ImmutableHashSet<string> Earlier { get; private set; } = [];

    /// <returns>Why it ended.</returns>
    public async Task<string> ReadAsync(EventSubLink link, CancellationToken ct)
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
                await taken.AddAsync(
                    $"The notification {take.MessageId} of EventSub",
                    () => intake.AcceptAsync(take.MessageId, take.At, take.Body, overSocket: true, CancellationToken.None),
                    stopping);
                return null;
            case Step.Revoke revoke:
                await taken.AddAsync(
                    $"The end of the subscription {revoke.Subscription.Id}",
                    () => intake.RevokeAsync(revoke.Subscription, CancellationToken.None),
                    stopping);
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
        Earlier = Earlier.Add(Session);
        Session = fresh.Session.Id!;
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

        Moved(owner, Session);
    }

    [LoggerMessage(LogLevel.Information, "The EventSub socket of user {Owner} moved; session {Session}.")]
    private partial void Moved(string owner, string session);

    [LoggerMessage(LogLevel.Warning, "The EventSub socket of user {Owner} could not move: {Reason}")]
    private partial void NotMoved(string owner, string reason);

    [LoggerMessage(LogLevel.Warning, "A message of the EventSub socket of user {Owner} was not understood: {Reason}")]
    private partial void NotUnderstood(string owner, string reason);
}
