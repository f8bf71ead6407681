using Rookery.Kernel.Expressions;
using Rookery.Kernel.Expressions.Parsing;

namespace Rookery.Kernel.Tests.Expressions;

/// <summary>Writes a tree as source: with all brackets, or with those alone that it needs.</summary>
internal sealed class Printer(bool allBrackets)
{
    private const int Lowest = 0;
    private const int Comparisons = 4;
    private const int Fallbacks = 5;
    private const int Unary = 8;
    private const int Paths = 10;

    public string Print(Node node) => node switch
    {
        Constant { Value: { Kind: ValueKind.Text } text } => text.ToJson(),
        Constant { Value: { IsNull: true } } => "null",
        Constant constant => constant.Value.ToText(),
        Name name => name.Text,
        MemberPath path => $"{In(path.Target, Paths)}.{path.Name}",
        IndexPath path => $"{In(path.Target, Paths)}[{Print(path.Index)}]",
        ListLiteral list => $"[{string.Join(", ", list.Items.Select(Print))}]",
        ObjectLiteral map => $"{{{string.Join(", ", map.Names.Zip(map.Values, (n, v) => $"{n}: {Print(v)}"))}}}",
        Operation { Operator: Operator.Power } power => $"{In(power.Left, Paths)} ** {In(power.Right, Unary)}",
        Operation operation => Print(operation, Level(operation)),
        Negation negation => $"-{In(negation.Operand, Unary)}",
        Not not => $"not {In(not.Operand, Level(not))}",
        Junction junction => Print(junction, Level(junction)),
        Choice choice => $"{In(choice.Condition, 1)} ? {In(choice.Yes, Lowest)} : {In(choice.No, Lowest)}",
        Fallback { AlsoForEmpty: true } call => $"default({Print(call.Value)}, {Print(call.Other)})",
        Fallback fallback => $"{In(fallback.Value, Fallbacks + 1)} ?? {In(fallback.Other, Fallbacks)}",
        Call call => $"{call.Function.Name}({string.Join(", ", call.Arguments.Select(Print))})",
        _ => throw new ArgumentException($"{node.GetType()} cannot be written.", nameof(node)),
    };

    private static int Level(Node node) => node switch
    {
        Choice => Lowest,
        Junction { IsAnd: false } => 1,
        Junction => 2,
        Not => 3,
        Operation { Operator: >= Operator.Equal } => Comparisons,
        Fallback { AlsoForEmpty: false } => Fallbacks,
        Operation { Operator: Operator.Add or Operator.Subtract } => 6,
        Operation { Operator: Operator.Power } => 9,
        Operation => 7,
        Negation => Unary,
        _ => Paths,
    };

    private static string Sign(Operator op) => op switch
    {
        Operator.Add => "+",
        Operator.Subtract => "-",
        Operator.Multiply => "*",
        Operator.Divide => "/",
        Operator.WholeDivide => "//",
        Operator.Remainder => "%",
        Operator.Equal => "==",
        Operator.Unequal => "!=",
        Operator.Less => "<",
        Operator.LessOrEqual => "<=",
        Operator.Greater => ">",
        Operator.GreaterOrEqual => ">=",
        Operator.In => "in",
        Operator.NotIn => "not in",
        _ => throw new ArgumentOutOfRangeException(nameof(op), $"{op}"),
    };

    private string Print(Operation operation, int level)
    {
        var left = In(operation.Left, level == Comparisons ? level + 1 : level);
        return $"{left} {Sign(operation.Operator)} {In(operation.Right, level + 1)}";
    }

    private string Print(Junction junction, int level) =>
        $"{In(junction.Left, level)} {(junction.IsAnd ? "and" : "or")} {In(junction.Right, level + 1)}";

    private string In(Node node, int level) =>
        Level(node) < level || (allBrackets && Level(node) < Paths) ? $"({Print(node)})" : Print(node);
}
