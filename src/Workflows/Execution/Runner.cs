using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Rookery.Kernel;
using Rookery.Kernel.Data;
using Rookery.Kernel.Expressions;
using Rookery.Workflows.Nodes;

namespace Rookery.Workflows.Execution;

/// <summary>
/// Starts runs and brings them to their end. A run is on record before anything of it happens; what was done is on record
/// before the next thing that anybody could notice begins.
/// </summary>
internal sealed partial class Runner(
    Journal journal,
    Driver driver,
    Globals globals,
    RunBell bell,
    ChangeFeed feed,
    WorkflowLimits limits,
    RefusedStarts refused,
    TimeProvider clock,
    ILogger<Runner> log) : IHostedService, IDisposable
{
    private readonly ConcurrentDictionary<Guid, (Run Run, Task Work)> _atWork = new();
    private readonly ConcurrentDictionary<Guid, byte> _starting = new();
    private readonly ConcurrentDictionary<Guid, byte> _withQueue = new();
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Runs this node has at work.</summary>
    public int Count => _atWork.Count;

    /// <summary>Workflows of which starts may be waiting.</summary>
    public IReadOnlyCollection<Guid> WithQueue => [.. _withQueue.Keys];

    /// <summary>Puts a run on record and begins it. Returns once the record is durable.</summary>
    /// <exception cref="StorageUnavailableException">Nothing was started.</exception>
    public async Task<Started> StartAsync(Start start, CancellationToken ct)
    {
        // Read before the run is on record: from then on nothing may keep it from beginning.
        var values = start.Workflow.Graph.UsesGlobals ? await globals.ReadAsync(start.Workflow.WorkflowId, ct) : default;
        var turns = await limits.TurnsAsync(start.Entity.CommunityId, ct);
        var now = clock.GetUtcNow();
        var row = new StartRow(Ids.New(now), start, now) { MaxWaiting = await limits.WaitingAsync(start.Entity.CommunityId, ct) };
        _starting[row.Id] = 0;
        try
        {
            await journal.WriteAsync(row);
            return Begun(row, values, turns);
        }
        finally
        {
            _starting.TryRemove(row.Id, out _);
        }
    }

    private Started Begun(StartRow row, Value values, int turns)
    {
        var start = row.Start;
        switch (row.Outcome)
        {
            case StartOutcome.Running:
                var run = Make(row.Id, start, values, turns);
                Begin(run);
                return new Started(row.Outcome, row.Id, run.Ended, run);
            case StartOutcome.Queued:
                NoteQueue(start.Workflow.WorkflowId);
                return new Started(row.Outcome, row.Id);
            case StartOutcome.Known:
                return new Started(row.Outcome, row.Existing);
            default:
                refused.Note(start, row.Outcome);
                return new Started(row.Outcome, Guid.Empty);
        }
    }

    public void NoteQueue(Guid workflow) => _withQueue[workflow] = 0;

    public void ForgetQueue(Guid workflow) => _withQueue.TryRemove(workflow, out _);

    /// <summary>Goes on with a run that this node has taken.</summary>
    public void Begin(Run run)
    {
        if (_stopping.IsCancellationRequested)
        {
            run.SetLeft();
            return;
        }

        // Should this node itself have lost it before: the one that has it now has a higher fence.
        Cancel(run.Info.ExecutionId);
        var begun = new TaskCompletionSource();
        _atWork[run.Info.ExecutionId] = (run, WorkAsync(run, begun.Task, _stopping.Token));
        begun.SetResult();
    }

    /// <returns>False when this node does not have it at work.</returns>
    public bool Cancel(Guid execution)
    {
        if (!_atWork.TryGetValue(execution, out var at))
        {
            return false;
        }

        try
        {
            at.Run.Cancellation.Cancel();
            return true;
        }
        catch (ObjectDisposedException)
        {
            // It has just ended.
            return false;
        }
    }

    /// <summary>Whether this node has it at work, or is about to begin it.</summary>
    public bool IsAtWork(Guid execution) => _atWork.ContainsKey(execution) || _starting.ContainsKey(execution);

    /// <summary>Whoever cancels a run may do so on any node; the one that has it at work hears of it.</summary>
    Task IHostedService.StartAsync(CancellationToken cancellationToken)
    {
        feed.On("workflow_cancel", key =>
        {
            if (Guid.TryParse(key, out var execution))
            {
                Cancel(execution);
            }
        });
        return Task.CompletedTask;
    }

    /// <summary>What is at work is left where it is on record; another node, or this one later, goes on with it.</summary>
    async Task IHostedService.StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_atWork.Values.Select(w => w.Work)).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _stopping.Dispose();

    private static Run Make(Guid id, Start start, Value values, int maxTurns)
    {
        var workflow = start.Workflow;
        var info = new RunInfo(
            id, workflow.WorkflowId, workflow.Name, workflow.Version, start.Entity, start.Depth, Execution.Start.Person(start.TriggerType, start.Data), start.Data["message_id"].TryText(out var message) ? message : null);
        var variables = Execution.Start.Variables(workflow, id, start.Entity, start.Data, values);
        return new Run(info, workflow, 1, variables, maxTurns);
    }

    private async Task WorkAsync(Run run, Task begun, CancellationToken stopping)
    {
        await begun;
        try
        {
            var end = await DriveAsync(run, stopping);
            if (end is not null)
            {
                run.SetEnded(end);
                if (_withQueue.ContainsKey(run.Info.WorkflowId))
                {
                    bell.Of.Ring();
                }
            }
        }
        catch (RunLostException e)
        {
            Lost(e.Message);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // It is on record and will be gone on with.
        }
        catch (Exception e)
        {
            Failed(e, run.Info.ExecutionId);
        }
        finally
        {
            if (_atWork.TryGetValue(run.Info.ExecutionId, out var at) && at.Run == run)
            {
                _atWork.TryRemove(KeyValuePair.Create(run.Info.ExecutionId, at));
            }

            run.SetLeft();
            run.Cancellation.Dispose();
        }
    }

    private async Task<RunEnd?> DriveAsync(Run run, CancellationToken stopping)
    {
        RunEnd end;
        try
        {
            return await driver.DriveAsync(run, stopping);
        }
        catch (OperationCanceledException) when (run.Cancellation.IsCancellationRequested && !stopping.IsCancellationRequested)
        {
            end = new RunEnd("cancelled");
        }
        catch (Exception e) when (e is not (RunLostException or OperationCanceledException) && !Failures.MayPass(e))
        {
            Ended(e, run.Info.ExecutionId);
            end = Failures.End(e);
        }

        await driver.EndAsync(run, end);
        return end;
    }

    [LoggerMessage(LogLevel.Warning, "{Reason}")]
    private partial void Lost(string reason);

    [LoggerMessage(LogLevel.Error, "Run {Execution} cannot go on here; it is taken up again later.")]
    private partial void Failed(Exception exception, Guid execution);

    [LoggerMessage(LogLevel.Error, "Run {Execution} cannot go on and ends.")]
    private partial void Ended(Exception exception, Guid execution);
}
