using Rookery.Kernel.Expressions;
using Rookery.Workflows.Nodes;

namespace Rookery.Workflows.Execution;

/// <summary>A row of <c>workflow_node_executions</c> to be written: a turn's intent, its outcome, or that it was not taken.</summary>
internal sealed record NodeRow(
    int Sequence, int? Completion, string Node, string Type, string Path, string Status, DateTimeOffset? StartedAt, DateTimeOffset? CompletedAt)
{
    // Names in result_data by which a result is read again; nodes' own data have none that begin so.
    private const string ScopeName = "_scope";
    private const string CodeName = "_code";
    private const string UntilName = "_until";
    private const string ExpiryName = "_expiry";

    public string? Port { get; init; }

    public Value Inputs { get; init; } = Value.EmptyObject;

    public Value Outputs { get; init; } = Value.EmptyObject;

    public Value Data { get; init; }

    public string? Error { get; init; }

    public int Attempt { get; init; } = 1;

    public static NodeRow Intent(Turn turn, Value inputs, DateTimeOffset now, DateTimeOffset? until = null) => Of(turn, null, "running", now, null) with
    {
        Inputs = inputs,
        Data = until is { } at ? Value.Object((UntilName, at.ToString("O"))) : default,
    };

    public static NodeRow Skipped(Turn turn, DateTimeOffset now) => Of(turn, null, "skipped", null, now);

    public static NodeRow Outcome(Turn turn, int completion, NodeResult result, DateTimeOffset started, DateTimeOffset now, int attempt = 1) =>
        Of(turn, completion, result.Error is null ? "success" : "failed", started, now) with
        {
            Port = result.Error is null ? result.Port : turn.Node.Behind(Ports.Error).Count > 0 ? Ports.Error : null,
            Inputs = result.Inputs,
            Outputs = turn.Node.Node is EndNode ? result.Final : result.Outputs,
            Data = DataOf(result),
            Error = result.Error?.Message,
            Attempt = attempt,
        };

    /// <summary>Of a fork: the same, and that the time of its branches was over as the how manieth of the run's completions.</summary>
    public NodeRow Expired(int completion) => this with { Data = Data.With(ExpiryName, completion) };

    /// <summary>The result a row tells of.</summary>
    public NodeResult ToResult(Node node) => new()
    {
        Port = Port,
        Branches = node is ParallelNode ? node.Ports : null,
        Outputs = node is EndNode ? Value.EmptyObject : Outputs,
        Final = node is EndNode ? Outputs : default,
        Scope = Data[ScopeName].IsNull ? VariableScope.Local : VariableScope.Workflow,
        Data = Data,
        Stop = node is StopNode && Status == "success" ? ((StopNode)node).Status : null,
        Error = Status == "failed" ? new NodeError(Data[CodeName].ToText(), Error ?? "") : null,
    };

    /// <summary>Of a delay: when it is over.</summary>
    public DateTimeOffset? Until => Data[UntilName].TryText(out var text)
        ? DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture)
        : null;

    /// <summary>Of a fork: the place among the completions at which the time of its branches was over; null when it was not.</summary>
    public int? Expiry => Data[ExpiryName].TryNumber(out var completion) ? (int)completion : null;

    private static NodeRow Of(Turn turn, int? completion, string status, DateTimeOffset? started, DateTimeOffset? completed) =>
        new(turn.Sequence, completion, turn.Node.Key, turn.Node.Type.Name, turn.Frame.Path, status, started, completed);

    private static Value DataOf(NodeResult result)
    {
        var data = result.Data;
        if (result.Scope == VariableScope.Workflow && result.Outputs.Members.Length > 0)
        {
            data = data.With(ScopeName, true);
        }

        return result.Error is { } error ? data.With(CodeName, error.Code) : data;
    }
}
