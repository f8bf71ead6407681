using Rookery.Kernel.Expressions.Parsing;

namespace Rookery.Kernel.Expressions.Functions;

internal static class ObjectFunctions
{
    public static IEnumerable<Function> All { get; } =
    [
        new("keys(object)", Keys),
        new("values(object)", Values),
        new("has(object, name)", (ref run, a) => a[0].TryGet(run.Text(a[1]), out _)),
        new("get(value, path)", (ref run, a) => Paths.Follow(a[0], run.Text(a[1]))),
        new("merge(object, more)", Merge),
        new("parse_json(text)", (ref run, a) =>
            Value.TryParse(run.Text(a[0]), out var value) ? value : run.WrongValue("the text is no JSON.")),
        new("to_json(value)", ToJson),
    ];

    private static Value Keys(ref Run run, scoped ReadOnlySpan<Value> a)
    {
        var keys = new List<Value>();
        foreach (ref readonly var member in Members(ref run, a[0]))
        {
            keys.Add(member.Key);
        }

        return Value.Own(keys.ToArray());
    }

    private static Value Values(ref Run run, scoped ReadOnlySpan<Value> a)
    {
        var values = new List<Value>();
        foreach (ref readonly var member in Members(ref run, a[0]))
        {
            values.Add(member.Value);
        }

        return Value.Own(values.ToArray());
    }

    private static Value Merge(ref Run run, scoped ReadOnlySpan<Value> a)
    {
        var merged = new ObjectBuilder();
        foreach (ref readonly var value in a)
        {
            foreach (ref readonly var member in Members(ref run, value))
            {
                merged.Set(member.Key, member.Value);
            }
        }

        return merged.Made();
    }

    private static Value ToJson(ref Run run, scoped ReadOnlySpan<Value> a) => a[0].Size > run.Limits.Text
        ? run.TooLarge(run.Limits.Text, "characters")
        : a[0].ToJson();

    /// <summary>The members of an object, and none of null.</summary>
    private static ReadOnlySpan<KeyValuePair<string, Value>> Members(ref Run run, in Value value)
    {
        if (value.Kind is not (ValueKind.Object or ValueKind.Null))
        {
            run.WrongKind("an object", value);
        }

        return value.Members;
    }
}
