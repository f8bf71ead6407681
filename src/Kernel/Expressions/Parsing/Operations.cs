namespace Rookery.Kernel.Expressions.Parsing;

internal enum Operator
{
    Add,
    Subtract,
    Multiply,
    Divide,
    WholeDivide,
    Remainder,
    Power,
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    NotIn,
}

internal sealed class Operation(int position, Operator op, Node left, Node right) : Node(position, left, right)
{
    public Operator Operator => op;

    public Node Left => left;

    public Node Right => right;

    public override Value Evaluate(ref Run run)
    {
        var a = left.Evaluate(ref run);
        var b = right.Evaluate(ref run);
        if (!run.Step(Position))
        {
            return default;
        }

        return op switch
        {
            Operator.Equal => Comparing.Same(ref run, a, b),
            Operator.Unequal => !Comparing.Same(ref run, a, b),
            Operator.In => Comparing.Contains(ref run, b, a),
            Operator.NotIn => !Comparing.Contains(ref run, b, a),
            Operator.Less => Comparing.Order(ref run, a, b) < 0,
            Operator.LessOrEqual => Comparing.Order(ref run, a, b) <= 0,
            Operator.Greater => Comparing.Order(ref run, a, b) > 0,
            Operator.GreaterOrEqual => Comparing.Order(ref run, a, b) >= 0,
            Operator.Add => Arithmetic.Add(ref run, a, b),
            _ => Arithmetic.Apply(ref run, op, a, b),
        };
    }
}

internal sealed class Negation(int position, Node operand) : Node(position, operand)
{
    public Node Operand => operand;

    public override Value Evaluate(ref Run run)
    {
        var value = operand.Evaluate(ref run);
        return run.Step(Position) ? -run.Number(value) : default;
    }
}

internal sealed class Not(int position, Node operand) : Node(position, operand)
{
    public Node Operand => operand;

    public override Value Evaluate(ref Run run)
    {
        var value = operand.Evaluate(ref run);
        return run.Step(Position) ? !value.Truthy : default(Value);
    }
}

/// <summary>"and" or "or"; the right side is looked at only when the left one does not decide.</summary>
internal sealed class Junction(int position, bool isAnd, Node left, Node right) : Node(position, left, right)
{
    public bool IsAnd => isAnd;

    public Node Left => left;

    public Node Right => right;

    public override Value Evaluate(ref Run run)
    {
        var first = left.Evaluate(ref run).Truthy;
        if (!run.Step(Position))
        {
            return default;
        }

        return first == isAnd ? right.Evaluate(ref run).Truthy : first;
    }
}

internal sealed class Choice(int position, Node condition, Node yes, Node no) : Node(position, condition, yes, no)
{
    public Node Condition => condition;

    public Node Yes => yes;

    public Node No => no;

    public override Value Evaluate(ref Run run)
    {
        var holds = condition.Evaluate(ref run).Truthy;
        if (!run.Step(Position))
        {
            return default;
        }

        return holds ? yes.Evaluate(ref run) : no.Evaluate(ref run);
    }
}

/// <summary>"??", or the default function, which takes an empty text for nothing, too.</summary>
internal sealed class Fallback(int position, Node value, Node other, bool alsoForEmpty) : Node(position, value, other)
{
    public Node Value => value;

    public Node Other => other;

    public bool AlsoForEmpty => alsoForEmpty;

    public override Value Evaluate(ref Run run)
    {
        if (!run.Step(Position))
        {
            return default;
        }

        var found = value.Evaluate(ref run);
        var nothing = run.ForgiveUnknownName() || found.IsNull
            || (alsoForEmpty && found.Kind == ValueKind.Text && !found.Truthy);
        return nothing ? other.Evaluate(ref run) : found;
    }
}
