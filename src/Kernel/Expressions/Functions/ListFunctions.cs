using Rookery.Kernel.Expressions.Parsing;

namespace Rookery.Kernel.Expressions.Functions;

/// <summary>Functions over lists, and over texts where a text is like a list of its characters.</summary>
internal static class ListFunctions
{
    public static IEnumerable<Function> All { get; } =
    [
        new("length(value)", Length),
        new("count(value, part?)", Count),
        new("contains(value, part)", (ref run, a) => Comparing.Contains(ref run, a[0], a[1])),
        new("contains_any(value, parts)", ContainsAny),
        new("first(value)", (ref run, a) => Paths.Item(ref run, a[0], 0)),
        new("last(value)", (ref run, a) => Paths.Item(ref run, a[0], -1)),
        new("slice(value, from, to?)", Slice),
        new("reverse(value)", Reverse),
        new("sort(list, path?)", Sort),
        new("unique(list)", Unique),
        new("pluck(list, path)", Pluck),
        new("where(list, path, value?)", Where),
    ];

    private static Value Length(ref Run run, scoped ReadOnlySpan<Value> a) => a[0].Kind switch
    {
        ValueKind.Null => 0,
        ValueKind.List => a[0].Items.Length,
        ValueKind.Object => a[0].Members.Length,
        _ => new Characters(run.Text(a[0])).Count,
    };

    private static Value ContainsAny(ref Run run, scoped ReadOnlySpan<Value> a)
    {
        foreach (ref readonly var part in run.Items(a[1]))
        {
            if (Comparing.Contains(ref run, a[0], part))
            {
                return true;
            }
        }

        return false;
    }

    private static Value Count(ref Run run, scoped ReadOnlySpan<Value> a)
    {
        if (a.Length == 1)
        {
            return Length(ref run, a);
        }

        if (a[0].TryText(out var text))
        {
            var part = run.Text(a[1]);
            return part.Length > 0 && run.ChargeSearch(text, part) ? text.AsSpan().Count(part) : 0;
        }

        var count = 0;
        foreach (ref readonly var item in run.Items(a[0]))
        {
            count += Comparing.Same(item, a[1]) ? 1 : 0;
        }

        return count;
    }

    private static Value Slice(ref Run run, scoped ReadOnlySpan<Value> a)
    {
        if (a[0].Kind is ValueKind.List or ValueKind.Null)
        {
            var (start, end) = Bounds(ref run, a, a[0].Items.Length);
            return Value.Own(a[0].Items[start..end].ToArray());
        }

        var characters = new Characters(run.Text(a[0]));
        var (from, to) = Bounds(ref run, a, characters.Count);
        return characters.Slice(from, to);
    }

    private static (int From, int To) Bounds(ref Run run, scoped ReadOnlySpan<Value> a, int length)
    {
        var from = Bound(run.Whole(a[1], int.MinValue, int.MaxValue), length);
        var to = a.Length == 3 && !a[2].IsNull ? Bound(run.Whole(a[2], int.MinValue, int.MaxValue), length) : length;
        return (from, Math.Max(from, to));
    }

    private static int Bound(long at, int length) => (int)Math.Clamp(at < 0 ? at + length : at, 0, length);

    private static Value Reverse(ref Run run, scoped ReadOnlySpan<Value> a)
    {
        if (a[0].TryText(out var text))
        {
            return new Characters(text).Reversed();
        }

        var items = run.Items(a[0]).ToArray();
        Array.Reverse(items);
        return Value.Own(items);
    }

    private static Value Sort(ref Run run, scoped ReadOnlySpan<Value> a)
    {
        var path = a.Length == 2 ? Path(ref run, a) : "";
        var items = run.Items(a[0]).ToArray();
        var keys = Array.ConvertAll(items, i => Paths.Follow(i, path));
        var wrong = Array.FindIndex(keys, k => !Comparing.TryOrder(k, keys[0], out _));
        if (wrong >= 0)
        {
            Comparing.Order(ref run, keys[wrong], keys[0]);
            return default;
        }

        var byKey = Comparer<Value>.Create((x, y) => Comparing.TryOrder(x, y, out var order) ? order : 0);
        return Value.Own([.. items.Zip(keys).OrderBy(i => i.Second, byKey).Select(i => i.First)]);
    }

    /// <summary>The path that is followed from every item, which costs as many steps as it is long.</summary>
    private static string Path(ref Run run, scoped ReadOnlySpan<Value> a)
    {
        var path = run.Text(a[1]);
        return run.Charge((long)path.Length * a[0].Items.Length) ? path : "";
    }

    private static Value Unique(ref Run run, scoped ReadOnlySpan<Value> a) =>
        Value.Own([.. run.Items(a[0]).ToArray().Distinct()]);

    private static Value Pluck(ref Run run, scoped ReadOnlySpan<Value> a)
    {
        var path = Path(ref run, a);
        return Value.Own(Array.ConvertAll(run.Items(a[0]).ToArray(), i => Paths.Follow(i, path)));
    }

    private static Value Where(ref Run run, scoped ReadOnlySpan<Value> a)
    {
        var path = Path(ref run, a);
        var found = new List<Value>();
        foreach (ref readonly var item in run.Items(a[0]))
        {
            var value = Paths.Follow(item, path);
            if (a.Length == 3 ? Comparing.Same(value, a[2]) : value.Truthy)
            {
                found.Add(item);
            }
        }

        return Value.Own(found.ToArray());
    }
}
