using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Rookery.Kernel.Expressions;

namespace Rookery.Workflows.Nodes;

[Description("Goes through a list: what follows body runs once for each item, then what follows done.")]
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ForeachNode : LoopNode
{
    private Field<Template> _array;
    private int _most;

    [Description("The list: a variable, its path, or any expression.")]
    public string? ArrayVariable { get; set; }

    public string ItemVariable { get; set; } = "item";

    public string IndexVariable { get; set; } = "index";

    [Description("A longer list is an error. Left out: what the workflow's settings say.")]
    [Range(1, 10_000)]
    public int? MaxIterations { get; set; }

    public override void Bind(Binder binder)
    {
        _array = binder.Expression("array_variable", ArrayVariable);
        binder.Variable("item_variable", ItemVariable);
        binder.Variable("index_variable", IndexVariable);
        _most = MaxIterations ?? binder.Settings.MaxIterations;
    }

    public override NodeResult Next(LoopState loop, NodeContext context)
    {
        var items = loop.Items ?? context.Value(_array);
        if (items.Kind != ValueKind.List)
        {
            return NodeResult.Fail("not_a_list", "array_variable: this is no list.");
        }

        if (items.Items.Length > _most)
        {
            return NodeResult.Fail("too_many_iterations", $"The list has {items.Items.Length} items; this loop takes {_most} at most. Raise max_iterations.");
        }

        return loop.Index < items.Items.Length
            ? NodeResult.Leave(Nodes.Ports.Body) with
            {
                Outputs = Value.Object((ItemVariable, items[loop.Index]), (IndexVariable, loop.Index)),
                Data = loop.Items is null ? Value.Object(("items", items)) : default,
            }
            : NodeResult.Leave(Nodes.Ports.Done) with { Data = Value.Object(("iterations", loop.Index)) };
    }
}

[Description("Runs what follows body as long as all rules hold, then what follows done.")]
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record WhileNode : LoopNode
{
    private Conditions _condition = Conditions.None;
    private int _most;

    public IReadOnlyList<ConditionRule?>? Condition { get; set; }

    public string IndexVariable { get; set; } = "index";

    [Description("More rounds are an error. Left out: what the workflow's settings say.")]
    [Range(1, 10_000)]
    public int? MaxIterations { get; set; }

    public override void Bind(Binder binder)
    {
        _condition = Conditions.Of("condition", Condition, binder, isRequired: true);
        binder.Variable("index_variable", IndexVariable);
        _most = MaxIterations ?? binder.Settings.MaxIterations;
    }

    public override NodeResult Next(LoopState loop, NodeContext context)
    {
        if (!_condition.Hold(context))
        {
            return NodeResult.Leave(Nodes.Ports.Done) with { Data = Value.Object(("iterations", loop.Index)) };
        }

        return loop.Index < _most
            ? NodeResult.Leave(Nodes.Ports.Body) with { Outputs = Value.Object((IndexVariable, loop.Index)) }
            : NodeResult.Fail("too_many_iterations", $"The condition still holds after {_most} rounds. Raise max_iterations, or mend the condition.");
    }
}

[Description("Runs what follows body a number of times, then what follows done.")]
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record RepeatNode : LoopNode
{
    private Field<Template> _times;
    private int _most;

    [Description("How often: a number, a variable, or any expression.")]
    public string? Times { get; set; }

    public string IndexVariable { get; set; } = "index";

    [Description("More rounds are an error. Left out: what the workflow's settings say.")]
    [Range(1, 10_000)]
    public int? MaxIterations { get; set; }

    public override void Bind(Binder binder)
    {
        _times = binder.Expression("times", Times);
        binder.Variable("index_variable", IndexVariable);
        _most = MaxIterations ?? binder.Settings.MaxIterations;
    }

    public override NodeResult Next(LoopState loop, NodeContext context)
    {
        var wanted = loop.Items ?? context.Value(_times);
        if (!wanted.TryNumber(out var times) || times < 0 || times != decimal.Truncate(times))
        {
            return NodeResult.Fail("not_a_number", "times: must be a whole number from 0 on.");
        }

        if (times > _most)
        {
            return NodeResult.Fail("too_many_iterations", $"times is {times}; this loop takes {_most} at most. Raise max_iterations.");
        }

        return loop.Index < times
            ? NodeResult.Leave(Nodes.Ports.Body) with
            {
                Outputs = Value.Object((IndexVariable, loop.Index)),
                Data = loop.Items is null ? Value.Object(("items", wanted)) : default,
            }
            : NodeResult.Leave(Nodes.Ports.Done) with { Data = Value.Object(("iterations", loop.Index)) };
    }
}

[Description("Lets the loop around it end with this round, if all rules hold.")]
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record BreakNode : PureNode
{
    private Conditions _condition = Conditions.None;

    [Description("None at all: it always ends.")]
    public IReadOnlyList<ConditionRule?>? BreakCondition { get; set; }

    [JsonIgnore]
    public override IReadOnlyList<string> Ports { get; } = [Nodes.Ports.Break, Nodes.Ports.Continue];

    public override void Bind(Binder binder) => _condition = Conditions.Of("break_condition", BreakCondition, binder, isRequired: false);

    public override NodeResult Run(NodeContext context) => NodeResult.Leave(_condition.Hold(context) ? Nodes.Ports.Break : Nodes.Ports.Continue);
}
