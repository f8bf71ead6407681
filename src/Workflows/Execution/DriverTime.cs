using Rookery.Workflows.Nodes;

namespace Rookery.Workflows.Execution;

/// <content>How a run waits, and what the time brings.</content>
internal sealed partial class Driver
{
    private static DateTimeOffset? NextEvent(Run run)
    {
        DateTimeOffset? next = null;
        foreach (var (until, _) in run.Asleep.Values)
        {
            next = next is null || until < next ? until : next;
        }

        foreach (var fork in run.Walk.Forks)
        {
            next = next is null || run.Deadline(fork) < next ? run.Deadline(fork) : next;
        }

        return next;
    }

    /// <summary>Waits for a call, the end of a delay or the end of the run's time, whichever comes first.</summary>
    private async Task WaitAsync(Run run, TimeSpan left, CancellationToken stop, CancellationToken stopping)
    {
        // What is known already is on record, and what was said is on its way, however long the rest takes.
        if (run.Rows.Count > 0)
        {
            await WriteAsync(run, null, null);
        }

        var now = clock.GetUtcNow();
        var wait = NextEvent(run) is { } next && next - now < left ? next - now : left;
        using (var timer = CancellationTokenSource.CreateLinkedTokenSource(stop))
        {
            var over = Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, clock, timer.Token);
            await Task.WhenAny([.. run.Calls, over]);
            await timer.CancelAsync();
        }

        stopping.ThrowIfCancellationRequested();
        foreach (var call in run.Calls.Where(c => c.IsCompleted).ToList())
        {
            run.Calls.Remove(call);
            var (turn, result, attempts, since) = await call;
            run.Retries += attempts - 1;
            if (run.Cancellation.IsCancellationRequested && result.Error?.Code == "cancelled")
            {
                // The end of the run is no failure of the node.
                continue;
            }

            Complete(run, turn, result, since, attempts);
        }

        PassTime(run);
    }

    /// <summary>What the time has brought, in its order: delays that are over, and branches whose time is.</summary>
    private void PassTime(Run run)
    {
        var now = clock.GetUtcNow();
        while (run.Walk.End is null)
        {
            var (turn, (until, since)) =
                run.Asleep.Where(a => a.Value.Until <= now).OrderBy(a => a.Value.Until).ThenBy(a => a.Key.Sequence).FirstOrDefault();
            if (run.Walk.Forks.Where(f => run.Deadline(f) <= now).MinBy(run.Deadline) is { } fork && (turn is null || run.Deadline(fork) < until))
            {
                run.Expire(fork);
            }
            else if (turn is not null)
            {
                Complete(run, turn, NodeResult.Leave(Ports.Out), since);
                run.Asleep.Remove(turn);
            }
            else
            {
                return;
            }
        }
    }
}
