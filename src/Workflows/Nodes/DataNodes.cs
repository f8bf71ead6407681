using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using Rookery.Kernel.Expressions;

namespace Rookery.Workflows.Nodes;

[Description("Works out variables, each from an expression.")]
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record TransformNode : PureNode
{
    private IReadOnlyList<(string Name, Field<Template> Expression)> _transformations = [];

    [Description("The expression for each variable. Later ones know the earlier ones.")]
    public IReadOnlyDictionary<string, string?> Transformations { get; set; } = new Dictionary<string, string?>(StringComparer.Ordinal);

    [Description("local: known in this branch or round. workflow: known in the whole run.")]
    public string Scope { get; set; } = "workflow";

    public override void Bind(Binder binder)
    {
        binder.That(Transformations.Count is > 0 and <= 50, "transformations", "required", "needs 1 to 50 variables.").OneOf("scope", Scope, ["local", "workflow"]);
        _transformations = [.. Transformations.Select(t => (binder.Variable($"transformations.{t.Key}", t.Key), binder.Expression($"transformations.{t.Key}", t.Value)))];
    }

    public override NodeResult Run(NodeContext context)
    {
        var made = Value.EmptyObject;
        foreach (var (name, expression) in _transformations)
        {
            var value = context.Value(expression);
            made = made.With(name, value);
            context = context.With(name, value);
        }

        return NodeResult.Leave(Nodes.Ports.Out) with { Outputs = made, Scope = Scope == "local" ? VariableScope.Local : VariableScope.Workflow };
    }
}

[Description("Sets variables.")]
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record VariableSetNode : PureNode
{
    public const string Global = "global";

    private FilledJson _variables = FilledJson.Empty;

    [Description("The value of each variable; texts may hold {{ … }}.")]
    public JsonElement? Variables { get; set; }

    [Description("local: known in this branch or round. workflow: known in the whole run. global: kept for all later runs, and read as global.name.")]
    public string Scope { get; set; } = "workflow";

    /// <summary>Kept in the database, where all runs of the workflow share them.</summary>
    [JsonIgnore]
    public bool IsGlobal => Scope == Global;

    public override void Bind(Binder binder)
    {
        binder.OneOf("scope", Scope, ["local", "workflow", Global]);
        binder.That(Variables is { ValueKind: JsonValueKind.Object } v && v.EnumerateObject().Any(), "variables", "required", "needs at least one variable, as {\"name\": value}.");
        if (Variables is { ValueKind: JsonValueKind.Object } given)
        {
            foreach (var property in given.EnumerateObject())
            {
                binder.Variable($"variables.{property.Name}", property.Name);
            }

            _variables = binder.Json("variables", given);
        }
    }

    public override NodeResult Run(NodeContext context) => NodeResult.Leave(Nodes.Ports.Out) with
    {
        Outputs = context.Value(_variables),
        Scope = Scope == "local" ? VariableScope.Local : VariableScope.Workflow,
    };
}

[Description("Reads a variable under another name, or a default where there is none.")]
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record VariableGetNode : PureNode
{
    private Field<Template> _variable;
    private FilledJson _default = FilledJson.Empty;

    [Description("The variable, or a path such as event.user.name.")]
    public string? VariableName { get; set; }

    [Description("Under which name it is then known.")]
    public string? OutputVariable { get; set; }

    [Description("What it is where there is none.")]
    public JsonElement? DefaultValue { get; set; }

    public override void Bind(Binder binder)
    {
        binder.That(!string.IsNullOrWhiteSpace(VariableName), "variable_name", "required", "must not be empty.");
        _variable = binder.Expression("variable_name", string.IsNullOrWhiteSpace(VariableName) ? "null" : $"default({VariableName}, null)");
        _default = binder.Json("default_value", DefaultValue ?? JsonElement.Parse("null"));
        binder.Variable("output_variable", OutputVariable);
    }

    public override NodeResult Run(NodeContext context)
    {
        var value = context.Value(_variable);
        return NodeResult.Leave(Nodes.Ports.Out) with { Outputs = Value.Object((OutputVariable!, value.IsNull ? context.Value(_default) : value)) };
    }
}

[Description("Reads JSON out of a text.")]
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ParseJsonNode : PureNode
{
    private Field<Template> _text;

    [Description("The text: a variable, its path, or any expression.")]
    public string? Input { get; set; }

    public string OutputVariable { get; set; } = "json";

    [JsonIgnore]
    public override IReadOnlyList<string> Ports => Nodes.Ports.OfAction;

    public override void Bind(Binder binder)
    {
        _text = binder.Expression("input", Input);
        binder.Variable("output_variable", OutputVariable);
    }

    public override NodeResult Run(NodeContext context)
    {
        var text = context.Text(_text);
        return Value.TryParse(text, out var json)
            ? NodeResult.Leave(Nodes.Ports.Success) with { Outputs = Value.Object((OutputVariable, json)) }
            : NodeResult.Fail("invalid_json", "input: this is no JSON.");
    }
}
