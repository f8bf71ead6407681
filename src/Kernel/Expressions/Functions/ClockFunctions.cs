using Rookery.Kernel.Expressions.Parsing;

namespace Rookery.Kernel.Expressions.Functions;

/// <summary>What time it is.</summary>
internal static class ClockFunctions
{
    public static IEnumerable<Function> All { get; } =
    [
        new("now(zone?)", (ref run, a) =>
            Dates.Write(ref run, run.Evaluation.Now, Dates.Zone(ref run, a, 0))) { IsPure = false },
        new("now_unix()", (ref run, a) => run.Evaluation.Now.ToUnixTimeSeconds()) { IsPure = false },
        new("now_date(zone?)", (ref run, a) => Now(ref run, a, "uuuu-MM-dd")) { IsPure = false },
        new("now_time(zone?)", (ref run, a) => Now(ref run, a, "HH:mm")) { IsPure = false },
    ];

    private static Value Now(ref Run run, scoped ReadOnlySpan<Value> a, string pattern) =>
        DateFunctions.Format(ref run, run.Evaluation.Now, Dates.Zone(ref run, a, 0), pattern);
}
