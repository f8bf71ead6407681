using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Rookery.Host;
using Rookery.Kernel.Data;

namespace Rookery.Testing;

/// <summary>
/// One real PostgreSQL for all test projects, under <c>artifacts/</c>: started by the first that needs it and left
/// running for the others (<c>./test</c> stops it). <c>ROOKERY_TEST_DB</c> names another server instead.
/// </summary>
public static class TestPostgres
{
    private static readonly Lazy<Task<string>> Shared = new(StartAsync);

    /// <summary>Connects to the server's maintenance database.</summary>
    public static Task<string> ServerAsync() => Shared.Value;

    /// <summary>The folder of the solution, however deep the asking file lies.</summary>
    public static string RepositoryRoot([CallerFilePath] string here = "")
    {
        var folder = Path.GetDirectoryName(here)!;
        return File.Exists(Path.Combine(folder, "Rookery.slnx")) ? folder : RepositoryRoot(folder);
    }

    /// <summary>A new database, empty or with all migrations applied, on the shared server.</summary>
    /// <returns>Its connection string.</returns>
    public static async Task<string> CreateDatabaseAsync(bool migrated = true)
    {
        var server = await ServerAsync();
        var name = $"test_{Guid.NewGuid():N}";
        var template = migrated ? await TemplateAsync(server) : "template0";
        await RunAsync(server, $"create database {name} template {template}");
        return new NpgsqlConnectionStringBuilder(server)
        {
            Database = name,
            Pooling = true,
            MaxPoolSize = 20,
            ConnectionIdleLifetime = 5,
            ConnectionPruningInterval = 2,
        }.ConnectionString;
    }

    public static async Task DropDatabaseAsync(string connectionString)
    {
        var name = new NpgsqlConnectionStringBuilder(connectionString).Database;
        await RunAsync(await ServerAsync(), $"drop database if exists {name} with (force)");
    }

    private static async Task<string> StartAsync()
    {
        if (Environment.GetEnvironmentVariable("ROOKERY_TEST_DB") is { Length: > 0 } given)
        {
            return given;
        }

        var folder = Path.Combine(RepositoryRoot(), "artifacts", "test-postgres");
        Directory.CreateDirectory(folder);
        await using var turn = await WaitForTurnAsync(Path.Combine(folder, "starting"));
        var postgres = await EmbeddedPostgres.StartAsync(folder, _ => { }, CancellationToken.None);
        var server =
            new NpgsqlConnectionStringBuilder(postgres.ConnectionString) { Database = "postgres", Pooling = false }.ConnectionString;

        // A test that kills the server has one of its own; the others need not wait for the disk.
        await RunAsync(server, "alter role current_user set synchronous_commit = off");
        return server;
    }

    /// <summary>A migrated database to copy, one for each set of migration files.</summary>
    private static async Task<string> TemplateAsync(string server)
    {
        var owners = ModuleList.All.Select(m => new SchemaOwner(m.Name, m.GetType().Assembly)).ToList();
        var name = $"template_{Migrator.Fingerprint(owners)[..16]}";
        await using var turn = await WaitForTurnAsync(Path.Combine(RepositoryRoot(), "artifacts", $"{name}.lock"));
        await using var connection = new NpgsqlConnection(server);
        await connection.OpenAsync();
        await using var find = new NpgsqlCommand($"select 1 from pg_database where datname = '{name}'", connection);
        if (await find.ExecuteScalarAsync() is null)
        {
            await RunAsync(server, $"create database {name}_new template template0");
            await using (
                var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(server) { Database = $"{name}_new" }.ConnectionString))
            {
                await new Migrator(source, TimeProvider.System, NullLogger<Migrator>.Instance).ApplyAsync(
                    owners, CancellationToken.None);
            }

            await RunAsync(server, $"alter database {name}_new rename to {name}");
        }

        return name;
    }

    private static async Task<FileStream> WaitForTurnAsync(string path)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(50);
            }
        }
    }

    private static async Task RunAsync(string server, string sql)
    {
        await using var connection = new NpgsqlConnection(server);
        await connection.OpenAsync();
#pragma warning disable CA2100 // Names are made here.
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 60 };
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }
}
