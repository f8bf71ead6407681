using Rookery.Kernel.Expressions.Parsing;

namespace Rookery.Kernel.Expressions.Functions;

/// <summary>Chance that comes out the same when an evaluation is done again.</summary>
internal static class ChanceFunctions
{
    private const long Farthest = 1_000_000_000_000_000;

    public static IEnumerable<Function> All { get; } =
    [
        new("random(from, to)", Random) { IsPure = false },
        new("pick(list)", Pick) { IsPure = false },
        new("shuffle(list)", Shuffle) { IsPure = false },
    ];

    private static Value Random(ref Run run, scoped ReadOnlySpan<Value> a)
    {
        var (from, to) = (run.Whole(a[0], -Farthest, Farthest), run.Whole(a[1], -Farthest, Farthest));
        return from > to
            ? run.WrongValue($"{from} is more than {to}; the smaller number comes first.")
            : from + (long)Draw(ref run, (ulong)(to - from) + 1);
    }

    private static Value Pick(ref Run run, scoped ReadOnlySpan<Value> a)
    {
        var items = run.Items(a[0]);
        return items.IsEmpty ? default : items[(int)Draw(ref run, (ulong)items.Length)];
    }

    private static Value Shuffle(ref Run run, scoped ReadOnlySpan<Value> a)
    {
        var items = run.Items(a[0]).ToArray();
        for (var i = items.Length - 1; i > 0; i--)
        {
            var other = (int)Draw(ref run, (ulong)i + 1);
            (items[i], items[other]) = (items[other], items[i]);
        }

        return Value.Own(items);
    }

    /// <summary>A number from 0 to below a bound: SplitMix64 (Steele, Lea, Flood, 2014), scaled by multiplication.</summary>
    private static ulong Draw(ref Run run, ulong bound)
    {
        var state = run.Evaluation.Seed + (++run.Evaluation.Budget.Draws * 0x9E3779B97F4A7C15);
        state = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
        state = (state ^ (state >> 27)) * 0x94D049BB133111EB;
        return Math.BigMul(state ^ (state >> 31), bound, out _);
    }
}
