using System.Globalization;
using Rookery.Kernel.Expressions.Functions;

namespace Rookery.Kernel.Expressions.Parsing;

/// <summary>Ways into a value.</summary>
internal static class Paths
{
    private const NumberStyles Index = NumberStyles.AllowLeadingSign;

    /// <summary>The item with a number, or the member with a name; null when there is none.</summary>
    public static Value Item(ref Run run, in Value value, in Value at)
    {
        if (at.IsNull || value.IsNull)
        {
            return default;
        }

        if (value.Kind == ValueKind.Object)
        {
            return value[run.Text(at)];
        }

        var number = run.Number(at);
        if (number is < int.MinValue or > int.MaxValue || decimal.Truncate(number) != number)
        {
            return default;
        }

        return value.TryText(out var text) ? Characters.Of(ref run, text).At((int)number) : value[(int)number];
    }

    /// <summary>Follows "a.b[0].c" from a value; null when there is nothing.</summary>
    public static Value Follow(Value value, ReadOnlySpan<char> path)
    {
        foreach (var part in path.SplitAny('.', '['))
        {
            var name = path[part].TrimEnd(']');
            if (name.IsEmpty)
            {
                continue;
            }

            value = value.Kind == ValueKind.List && int.TryParse(name, Index, CultureInfo.InvariantCulture, out var index)
                ? value[index]
                : value[name.ToString()];
        }

        return value;
    }
}
