using System.Globalization;
using Rookery.Kernel.Expressions.Parsing;

namespace Rookery.Kernel.Expressions.Functions;

internal static class NumberFunctions
{
    private const int MaxDigits = 28;

    public static IEnumerable<Function> All { get; } =
    [
        new("round(number, digits?)", (ref run, a) =>
            decimal.Round(run.Number(a[0]), Digits(ref run, a), MidpointRounding.AwayFromZero)),
        new("floor(number)", (ref run, a) => decimal.Floor(run.Number(a[0]))),
        new("ceil(number)", (ref run, a) => decimal.Ceiling(run.Number(a[0]))),
        new("abs(number)", (ref run, a) => Math.Abs(run.Number(a[0]))),
        new("sqrt(number)", Sqrt),
        new("min(values…)", (ref run, a) => Extreme(ref run, a, -1)),
        new("max(values…)", (ref run, a) => Extreme(ref run, a, 1)),
        new("sum(values…)", Sum),
        new("avg(values…)", Average),
        new("format_number(number, digits?)", (ref run, a) =>
            run.Number(a[0]).ToString($"N{Digits(ref run, a)}", CultureInfo.InvariantCulture)),
    ];

    private static int Digits(ref Run run, scoped ReadOnlySpan<Value> a) =>
        a.Length == 2 ? (int)run.Whole(a[1], 0, MaxDigits) : 0;

    /// <summary>The items of the only list, or what is given one by one.</summary>
    private static ReadOnlySpan<Value> Items(ReadOnlySpan<Value> a) =>
        a is [{ Kind: ValueKind.List } list] ? list.Items : a;

    private static Value Sqrt(ref Run run, scoped ReadOnlySpan<Value> a)
    {
        var number = run.Number(a[0]);
        if (number <= 0)
        {
            return number == 0 ? 0 : run.WrongValue($"{number} is negative and has no root.");
        }

        // The double has 15 good digits; a step of Newton's method doubles them.
        var root = (decimal)Math.Sqrt((double)number);
        return (root + (number / root)) / 2;
    }

    private static Value Extreme(ref Run run, scoped ReadOnlySpan<Value> a, int sign)
    {
        var items = Items(a);
        var best = items.IsEmpty ? default : items[0];
        foreach (ref readonly var item in items)
        {
            best = Comparing.Order(ref run, item, best) * sign > 0 ? item : best;
        }

        return best;
    }

    private static Value Sum(ref Run run, scoped ReadOnlySpan<Value> a)
    {
        Value sum = 0;
        foreach (ref readonly var item in Items(a))
        {
            sum = Arithmetic.Apply(ref run, Operator.Add, sum, item);
        }

        return sum;
    }

    private static Value Average(ref Run run, scoped ReadOnlySpan<Value> a)
    {
        var count = Items(a).Length;
        return count == 0 ? default : Arithmetic.Apply(ref run, Operator.Divide, Sum(ref run, a), count);
    }
}
