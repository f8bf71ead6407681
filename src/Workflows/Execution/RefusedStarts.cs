using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Rookery.Kernel.Telemetry;

namespace Rookery.Workflows.Execution;

/// <summary>
/// Counts starts that were refused. Who called is told; of what happens in chat nobody can be, so the log says, once a minute for each
/// workflow, that its queue is full.
/// </summary>
internal sealed partial class RefusedStarts(TimeProvider clock, ILogger<RefusedStarts> log)
{
    private const int MostWorkflows = 10_000;
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private static readonly Counter<long> Refused = Metrics.Meter.CreateCounter<long>(
        "rookery_workflow_starts_refused", description: "Starts of workflows that were refused: queue_full, or busy where starts do not wait.");

    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _told = new();

    public void Note(Start start, StartOutcome outcome)
    {
        Refused.Add(
            1,
            new KeyValuePair<string, object?>("reason", outcome == StartOutcome.Full ? "queue_full" : "busy"),
            new KeyValuePair<string, object?>("trigger", start.TriggerType));
        if (outcome == StartOutcome.Full && IsToTell(start.Workflow.WorkflowId))
        {
            QueueFull(start.Workflow.Name, start.Workflow.WorkflowId, start.TriggerType);
        }
    }

    private bool IsToTell(Guid workflow)
    {
        if (_told.Count >= MostWorkflows)
        {
            _told.Clear();
        }

        var now = clock.GetUtcNow();
        return _told.TryAdd(workflow, now)
            || (_told.TryGetValue(workflow, out var last) && now - last >= Minute && _told.TryUpdate(workflow, now, last));
    }

    [LoggerMessage(
        LogLevel.Warning,
        "Workflow {Name} ({Workflow}) was not started by its trigger {Trigger}: as many of its runs wait as may, see the setting workflows.max_waiting_runs.")]
    private partial void QueueFull(string name, Guid workflow, string trigger);
}
