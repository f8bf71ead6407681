namespace Rookery.Kernel.Expressions.Parsing;

/// <summary>A part of a parsed expression.</summary>
internal abstract class Node
{
    protected Node(int position, params ReadOnlySpan<Node> children)
    {
        Position = position;
        Depth = 1;
        IsConstant = true;
        foreach (var child in children)
        {
            Depth = Math.Max(Depth, child.Depth + 1);
            IsConstant &= child.IsConstant;
        }
    }

    /// <summary>Where in the source it is, from 0: of an operation the sign, else the beginning.</summary>
    public int Position { get; }

    public int Depth { get; }

    /// <summary>Whether it has the same value in every evaluation.</summary>
    public bool IsConstant { get; protected init; }

    public abstract Value Evaluate(ref Run run);
}

internal sealed class Constant(int position, Value value) : Node(position)
{
    public Value Value => value;

    public override Value Evaluate(ref Run run) => value;
}

internal sealed class Name : Node
{
    public Name(int position, string text)
        : base(position) => (Text, IsConstant) = (text, false);

    public string Text { get; }

    public override Value Evaluate(ref Run run)
    {
        if (!run.Step(Position))
        {
            return default;
        }

        return run.Evaluation.Names.TryGet(Text, out var value) ? value : run.UnknownName(Text);
    }
}

internal sealed class MemberPath(int position, Node target, string name) : Node(position, target)
{
    public Node Target => target;

    public string Name => name;

    public override Value Evaluate(ref Run run)
    {
        var value = target.Evaluate(ref run);
        return run.Step(Position) ? value[name] : default;
    }
}

internal sealed class IndexPath(int position, Node target, Node index) : Node(position, target, index)
{
    public Node Target => target;

    public Node Index => index;

    public override Value Evaluate(ref Run run)
    {
        var value = target.Evaluate(ref run);
        var at = index.Evaluate(ref run);
        return run.Step(Position) ? Paths.Item(ref run, value, at) : default;
    }
}

internal sealed class ListLiteral(int position, Node[] items) : Node(position, items)
{
    public Node[] Items => items;

    public override Value Evaluate(ref Run run)
    {
        var values = new Value[items.Length];
        for (var i = 0; i < items.Length; i++)
        {
            values[i] = items[i].Evaluate(ref run);
        }

        return run.Step(Position) ? run.Checked(Value.Own(values)) : default;
    }
}

internal sealed class ObjectLiteral(int position, string[] names, Node[] values) : Node(position, values)
{
    public string[] Names => names;

    public Node[] Values => values;

    public override Value Evaluate(ref Run run)
    {
        var builder = new ObjectBuilder(names.Length);
        for (var i = 0; i < names.Length; i++)
        {
            builder.Set(names[i], values[i].Evaluate(ref run));
        }

        return run.Step(Position) ? run.Checked(builder.Made()) : default;
    }
}
