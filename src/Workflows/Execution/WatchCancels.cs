using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Data;

namespace Rookery.Workflows.Execution;

/// <summary>
/// Ends runs that somebody cancelled while this node, which has them at work, could not be told. Every node looks for itself, also
/// one that runs no jobs.
/// </summary>
internal sealed partial class WatchCancels(
    Database db, Runner runner, Node self, IOptions<WorkflowOptions> options, TimeProvider clock, ILogger<WatchCancels> log) : BackgroundService
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var period = options.Value.TakeoverEvery < Longest ? options.Value.TakeoverEvery : Longest;
        using var timer = new PeriodicTimer(period, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await LookAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The runs are left where they are on record.
        }
    }

    private async Task LookAsync(CancellationToken ct)
    {
        if (runner.Count == 0)
        {
            return;
        }

        try
        {
            foreach (var execution in await db.Write.ListAsync(
                $"""
                select execution_id from workflows.workflow_executions
                where node_id = {self.Id} and status = 'running' and cancel_requested
                """,
                r => r.GetGuid(0),
                ct))
            {
                runner.Cancel(execution);
            }
        }
        catch (StorageUnavailableException e)
        {
            PutOff(e.Message);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Cancelled runs are looked for later: {Reason}")]
    private partial void PutOff(string reason);
}
