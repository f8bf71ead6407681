using Rookery.Kernel.Expressions.Parsing;

namespace Rookery.Kernel.Expressions.Functions;

/// <summary>Functions that make a value of another kind, or tell its kind.</summary>
internal static class KindFunctions
{
    public static IEnumerable<Function> All { get; } =
    [
        new("bool(value)", Bool),
        new("number(value, other?)", Number),
        new("text(value)", (ref run, a) => run.Text(a[0])),
        new("kind(value)", (ref run, a) => a[0].Kind.ToString().ToLowerInvariant()),
    ];

    private static Value Bool(ref Run run, scoped ReadOnlySpan<Value> a) => a[0].TryText(out var text)
        ? text.Trim().ToLowerInvariant() is not ("" or "false" or "no" or "off" or "0")
        : a[0].Truthy;

    private static Value Number(ref Run run, scoped ReadOnlySpan<Value> a) => a[0] switch
    {
        { Kind: ValueKind.Boolean } => a[0].IsTrue ? 1 : 0,
        _ when a.Length == 2 => a[0].TryNumber(out var number) ? number : a[1],
        _ => run.Number(a[0]),
    };
}
