using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Data;
using Rookery.Kernel.Scheduling;
using Rookery.Kernel.Telemetry;

namespace Rookery.Kernel.Delivery;

/// <summary>
/// Sends what the outbox holds. A row is claimed with a lease before it is sent; when a node dies in between, the next
/// claim marks the row in doubt, so that the one window in which something may go out twice is counted, not hidden.
/// </summary>
/// <remarks>
/// Each sender has a lane of so many places, and a place that becomes free is filled at once, so a slow sender or channel takes
/// nothing from the others. Answers go before the rest, and what comes many at once goes last and never has all places.
/// What is promised of order: on one node the actions of a channel go one at a time, of those that are due the lower priority
/// first and then in the order they were added, and the next only when the outcome of the last is durable. What is to be tried
/// again later is not waited for: what came after it goes meanwhile. Nodes do not wait for each other, so two of them may have
/// an action of one channel under way each.
/// </remarks>
internal sealed partial class OutboxDispatcher(
    OutboxRows rows,
    IEnumerable<ISender> senders,
    ChangeFeed feed,
    TimeProvider clock,
    IOptions<OutboxOptions> options,
    ILogger<OutboxDispatcher> log) : BackgroundService
{
    private readonly Dictionary<string, Lane> _lanes =
        senders.ToDictionary(s => s.Name, s => new Lane(s, options.Value), StringComparer.Ordinal);

    private readonly Bell _bell = new(clock);
    private readonly Lock _lock = new();
    private readonly PriorityQueue<long, DateTimeOffset> _retries = new();
    private readonly List<Task> _underWay = [];
    private DateTimeOffset _looked;

    public override void Dispose()
    {
        base.Dispose();
        _bell.Dispose();
    }

    /// <summary>Sends until nothing is due and nothing under way.</summary>
    /// <returns>The number of rows claimed.</returns>
    internal async Task<int> DispatchAsync(CancellationToken ct)
    {
        var all = 0;
        try
        {
            while (true)
            {
                ct.ThrowIfCancellationRequested();
                var (begun, isMore) = await BeginAsync(ct);
                all += begun;
                if (!isMore)
                {
                    if (_underWay.Count == 0)
                    {
                        return all;
                    }

                    await _bell.WaitAsync(options.Value.Poll, ct);
                }
            }
        }
        finally
        {
            await Task.WhenAll(_underWay);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        feed.On("outbox", _ => _bell.Ring());
        try
        {
            while (true)
            {
                if (!await TryBeginAsync(stoppingToken))
                {
                    await _bell.WaitAsync(UntilRetry(), stoppingToken);
                }
            }
        }
        catch (Exception) when (stoppingToken.IsCancellationRequested)
        {
            // Whatever a stop breaks off is claimed again after its lease.
            await Task.WhenAll(_underWay);
        }
    }

    /// <returns>Whether there is more that can be begun at once.</returns>
    private async Task<bool> TryBeginAsync(CancellationToken ct)
    {
        try
        {
            return (await BeginAsync(ct)).IsMore;
        }
        catch (StorageUnavailableException e) when (!ct.IsCancellationRequested)
        {
            RunPutOff(e.Message);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            RunFailed(e);
        }

        return false;
    }

    /// <summary>Claims what the lanes have room for, and begins to send it.</summary>
    private async Task<(int Begun, bool IsMore)> BeginAsync(CancellationToken ct)
    {
        // What is over by now has left its lane, so what it held back is seen.
        _underWay.RemoveAll(t => t.IsCompleted);
        var rooms = _lanes.Values.Select(l => l.Look()).Where(r => r.Free > 0).ToList();
        if (rooms.Count == 0)
        {
            return (0, false);
        }

        _looked = clock.GetUtcNow();
        var (taken, isMore) = await rows.TakeAsync(rooms, _looked, ct);
        foreach (var row in taken)
        {
            var lane = _lanes[row.Sender];
            lane.Enter(row);
            _underWay.Add(SendAsync(lane, row, ct));
        }

        return (taken.Count, isMore);
    }

    private async Task SendAsync(Lane lane, OutboxRow row, CancellationToken ct)
    {
        await Task.Yield();
        try
        {
            await SendAsync(lane.Sender, row, ct);
        }
        catch (StorageUnavailableException e)
        {
            RunPutOff(e.Message);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            RunFailed(e);
        }
        catch (Exception) when (ct.IsCancellationRequested)
        {
            // It is claimed again after its lease.
        }
        finally
        {
            lane.Leave(row);
            _bell.Ring();
        }
    }

    private async Task SendAsync(ISender sender, OutboxRow row, CancellationToken ct)
    {
        if (row.InDoubt)
        {
            Metrics.OutboxInDoubt.Add(1);
            InDoubt(row.Key);
        }

        Sent sent;
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
            limit.CancelAfter(options.Value.Lease / 2);
            var action = row.Read();
            sent = Refuse(row, action) ?? await sender.SendAsync(action, row.ActionKey, limit.Token);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            SendThrew(e, row.Key);
            sent = Sent.TryAgain(e.Message, TimeSpan.Zero) with { MayStand = e is OperationCanceledException };
        }

        Note(await rows.EndAsync(row, sent));
    }

    /// <summary>An answer that is late, or may have been said, is worse than none.</summary>
    private Sent? Refuse(OutboxRow row, OutboundAction action)
    {
        if (action is not SendMessage { NotAfter: { } last })
        {
            return null;
        }

        var why = row.InDoubt ? "It may have been said already, and an answer is not said twice."
            : clock.GetUtcNow() > last ? "It came too late to be worth saying."
            : null;
        if (why is null)
        {
            return null;
        }

        Metrics.RepliesDropped.Add(1);
        return Sent.Failed(why);
    }

    private void Note(OutboxEnd end)
    {
        if (end.Status == "failed")
        {
            GivenUp(end.Row.Key, end.Row.Attempts, end.Sent.Error!);
        }
        else if (end.Status == "pending")
        {
            lock (_lock)
            {
                _retries.Enqueue(end.Row.Id, end.Next);
            }
        }
    }

    /// <summary>Until the first try that this node put off, and never longer than the table is left alone.</summary>
    private TimeSpan UntilRetry()
    {
        lock (_lock)
        {
            while (_retries.TryPeek(out _, out var at) && at <= _looked)
            {
                _retries.Dequeue();
            }

            var wait = _retries.TryPeek(out _, out var next) ? next - clock.GetUtcNow() : options.Value.Poll;
            return wait < TimeSpan.Zero ? TimeSpan.Zero : wait < options.Value.Poll ? wait : options.Value.Poll;
        }
    }

    [LoggerMessage(LogLevel.Warning, "The outbox waits: {Reason}")]
    private partial void RunPutOff(string reason);

    [LoggerMessage(LogLevel.Error, "The outbox run failed; it runs again.")]
    private partial void RunFailed(Exception exception);

    [LoggerMessage(LogLevel.Warning, "Outbox {Key}: sending failed.")]
    private partial void SendThrew(Exception exception, string key);

    [LoggerMessage(LogLevel.Warning, "Outbox {Key} may have been sent before; it may be sent twice.")]
    private partial void InDoubt(string key);

    [LoggerMessage(LogLevel.Error, "Outbox {Key} was given up after {Attempts} tries: {Error}")]
    private partial void GivenUp(string key, int attempts, string error);
}
