using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Rookery.Workflows.Definition;

/// <summary>A workflow as people and programs write it; its JSON Schema is at <c>/schemas/workflow.json</c>.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
[Description("A workflow: what starts it, what it does, and in which order.")]
internal sealed record WorkflowDocument
{
    [Description("The nodes by key. A key is 1 to 64 letters, digits, - and _.")]
    public IReadOnlyDictionary<string, NodeDocument?>? Nodes { get; set; }

    [Description("Which node follows which.")]
    public IReadOnlyList<ConnectionDocument?>? Connections { get; set; }

    [Description("Variables every run begins with.")]
    public JsonElement? GlobalVariables { get; set; }

    [Description("How runs behave.")]
    public RunSettings? Settings { get; set; }
}

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record NodeDocument
{
    [Description("What the node does.")]
    public string? Type { get; set; }

    [Description("What people call it.")]
    public string? Label { get; set; }

    [Description("Where an editor shows it.")]
    public NodePosition? Position { get; set; }

    [Description("A path ends at a node that is not enabled.")]
    public bool Enabled { get; set; } = true;

    [Description("Depends on the type.")]
    public JsonElement? Config { get; set; }
}

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record NodePosition(double? X, double? Y);

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ConnectionDocument
{
    [Description("Unique among the connections.")]
    public string? Id { get; set; }

    [Description("The key of the node it leaves.")]
    public string? From { get; set; }

    [Description("The port it leaves; which there are follows from the type of the node.")]
    public string? FromPort { get; set; }

    [Description("The key of the node it enters.")]
    public string? To { get; set; }

    [Description("Always in.")]
    public string? ToPort { get; set; }

    public bool Enabled { get; set; } = true;
}

/// <summary>What happens to a start while as many runs are under way as may be.</summary>
internal static class QueuePolicies
{
    public const string Queue = "queue";
    public const string Skip = "skip";

    public static IReadOnlyList<string> All { get; } = [Queue, Skip];
}

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record RunSettings
{
    public static RunSettings Default { get; } = new();

    [Description("Seconds a run may work at a stretch; time asleep in a delay does not count.")]
    [Range(1, 3600)]
    public int MaxExecutionTimeSeconds { get; set; } = 300;

    [Description("Runs of this workflow at a time.")]
    [Range(1, 1000)]
    public int MaxParallelExecutions { get; set; } = 10;

    [Description("queue: a start waits while as many run as may. skip: it is refused.")]
    public string QueuePolicy { get; set; } = QueuePolicies.Queue;

    [Description("Whether a node that failed is tried again.")]
    public bool RetryFailedNodes { get; set; }

    [Description("How often a node is tried again, after 1, 2, 4 … seconds.")]
    [Range(0, 10)]
    public int MaxRetries { get; set; }

    [Description("A node that failed ends its own path only, and not the run.")]
    public bool ContinueOnError { get; set; }

    [Description("Rounds a loop may make, where the loop itself does not say less.")]
    [Range(1, 10_000)]
    public int MaxIterations { get; set; } = 100;

    [Description("The IANA zone of dates and times in expressions.")]
    public string Timezone { get; set; } = "UTC";
}
