using System.Globalization;
using Npgsql;

namespace Rookery.Kernel.Data;

/// <summary>A table that is cut into a partition a day, so that old days are dropped whole.</summary>
/// <param name="Table">Schema and name, for example <c>kernel.inbox</c>. Code, never input.</param>
/// <param name="KeepDays">Days kept by default; retention drops older ones.</param>
public sealed record DailyTable(string Table, int KeepDays);

/// <summary>Makes the partitions that writes will need and drops the ones retention no longer wants.</summary>
public sealed class Partitions(Database db, IEnumerable<DailyTable> tables, TimeProvider clock)
{
    /// <summary>Made ahead, so that a job that fails for a few nights does not stop writes.</summary>
    private const int DaysAhead = 7;
    private const string LockKey = "hashtextextended('kernel.partitions', 0)";

    public IReadOnlyList<DailyTable> Tables { get; } = [.. tables];

    public async Task EnsureAsync(CancellationToken ct)
    {
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        await using var connection = await db.OpenAsync(ct);

        // Nodes that start together would make the same partition, for "if not exists" looks before it waits. The lock
        // is the session's, so that each table is locked for its own statement only and no writer meets two locks.
        await RunAsync(connection, $"select pg_advisory_lock({LockKey})", ct);
        try
        {
            foreach (var table in Tables)
            {
                var existing = await DaysAsync(connection, table.Table, ct);
                for (var day = today.AddDays(-1); day <= today.AddDays(DaysAhead); day = day.AddDays(1))
                {
                    if (!existing.ContainsKey(day))
                    {
                        await RunAsync(
                            connection,
                            $"create table if not exists {table.Table}_{Suffix(day)} partition of {table.Table} for values from ('{Iso(day)}') to ('{Iso(day.AddDays(1))}')",
                            ct);
                    }
                }
            }
        }
        finally
        {
            await RunAsync(connection, $"select pg_advisory_unlock({LockKey})", CancellationToken.None);
        }
    }

    /// <returns>The partitions dropped.</returns>
    public async Task<IReadOnlyList<string>> DropOlderAsync(DailyTable table, int keepDays, CancellationToken ct)
    {
        var oldest = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime).AddDays(-keepDays);
        await using var connection = await db.OpenAsync(ct);
        var dropped = new List<string>();
        foreach (var (_, partition) in (await DaysAsync(connection, table.Table, ct)).Where(d => d.Key < oldest))
        {
            await RunAsync(connection, $"drop table {partition}", ct);
            dropped.Add(partition);
        }

        return dropped;
    }

    private static async Task<SortedDictionary<DateOnly, string>> DaysAsync(
        NpgsqlConnection connection, string table, CancellationToken ct)
    {
        Sql sql = $"""
            select c.relnamespace::regnamespace::text || '.' || c.relname
            from pg_inherits i join pg_class c on c.oid = i.inhrelid
            where i.inhparent = {table}::text::regclass
            """;
        await using var command = sql.On(connection);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var days = new SortedDictionary<DateOnly, string>();
        while (await reader.ReadAsync(ct))
        {
            var name = reader.GetString(0);
            if (DateOnly.TryParseExact(name[^8..], "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            {
                days[day] = name;
            }
        }

        return days;
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
#pragma warning disable CA2100 // Table names are code (DailyTable) and dates are formatted here; no input reaches this text.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(ct);
    }

    private static string Suffix(DateOnly day) => day.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    private static string Iso(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
