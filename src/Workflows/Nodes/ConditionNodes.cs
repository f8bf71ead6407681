using System.ComponentModel;
using System.Text.Json.Serialization;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Expressions;

namespace Rookery.Workflows.Nodes;

[Description("Goes one way or the other.")]
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record IfNode : PureNode
{
    private Conditions _condition = Conditions.None;

    [Description("Rules that must all hold for the port true.")]
    public IReadOnlyList<ConditionRule?>? Condition { get; set; }

    [JsonIgnore]
    public override IReadOnlyList<string> Ports { get; } = [Nodes.Ports.True, Nodes.Ports.False];

    public override void Bind(Binder binder) => _condition = Conditions.Of("condition", Condition, binder, isRequired: true);

    public override NodeResult Run(NodeContext context) => NodeResult.Leave(_condition.Hold(context) ? Nodes.Ports.True : Nodes.Ports.False);
}

[Description("Goes the way that belongs to a value.")]
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record SwitchNode : PureNode
{
    private Field<Template> _variable;

    [Description("What is looked at: a variable, its path, or any expression. It is compared as text.")]
    public string? Variable { get; set; }

    [Description("The port for each value.")]
    public IReadOnlyDictionary<string, string?> Cases { get; set; } = new Dictionary<string, string?>(StringComparer.Ordinal);

    [Description("The port for every other value.")]
    public string DefaultPort { get; set; } = "default";

    [JsonIgnore]
    public override IReadOnlyList<string> Ports => [.. Cases.Values.OfType<string>().Append(DefaultPort).Distinct(StringComparer.Ordinal)];

    public override void Bind(Binder binder)
    {
        _variable = binder.Expression("variable", Variable);
        binder.That(Cases.Count is > 0 and <= 50, "cases", "required", "needs 1 to 50 cases.")
            .That(DefaultPort.Length is > 0 and <= 50, "default_port", "bad_port", "must have 1 to 50 characters.");
        foreach (var (value, port) in Cases)
        {
            binder.That(port is { Length: > 0 and <= 50 }, $"cases.{value}", "bad_port", "must name a port of 1 to 50 characters.");
        }
    }

    public override NodeResult Run(NodeContext context)
    {
        var value = context.Value(_variable);
        return NodeResult.Leave(Cases.GetValueOrDefault(value.ToText()) ?? DefaultPort) with { Inputs = Value.Object(("variable", value)) };
    }
}

[Description("Keeps the items of a list for which all rules hold; each is known as item.")]
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record FilterNode : PureNode
{
    private Field<Template> _array;
    private Conditions _condition = Conditions.None;

    [Description("The list: a variable, its path, or any expression.")]
    public string? InputArray { get; set; }

    public IReadOnlyList<ConditionRule?>? Condition { get; set; }

    [Description("The variable that gets what is kept.")]
    public string OutputVariable { get; set; } = "filtered_items";

    public override void Bind(Binder binder)
    {
        _array = binder.Expression("input_array", InputArray);
        _condition = Conditions.Of("condition", Condition, binder, isRequired: true);
        binder.Variable("output_variable", OutputVariable);
    }

    public override NodeResult Run(NodeContext context)
    {
        var array = context.Value(_array);
        if (array.Kind != ValueKind.List)
        {
            return NodeResult.Fail("not_a_list", "input_array: this is no list.");
        }

        var kept = new List<Value>();
        foreach (var item in array.Items)
        {
            if (_condition.Hold(context.With("item", item)))
            {
                kept.Add(item);
            }
        }

        return NodeResult.Leave(Nodes.Ports.Out) with { Outputs = Value.Object((OutputVariable, Value.List([.. kept]))) };
    }
}

[Description("Looks whether whoever started the run has a role here, or a higher one.")]
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record UserRoleNode : PureNode
{
    private Field<Template> _role;

    [Description("member, vip, subscriber, moderator, admin or owner.")]
    public string Role { get; set; } = "moderator";

    [Description("Whose role is looked at; left out: user_role, that of whoever started the run.")]
    public string Variable { get; set; } = "user_role";

    [JsonIgnore]
    public override IReadOnlyList<string> Ports { get; } = [Nodes.Ports.True, Nodes.Ports.False];

    public override void Bind(Binder binder)
    {
        binder.OneOf("role", Role, Roles.All);
        _role = binder.Expression("variable", $"default({Variable}, 'member')");
    }

    public override NodeResult Run(NodeContext context)
    {
        var has = context.Text(_role);
        return NodeResult.Leave(Roles.TryParse(has, out var role) && Roles.TryParse(Role, out var least) && role >= least ? Nodes.Ports.True : Nodes.Ports.False)
            with
        { Inputs = Value.Object(("role", has)) };
    }
}
