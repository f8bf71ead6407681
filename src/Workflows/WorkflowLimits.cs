using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Settings;
using Rookery.Kernel.Web;
using Rookery.Workflows.Definition;
using Rookery.Workflows.Nodes;

namespace Rookery.Workflows;

/// <summary>What a community's workflows may cost at most. Changed limits count for what is published from then on.</summary>
internal sealed class WorkflowLimits(SettingsStore settings, IOptions<WorkflowOptions> options)
{
    public static IntSetting MaxWorkflows { get; } = new(
        "workflows", "max_workflows", 100, 0, 10_000, "How many workflows there may be; archived ones do not count.");

    public static IntSetting MaxNodes { get; } = new(
        "workflows", "max_nodes", Graph.MaxNodes, 1, Graph.MaxNodes, "How many nodes a workflow may have.");

    public static IntSetting MaxNodeExecutions { get; } = new(
        "workflows", "max_node_executions", 1000, 10, 100_000, "Turns of nodes in one run; never more than the server's own MaxNodeExecutions.");

    public static IntSetting MaxExecutionTime { get; } = new(
        "workflows", "max_execution_time_seconds", 3600, 1, 3600, "What a workflow's max_execution_time_seconds may be at most.");

    public static IntSetting MaxParallelExecutions { get; } = new(
        "workflows", "max_parallel_executions", 100, 1, 1000, "What a workflow's max_parallel_executions may be at most.");

    public static IntSetting MaxWaitingRuns { get; } = new(
        "workflows", "max_waiting_runs", 1000, 0, 100_000, "How many runs of a workflow may wait for their turn; further starts are refused.");

    public static IntSetting MaxIterations { get; } = new(
        "workflows", "max_iterations", 10_000, 1, 10_000, "What max_iterations of a workflow or a loop may be at most.");

    public static IReadOnlyList<Setting> All { get; } =
        [MaxWorkflows, MaxNodes, MaxNodeExecutions, MaxExecutionTime, MaxParallelExecutions, MaxWaitingRuns, MaxIterations];

    public static ProblemHttpResult Full(int most) => Problems.Conflict(
        $"This community may have {most} workflows and has them: archive one, or raise the setting workflows.max_workflows.");

    public static ProblemHttpResult QueueFull() => TypedResults.Problem(
        "As many runs of the workflow wait as may: try again later, or raise the setting workflows.max_waiting_runs.",
        statusCode: StatusCodes.Status429TooManyRequests,
        extensions: new Dictionary<string, object?>(StringComparer.Ordinal) { ["code"] = "queue_full" });

    public async Task<int> WorkflowsAsync(long community, CancellationToken ct) => await settings.GetAsync(MaxWorkflows, community, ct);

    /// <summary>Turns of nodes one run may take.</summary>
    public async ValueTask<int> TurnsAsync(long community, CancellationToken ct) =>
        Math.Min(await settings.GetAsync(MaxNodeExecutions, community, ct), options.Value.MaxNodeExecutions);

    /// <summary>Runs of a workflow that may wait for their turn.</summary>
    public ValueTask<int> WaitingAsync(long community, CancellationToken ct) => settings.GetAsync(MaxWaitingRuns, community, ct);

    /// <summary>Compiles a definition and checks it against the limits of its community.</summary>
    public async Task<(Graph? Graph, IReadOnlyList<Finding> Findings)> CompileAsync(long community, WorkflowDocument document, CancellationToken ct)
    {
        var (graph, compiled) = Compiler.Compile(document);
        var findings = new Findings();
        var nodes = await settings.GetAsync(MaxNodes, community, ct);
        if (document.Nodes?.Count > nodes)
        {
            findings.Error("over_limit", $"There are {document.Nodes.Count} nodes; this community allows {nodes}. Split the workflow.", field: "nodes");
        }

        var run = document.Settings ?? RunSettings.Default;
        var iterations = await settings.GetAsync(MaxIterations, community, ct);
        Check(findings, "max_execution_time_seconds", run.MaxExecutionTimeSeconds, await settings.GetAsync(MaxExecutionTime, community, ct));
        Check(findings, "max_parallel_executions", run.MaxParallelExecutions, await settings.GetAsync(MaxParallelExecutions, community, ct));
        Check(findings, "max_iterations", run.MaxIterations, iterations);
        foreach (var node in graph?.Nodes ?? [])
        {
            var most = node.Node switch
            {
                ForeachNode n => n.MaxIterations,
                WhileNode n => n.MaxIterations,
                RepeatNode n => n.MaxIterations,
                _ => null,
            };
            Check(findings, "max_iterations", most ?? 0, iterations, node.Key);
        }

        return (findings.HasErrors ? null : graph, [.. compiled, .. findings.All]);
    }

    private static void Check(Findings findings, string field, int value, int most, string? node = null)
    {
        if (value > most)
        {
            findings.Error("over_limit", $"is {value}; this community allows at most {most}.", node, field);
        }
    }
}
