using Microsoft.Extensions.Options;
using Rookery.Kernel.Data;
using Rookery.Kernel.Expressions;
using Rookery.Workflows.Nodes;

namespace Rookery.Workflows.Execution;

/// <summary>Drives one run as far as it can go: to its end, or to a long sleep.</summary>
internal sealed partial class Driver(
    Steps steps, Calls calls, Globals globals, Journal journal, Database db, IOptions<WorkflowOptions> options, TimeProvider clock)
{
    private const int StorageAttempts = 60;
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(60);

    /// <returns>How it ended, durably; null when it sleeps.</returns>
    public async Task<RunEnd?> DriveAsync(Run run, CancellationToken stopping)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stopping, run.Cancellation.Token);
        try
        {
            return await DriveAsync(run, stop, stopping);
        }
        finally
        {
            await stop.CancelAsync();
            if (run.Walk.End is null)
            {
                // It may be taken up again, and then nothing of it is still at work here.
                await Task.WhenAll((IEnumerable<Task>)run.Calls).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Ends a run that cannot be driven to an end of its own. It gives out nothing, which may be what the database refused.</summary>
    public Task EndAsync(Run run, RunEnd end)
    {
        run.Walk.Stop(end);
        NoteSkipped(run);
        return WriteAsync(run, end, null, Value.EmptyObject);
    }

    private async Task<RunEnd?> DriveAsync(Run run, CancellationTokenSource stop, CancellationToken stopping)
    {
        var began = clock.GetTimestamp();
        var limit = TimeSpan.FromSeconds(run.Workflow.Graph.Settings.MaxExecutionTimeSeconds);

        // While nobody had the run, its time went on.
        PassTime(run);
        while (true)
        {
            await TakeTurnsAsync(run, stop.Token);
            if (run.Cancellation.IsCancellationRequested)
            {
                run.Walk.Stop(new RunEnd("cancelled"));
            }
            else if (clock.GetElapsedTime(began) > limit)
            {
                run.Walk.Stop(new RunEnd("failed", "timeout", $"The run took longer than {limit.TotalSeconds:0} seconds."));
            }

            NoteSkipped(run);
            if (run.Walk.End is { } end)
            {
                await stop.CancelAsync();
                await WriteAsync(run, end, null);
                return end;
            }

            if (run.Prepared.Count > 0)
            {
                await WriteAsync(run, null, null);
                run.Calls.AddRange(run.Prepared.Select(p => CallAsync(run, p, stop.Token)));
                run.Prepared.Clear();
            }

            if (run.Calls.Count == 0 && NextEvent(run) is { } wake && wake - clock.GetUtcNow() > options.Value.SleepInMemory)
            {
                await WriteAsync(run, null, wake);
                return null;
            }

            await WaitAsync(run, limit - clock.GetElapsedTime(began), stop.Token, stopping);
        }
    }

    private async Task TakeTurnsAsync(Run run, CancellationToken ct)
    {
        while (run.Walk.Take() is { } turn && !ct.IsCancellationRequested)
        {
            if (run.Asleep.ContainsKey(turn))
            {
                // It slept already when the run was resumed.
                continue;
            }

            var now = clock.GetUtcNow();
            var context = steps.Context(run.Info, turn.Frame, run.Workflow.Graph.Settings.Timezone, run.Seed(turn));
            switch (turn.Node.Node)
            {
                case CallNode node:
                    Prepare(run, turn, node, context, now);
                    break;
                case StoredNode node:
                    var (result, items) = await steps.WorkAsync(node, context, run.Key(turn), ct);
                    run.Outbox.AddRange(items);
                    Complete(run, turn, result, now);
                    break;
                case VariableSetNode { IsGlobal: true } node:
                    await SetGlobalsAsync(run, turn, node, ct);
                    break;
                default:
                    Complete(run, turn, Steps.Work(turn, context), now);
                    break;
            }
        }
    }

    private void Prepare(Run run, Turn turn, CallNode node, NodeContext context, DateTimeOffset now)
    {
        if (node.Prepare(context) is not { } call)
        {
            Complete(run, turn, new NodeResult { Error = context.Error }, now);
            return;
        }

        run.Rows.Add(NodeRow.Intent(turn, call.Inputs, now));
        run.Prepared.Add(new PreparedCall(turn, node, call, now));
    }

    private void Complete(Run run, Turn turn, NodeResult result, DateTimeOffset since, int attempt = 1)
    {
        if (!run.Walk.UnderWay.ContainsKey(turn.Sequence))
        {
            // It was given up meanwhile, and its row says so.
            return;
        }

        var now = clock.GetUtcNow();
        if (result is { Error: null, Wait: { } wait } && wait > TimeSpan.Zero && !run.Asleep.ContainsKey(turn))
        {
            run.Asleep.Add(turn, (now + wait, now));
            run.Rows.Add(NodeRow.Intent(turn, Value.Object(("delay_ms", (decimal)wait.TotalMilliseconds)), now, now + wait));
            return;
        }

        var row = NodeRow.Outcome(turn, ++run.Completions, result, since, now, attempt);
        run.Rows.Add(row);
        run.Complete(turn, result, row, now);
    }

    /// <summary>Works out and keeps them in one transaction, with the row that says so.</summary>
    private async Task SetGlobalsAsync(Run run, Turn turn, VariableSetNode node, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await WriteAsync(run, null, null);
        var (result, row) = await db.TransactionAsync(
            async transaction =>
            {
                var before = await globals.LockAsync(transaction, run.Info.WorkflowId, ct);
                var known = new Scope(Value.Object((VariableSetNode.Global, before)), turn.Frame);
                var context = steps.Context(run.Info, known, run.Workflow.Graph.Settings.Timezone, run.Seed(turn));
                var made = Steps.Work(turn, context);
                var after = before;
                foreach (var (name, value) in made.Outputs.Members)
                {
                    after = after.With(name, value);
                }

                if (made.Error is null && after.Size > Globals.MaxSize)
                {
                    made = NodeResult.Fail("too_large", $"The kept variables would have more than {Globals.MaxSize} characters.");
                }

                if (made.Error is null)
                {
                    await globals.WriteAsync(transaction, run.Info.WorkflowId, after, ct);
                }

                made = made with { Outputs = made.Error is null ? Value.Object((VariableSetNode.Global, after)) : Value.EmptyObject, Scope = VariableScope.Workflow };
                var told = NodeRow.Outcome(turn, run.Completions + 1, made, now, clock.GetUtcNow());
                await Journal.WriteAsync(transaction, run.Info, run.Fence, told, clock.GetUtcNow(), ct);
                return (made, told);
            },
            ct);
        run.Completions++;
        run.Complete(turn, result, row, now);
    }

    private void NoteSkipped(Run run)
    {
        foreach (var turn in run.Walk.TakeSkipped())
        {
            run.Asleep.Remove(turn);
            run.Prepared.RemoveAll(p => p.Turn == turn);
            run.NoteLast(NodeRow.Skipped(turn, clock.GetUtcNow()));
        }
    }

    /// <summary>Tries as often as the node and the workflow allow. Ends at once when the run does.</summary>
    private async Task<CallEnd> CallAsync(Run run, PreparedCall prepared, CancellationToken ct)
    {
        var settings = run.Workflow.Graph.Settings;
        var most = 1 + Math.Max(prepared.Node.Retries, settings.RetryFailedNodes ? settings.MaxRetries : 0);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var result = await calls.MakeAsync(prepared.Call, run.Info, run.Key(prepared.Turn), ct);
                if (result.Error is null or { MayBeDone: true } || attempt == most || (!result.Error.MayPass && !settings.RetryFailedNodes))
                {
                    return new CallEnd(prepared.Turn, result, attempt, prepared.Since);
                }

                var wait = TimeSpan.FromSeconds(Math.Pow(2, attempt - 1));
                await Task.Delay(wait < LongestBackoff ? wait : LongestBackoff, clock, ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return new CallEnd(prepared.Turn, NodeResult.Fail("cancelled", "The run ended first."), attempt, prepared.Since);
            }
        }
    }

    /// <summary>What has happened must not be forgotten while this node lives: waits out an outage of the database.</summary>
    private async Task WriteAsync(Run run, RunEnd? end, DateTimeOffset? wakeAt, Value? output = null)
    {
        var (rows, outbox) = run.TakeUnwritten();
        var entry = new JournalEntry(run.Info.ExecutionId, run.Info.WorkflowId, run.Fence, rows, outbox, clock.GetUtcNow())
        {
            End = end,
            Output = output ?? run.Walk.Output,
            Retries = run.Retries,
            WakeAt = wakeAt,
        };
        run.Retries = 0;
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await journal.WriteAsync(entry);
                return;
            }
            catch (StorageUnavailableException) when (attempt < StorageAttempts)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200 * Math.Min(10, attempt + 1)), clock);
            }
        }
    }
}
