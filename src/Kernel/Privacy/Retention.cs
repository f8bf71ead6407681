using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Data;
using Rookery.Kernel.Scheduling;

namespace Rookery.Kernel.Privacy;

/// <summary>Deletes what is too old in one table that is not cut into days.</summary>
public interface IRetention
{
    string Name { get; }

    /// <returns>Rows deleted.</returns>
    Task<int> SweepAsync(CancellationToken ct);
}

/// <summary>
/// The nightly job: makes the partitions of the days ahead, drops expired ones, sweeps the other logs.
/// </summary>
internal sealed partial class RetentionJob(
    Partitions partitions, AgedTables aged, IEnumerable<IRetention> rules, IOptions<RetentionOptions> options,
    ILogger<RetentionJob> log) : IJob
{
    public TimeSpan Period => TimeSpan.FromHours(6);

    public async ValueTask RunAsync(CancellationToken ct)
    {
        await partitions.EnsureAsync(ct);
        foreach (var table in partitions.Tables)
        {
            foreach (var partition in await partitions.DropOlderAsync(table, options.Value.Of(table), ct))
            {
                Dropped(partition);
            }
        }

        foreach (var table in aged.All)
        {
            Report(table.Table, await aged.SweepAsync(table, ct));
        }

        foreach (var rule in rules)
        {
            Report(rule.Name, await rule.SweepAsync(ct));
        }
    }

    private void Report(string rule, int rows)
    {
        if (rows > 0)
        {
            Swept(rule, rows);
        }
    }

    [LoggerMessage(LogLevel.Information, "Retention dropped {Partition}.")]
    private partial void Dropped(string partition);

    [LoggerMessage(LogLevel.Information, "Retention deleted {Rows} rows of {Rule}.")]
    private partial void Swept(string rule, int rows);
}
