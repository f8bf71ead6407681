using Npgsql;

namespace Rookery.Bench;

internal static class BenchDatabase
{
    /// <summary>An empty database of this name; what was in it is gone.</summary>
    /// <returns>Its connection string.</returns>
    public static async Task<string> FreshAsync(string server, string name, CancellationToken ct)
    {
        await using (var source = NpgsqlDataSource.Create(server))
        {
            foreach (var sql in new[] { $"drop database if exists {name} with (force)", $"create database {name}" })
            {
#pragma warning disable CA2100 // The name is one of this program's own.
                await using var command = source.CreateCommand(sql);
#pragma warning restore CA2100
                await command.ExecuteNonQueryAsync(ct);
            }
        }

        return new NpgsqlConnectionStringBuilder(server) { Database = name }.ConnectionString;
    }
}
