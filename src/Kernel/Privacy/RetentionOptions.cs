using Rookery.Kernel.Data;

namespace Rookery.Kernel.Privacy;

/// <summary>How long tables keep their rows, where the operator decides otherwise than their owners.</summary>
internal sealed class RetentionOptions
{
    /// <summary>
    /// Days by schema and table, for example <c>Retention:KeepDays:router.command_executions = 30</c>; at least 1.
    /// </summary>
    public Dictionary<string, int> KeepDays { get; init; } = new(StringComparer.Ordinal);

    public int Of(DailyTable table) => KeepDays.GetValueOrDefault(table.Table, table.KeepDays);

    public int Of(AgedTable table) => KeepDays.GetValueOrDefault(table.Table, table.KeepDays);

    /// <returns>
    /// False for a table retention does not know: a misspelt name must not keep data for ever, or lose it.
    /// </returns>
    public bool AllKnown(IEnumerable<DailyTable> daily, IEnumerable<AgedTable> aged) =>
        KeepDays.Keys.All(name => daily.Any(t => t.Table == name) || aged.Any(t => t.Table == name));
}
