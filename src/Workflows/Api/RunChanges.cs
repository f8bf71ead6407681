using System.Text.Json.Nodes;
using Rookery.Kernel.Data;
using Rookery.Workflows.Execution;

namespace Rookery.Workflows.Api;

/// <summary>Ends runs early, and goes on with failed ones.</summary>
internal sealed class RunChanges(Database db, RunRows rows, Runner runner, RunBell bell, WorkflowAudit audit, TimeProvider clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(20);

    /// <summary>Waits for the node that has the run at work; should it go to sleep or change hands meanwhile, it is ended there.</summary>
    /// <returns>The status it has; running when no node ended it in time, which then does as soon as it hears of it.</returns>
    public async Task<string> CancelAsync(RunView run, Actor actor, CancellationToken ct)
    {
        var began = clock.GetTimestamp();
        var act = new Act(run.CommunityId, run.WorkflowId, "cancel", "execution", run.ExecutionId.ToString());
        var status = await db.TransactionAsync(
            async transaction =>
            {
                await audit.WriteAsync(transaction, actor, act, ct);
                return await rows.CancelAsync(transaction, run.CommunityId, run.ExecutionId, ct);
            },
            ct);
        for (var wait = FirstLook; status is "running" or "pending" && clock.GetElapsedTime(began) < Patience; wait *= 2)
        {
            runner.Cancel(run.ExecutionId);
            await Task.Delay(wait, clock, ct);
            status = await db.TransactionAsync(t => rows.CancelAsync(t, run.CommunityId, run.ExecutionId, ct), ct);
        }

        return status;
    }

    public async Task<bool> ResumeAsync(RunView run, Actor actor, CancellationToken ct)
    {
        var act = new Act(run.CommunityId, run.WorkflowId, "resume", "execution", run.ExecutionId.ToString())
        {
            Old = new JsonObject { ["status"] = run.Status, ["error_node"] = run.ErrorNode, ["error_code"] = run.ErrorCode, ["error_message"] = run.ErrorMessage },
            New = new JsonObject { ["status"] = "pending" },
        };
        var isOpen = await db.TransactionAsync(
            async transaction =>
            {
                var opened = await rows.ReopenAsync(transaction, run.CommunityId, run.ExecutionId, ct);
                if (opened)
                {
                    await audit.WriteAsync(transaction, actor, act, ct);
                }

                return opened;
            },
            ct);
        if (isOpen)
        {
            runner.NoteQueue(run.WorkflowId);
            bell.Of.Ring();
        }

        return isOpen;
    }
}
