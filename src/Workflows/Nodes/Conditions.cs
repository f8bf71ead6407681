using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using Rookery.Kernel.Expressions;

namespace Rookery.Workflows.Nodes;

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ConditionRule
{
    [Description("What is looked at: a variable, its path, or any expression.")]
    public string? Variable { get; set; }

    [Description("How they are compared; the names are in the guide to expressions.")]
    public string Operator { get; set; } = "equals";

    [Description("What it is compared with.")]
    public JsonElement? Value { get; set; }
}

/// <summary>Rules that must all hold. None at all hold always.</summary>
internal sealed class Conditions
{
    private readonly IReadOnlyList<Rule> _rules;

    private Conditions(IReadOnlyList<Rule> rules) => _rules = rules;

    public static Conditions None { get; } = new([]);

    public static Conditions Of(string field, IReadOnlyList<ConditionRule?>? rules, Binder binder, bool isRequired)
    {
        binder.That(!isRequired || rules is { Count: > 0 }, field, "required", "needs at least one rule.");
        return new([.. (rules ?? []).Select((r, i) => Bind($"{field}[{i}]", r, binder))]);
    }

    public bool Hold(NodeContext context)
    {
        foreach (var rule in _rules)
        {
            var left = context.Value(rule.Left);
            if (!Comparison.Apply(rule.Operator, left, context.Value(rule.Right)) || context.Error is not null)
            {
                return false;
            }
        }

        return true;
    }

    private static Rule Bind(string field, ConditionRule? rule, Binder binder)
    {
        binder.OneOf($"{field}.operator", rule?.Operator, Comparison.Names);
        return new(
            binder.Expression($"{field}.variable", rule?.Variable),
            rule?.Operator ?? "",
            binder.Json($"{field}.value", rule?.Value ?? JsonElement.Parse("null")));
    }

    private sealed record Rule(Field<Template> Left, string Operator, FilledJson Right);
}
