namespace Rookery.Kernel.Expressions.Parsing;

/// <summary>
/// One rule for all comparisons: a number and a text that is a number compare as numbers, because what people type
/// in a chat is text; two texts compare letter by letter as texts.
/// </summary>
internal static class Comparing
{
    public static bool Same(ref Run run, in Value left, in Value right) =>
        run.Charge(Math.Min(left.Size, right.Size)) && Same(left, right);

    public static bool Same(in Value left, in Value right) => (left.Kind, right.Kind) switch
    {
        (ValueKind.Number, ValueKind.Text) or (ValueKind.Text, ValueKind.Number) =>
            left.TryNumber(out var a) && right.TryNumber(out var b) && a == b,
        _ => left.Equals(right),
    };

    /// <summary>Which comes first; an error when they have no order.</summary>
    public static int Order(ref Run run, in Value left, in Value right)
    {
        if (TryOrder(left, right, out var order))
        {
            return run.Charge(Math.Min(left.Size, right.Size)) ? order : 0;
        }

        run.Fail(
            EvaluationErrors.WrongKind,
            $"Neither is before the other: {Run.Describe(left)} and {Run.Describe(right)}. "
                + "Two numbers or two texts have an order.");
        return 0;
    }

    public static bool TryOrder(in Value left, in Value right, out int order)
    {
        if (left.TryText(out var a) && right.TryText(out var b))
        {
            order = string.CompareOrdinal(a, b);
            return true;
        }

        var numbers = left.TryNumber(out var x) & right.TryNumber(out var y);
        order = x.CompareTo(y);
        return numbers;
    }

    public static bool Contains(ref Run run, in Value whole, in Value part)
    {
        var isText = whole.TryText(out var text) & part.TryText(out var piece);
        if (!run.Charge(whole.Size) || (isText && !run.ChargeSearch(text, piece)))
        {
            return false;
        }

        if (whole.Kind is ValueKind.Boolean or ValueKind.Number)
        {
            run.WrongKind("a text, a list or an object to look into", whole);
        }

        return Contains(whole, part);
    }

    /// <summary>Whether a text has a piece, a list an item, or an object a member; false of anything else.</summary>
    public static bool Contains(in Value whole, in Value part)
    {
        if (whole.TryText(out var text))
        {
            return part.Kind <= ValueKind.Text && !part.IsNull
                && text.Contains(part.ToText(), StringComparison.Ordinal);
        }

        foreach (ref readonly var item in whole.Items)
        {
            if (Same(item, part))
            {
                return true;
            }
        }

        return whole.Kind == ValueKind.Object && part.TryText(out var name) && whole.TryGet(name, out _);
    }
}
