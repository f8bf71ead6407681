using FsCheck;
using FsCheck.Fluent;
using Rookery.Kernel.Expressions;

namespace Rookery.Kernel.Tests.Expressions;

/// <summary>Values by chance.</summary>
internal static class Values
{
    private static readonly Gen<string> Texts =
        Gen.Elements("", "a", "Anna", "7", "-1.5", "{{ a }}", "é👍🏽", "\"quoted\" \\ text", "line\nline", "2026-03-01T10:00", "<@1>");

    public static Gen<Value> Any(int depth) => depth == 0
        ? Scalar()
        : Gen.Frequency(
            (4, Scalar()),
            (1, Gen.ArrayOf(Any(depth - 1)).Select(items => Value.List(items))),
            (1, Gen.ArrayOf(Gen.Zip(Texts, Any(depth - 1))).Select(Object)));

    private static Value Object((string Name, Value Value)[] members) => Value.Object(members);

    private static Gen<Value> Scalar() => Gen.OneOf(
        Gen.Constant(Value.Null),
        Gen.Elements(Value.True, Value.False),
        Gen.Choose(-1000, 1000).Select(i => (Value)(i / 8m)),
        Gen.Elements<Value>(decimal.MaxValue, decimal.MinValue, 0m, 1e-28m),
        Texts.Select(t => (Value)t));
}
