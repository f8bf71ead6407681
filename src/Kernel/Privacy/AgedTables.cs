using Microsoft.Extensions.Options;
using Npgsql;
using Rookery.Kernel.Data;

namespace Rookery.Kernel.Privacy;

/// <summary>A table whose rows go when they are old.</summary>
/// <param name="Table">Schema and name. Code, never input.</param>
/// <param name="Column">The date or moment that counts; rows without one stay.</param>
/// <param name="KeepDays">Days kept by default.</param>
/// <param name="When">Which old rows go. Code, never input.</param>
public sealed record AgedTable(string Table, string Column, int KeepDays, string When = "true");

/// <summary>Deletes what is too old, a few rows at a time, so that nobody waits for its locks.</summary>
internal sealed class AgedTables(
    Database db, IEnumerable<AgedTable> tables, IOptions<RetentionOptions> options, TimeProvider clock)
{
    public const int AtOnce = 5000;

    public IReadOnlyList<AgedTable> All { get; } = [.. tables];

    /// <returns>Rows deleted.</returns>
    public Task<int> SweepAsync(AgedTable table, CancellationToken ct)
    {
        var before = clock.GetUtcNow().AddDays(-options.Value.Of(table));
        return InBatchesAsync(() => DeleteAsync(table, before, ct));
    }

    /// <summary>Repeats a statement that deletes at most <see cref="AtOnce"/> rows until it finds fewer.</summary>
    public static async Task<int> InBatchesAsync(Func<Task<int>> delete)
    {
        var deleted = 0;
        while (true)
        {
            var rows = await delete();
            deleted += rows;
            if (rows < AtOnce)
            {
                return deleted;
            }
        }
    }

    private async Task<int> DeleteAsync(AgedTable table, DateTimeOffset before, CancellationToken ct)
    {
        await using var connection = await db.OpenAsync(ct);
#pragma warning disable CA2100 // Names of tables and columns are code (AgedTable); no input reaches this text.
        await using var command = new NpgsqlCommand(
            $"""
            delete from {table.Table} where ctid = any(array(
                select ctid from {table.Table} where {table.Column} < $1 and {table.When} limit {AtOnce}))
            """,
            connection)
#pragma warning restore CA2100
        {
            Parameters = { new NpgsqlParameter<DateTimeOffset> { TypedValue = before } },
        };
        return await command.ExecuteNonQueryAsync(ct);
    }
}
