using System.Collections.Frozen;
using Rookery.Kernel.Expressions.Functions;
using Rookery.Kernel.Expressions.Parsing;

namespace Rookery.Kernel.Expressions;

/// <summary>The operators of conditions that are filled in as a form: a value, an operator, a value.</summary>
public static class Comparison
{
    /// <summary>Looking for a long text in a longer one is not begun: the worst ones would take seconds.</summary>
    private const long MostWork = 1L << 30;

    private static readonly FrozenDictionary<string, Func<Value, Value, bool>> Operators =
        new Dictionary<string, Func<Value, Value, bool>>(StringComparer.Ordinal)
        {
            ["equals"] = (a, b) => Comparing.Same(a, b),
            ["not_equals"] = (a, b) => !Comparing.Same(a, b),
            ["greater_than"] = (a, b) => Order(a, b) > 0,
            ["less_than"] = (a, b) => Order(a, b) < 0,
            ["greater_equal"] = (a, b) => Order(a, b) >= 0,
            ["less_equal"] = (a, b) => Order(a, b) <= 0,
            ["contains"] = Contains,
            ["not_contains"] = (a, b) => !Contains(a, b),
            ["starts_with"] = (a, b) => a.ToText().StartsWith(b.ToText(), StringComparison.Ordinal),
            ["ends_with"] = (a, b) => a.ToText().EndsWith(b.ToText(), StringComparison.Ordinal),
            ["matches_regex"] = (a, b) => Patterns.Match(a.ToText(), b.ToText(), out _),
            ["in_list"] = (a, b) => Comparing.Contains(AsList(b), a),
            ["not_in_list"] = (a, b) => !Comparing.Contains(AsList(b), a),
            ["is_empty"] = (a, _) => IsEmpty(a),
            ["is_not_empty"] = (a, _) => !IsEmpty(a),
        }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The names of all operators.</summary>
    public static IReadOnlyList<string> Names => Operators.Keys;

    /// <summary>
    /// Whether the comparison holds; one that makes no sense, such as an unknown operator or which of two lists is
    /// greater, does not. Numbers may be written as texts; a list may be a text with commas. Never throws.
    /// </summary>
    /// <param name="right">Not looked at by is_empty and is_not_empty.</param>
    public static bool Apply(string name, Value left, Value right) =>
        Operators.TryGetValue(name, out var holds)
        && Math.Max(left.Size, right.Size) <= Limits.Default.Size
        && holds(left, right);

    /// <summary>Null, when they have no order, is on neither side of 0.</summary>
    private static int? Order(Value left, Value right)
    {
        if (left.TryNumber(out var a) && right.TryNumber(out var b))
        {
            return a.CompareTo(b);
        }

        return Comparing.TryOrder(left, right, out var order) ? order : null;
    }

    private static bool Contains(Value whole, Value part) =>
        (whole.Kind != ValueKind.Text || whole.Size <= MostWork / part.Size) && Comparing.Contains(whole, part);

    private static Value AsList(Value value) => value.TryText(out var text)
        ? Value.Own(Array.ConvertAll(text.Split(',', StringSplitOptions.TrimEntries), t => (Value)t))
        : value;

    /// <summary>Nothing, a text of blanks, or a list or an object without anything in it; 0 and false are something.</summary>
    private static bool IsEmpty(Value value) => value.Kind switch
    {
        ValueKind.Boolean or ValueKind.Number => false,
        ValueKind.Text => string.IsNullOrWhiteSpace(value.ToText()),
        _ => !value.Truthy,
    };
}
