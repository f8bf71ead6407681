using System.Text.Json;

namespace Rookery.Workflows.Api;

/// <summary>A run; fields as the columns.</summary>
internal sealed record RunView(
    Guid ExecutionId, Guid WorkflowId, int Version, long CommunityId, string EntityId, string TriggerType, JsonElement? TriggerData, string Status,
    DateTimeOffset? StartedAt, DateTimeOffset? CompletedAt, long? DurationMs, string? ErrorMessage, string? ErrorNode, string? ErrorCode, JsonElement OutputVariables,
    int RetryCount, bool IsTestRun, string? CausedBy, int Depth, Guid? ReplayOf, DateTimeOffset? WakeAt, bool CancelRequested, DateTimeOffset CreatedAt);

/// <summary>One turn of a node in a run; fields as the columns.</summary>
/// <param name="Path">The rounds and branches it was in, such as each[3]/fork.branch_2.</param>
internal sealed record TurnView(
    int Sequence, string NodeId, string NodeType, string Path, string Status, JsonElement InputVariables, JsonElement OutputVariables, string? OutputPort,
    DateTimeOffset? StartedAt, DateTimeOffset? CompletedAt, long? DurationMs, string? ErrorMessage, JsonElement? ResultData, int Attempt);

/// <summary>How long a node took over all its turns.</summary>
internal sealed record NodeMetric(string NodeId, int Turns, int Failed, long TotalMs, long LongestMs);

/// <param name="WorkedMs">Sum over all turns; more than the run's duration when branches ran side by side.</param>
/// <param name="Slowest">The node with the longest turn.</param>
internal sealed record RunMetrics(int Executed, int Failed, int Skipped, long WorkedMs, string? Slowest, IReadOnlyList<NodeMetric> Nodes)
{
    public static RunMetrics Of(IReadOnlyList<TurnView> turns)
    {
        var nodes = turns.Where(t => t.Status is "success" or "failed").GroupBy(t => t.NodeId, StringComparer.Ordinal)
            .Select(g => new NodeMetric(g.Key, g.Count(), g.Count(t => t.Status == "failed"), g.Sum(t => t.DurationMs ?? 0), g.Max(t => t.DurationMs ?? 0)))
            .OrderByDescending(n => n.TotalMs)
            .ToList();
        return new(
            nodes.Sum(n => n.Turns), nodes.Sum(n => n.Failed), turns.Count(t => t.Status == "skipped"), nodes.Sum(n => n.TotalMs),
            nodes.MaxBy(n => n.LongestMs)?.NodeId, nodes);
    }
}

/// <param name="Nodes">Each turn in the order they came up.</param>
internal sealed record RunDetails(RunView Execution, IReadOnlyList<TurnView> Nodes, RunMetrics Metrics);

/// <summary>Something a test run would have sent.</summary>
internal sealed record HeldBack(string NodeId, string? EntityId, JsonElement Action);

/// <param name="ExecutionId">Under which it is on record; null: the definition is not stored, so nothing is.</param>
/// <param name="Passed">The run ended well.</param>
/// <param name="HeldBack">What would have been sent or called.</param>
internal sealed record TestReport(
    Guid? ExecutionId, bool Passed, string Status, string? ErrorMessage, string? ErrorNode, JsonElement OutputVariables, long DurationMs,
    IReadOnlyList<TurnView> Nodes, IReadOnlyList<HeldBack> HeldBack, RunMetrics Metrics);
