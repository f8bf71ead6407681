using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Rookery.Kernel.Expressions;

namespace Rookery.Workflows.Nodes;

[Description("Goes all its ways at once.")]
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ParallelNode : PureNode
{
    public const string All = "all";
    public const string AnyFirst = "any_first";

    [Description("How many ways, which are the ports branch_1, branch_2 and so on.")]
    [Range(2, 10)]
    public int Branches { get; set; } = 2;

    [Description("all: every branch runs to its end. any_first: once one has come to its end or to a merge, the others are cancelled.")]
    public string ExecutionType { get; set; } = All;

    [Description("Whether the variables a branch set are known behind the merge it comes to.")]
    public bool MergeResults { get; set; } = true;

    [Description("Seconds; branches that are not through by then are cancelled.")]
    [Range(1, 3600)]
    public int TimeoutSeconds { get; set; } = 300;

    [JsonIgnore]
    public override IReadOnlyList<string> Ports => [.. Enumerable.Range(1, Math.Clamp(Branches, 0, 10)).Select(Nodes.Ports.Branch)];

    public override void Bind(Binder binder) => binder.OneOf("execution_type", ExecutionType, [All, AnyFirst]);

    public override NodeResult Run(NodeContext context) => new() { Branches = Ports };
}

[Description("Waits for branches and goes on as one.")]
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record MergeNode : PureNode
{
    [Description("How many must arrive; -1: all that still can.")]
    public int InputPortsRequired { get; set; } = -1;

    public override void Bind(Binder binder) => binder.That(
        InputPortsRequired is -1 or (>= 1 and <= 100), "input_ports_required", "out_of_range", "must be -1 for all, or from 1 to 100.");

    public override NodeResult Run(NodeContext context) => NodeResult.Leave(Nodes.Ports.Out);
}

[Description("Ends a path and says what the run gives out.")]
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record EndNode : PureNode
{
    private FilledJson _output = FilledJson.Empty;

    [Description("A name for this end, which the run's output shows.")]
    public string FinalOutputPort { get; set; } = "end";

    [Description("What the run gives out, as {\"name\": value}; texts may hold {{ … }}.")]
    public JsonElement? OutputData { get; set; }

    [JsonIgnore]
    public override IReadOnlyList<string> Ports => Nodes.Ports.None;

    public override void Bind(Binder binder)
    {
        binder.That(FinalOutputPort.Length is > 0 and <= 50, "final_output_port", "bad_port", "must have 1 to 50 characters.")
            .That(OutputData is null or { ValueKind: JsonValueKind.Object or JsonValueKind.Null }, "output_data", "not_an_object", "must be an object.");
        _output = OutputData is { ValueKind: JsonValueKind.Object } output ? binder.Json("output_data", output) : FilledJson.Empty;
    }

    public override NodeResult Run(NodeContext context) => new() { Final = context.Value(_output), Data = Value.Object(("end", FinalOutputPort)) };
}

[Description("Ends the whole run at once; other branches are cancelled.")]
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record StopNode : PureNode
{
    private Field<Template> _reason;

    [Description("success or failed.")]
    public string Status { get; set; } = "success";

    [Description("Why; shown with the run.")]
    public string? Reason { get; set; }

    [JsonIgnore]
    public override IReadOnlyList<string> Ports => Nodes.Ports.None;

    public override void Bind(Binder binder)
    {
        binder.OneOf("status", Status, ["success", "failed"]);
        _reason = binder.Template("reason", Reason);
    }

    public override NodeResult Run(NodeContext context) => new() { Stop = Status, Data = Value.Object(("reason", context.Text(_reason))) };
}

[Description("Waits. A wait survives a restart and costs nothing.")]
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record DelayNode : PureNode
{
    public static readonly TimeSpan Longest = TimeSpan.FromDays(366);

    private Field<Template> _delay;

    [Description("Milliseconds, up to a year.")]
    [Range(0, 31_622_400_000)]
    public long DelayMs { get; set; }

    [Description("Milliseconds from a variable or expression, instead.")]
    public string? DelayVariable { get; set; }

    public override void Bind(Binder binder)
    {
        _delay = binder.Expression("delay_variable", DelayVariable, isRequired: false);
        if (DelayMs == 0 && string.IsNullOrWhiteSpace(DelayVariable))
        {
            binder.Warn("zero_delay", "delay_ms", "waits for no time at all; give milliseconds, or take the node out.");
        }
    }

    public override NodeResult Run(NodeContext context)
    {
        decimal wanted = DelayMs;
        if (!string.IsNullOrWhiteSpace(DelayVariable) && !context.Value(_delay).TryNumber(out wanted))
        {
            return NodeResult.Fail("not_a_number", "delay_variable: must be a number of milliseconds.");
        }

        return wanted < 0 || wanted > (decimal)Longest.TotalMilliseconds
            ? NodeResult.Fail("out_of_range", $"A delay must be from 0 to {Longest.TotalMilliseconds:0} milliseconds.")
            : NodeResult.Leave(Nodes.Ports.Out) with { Wait = TimeSpan.FromMilliseconds((double)wanted) };
    }
}
