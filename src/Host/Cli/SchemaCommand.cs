using System.CommandLine;
using Npgsql;
using Rookery.Kernel.Data;

namespace Rookery.Host.Cli;

/// <summary><c>rookery schema verify</c>: compares the database with the structure this build was made for.</summary>
internal static class SchemaCommand
{
    private static readonly Option<string?> Write = new("--write")
    {
        Description =
            "Writes the structure of a freshly migrated database to this file instead (src/Host/schema.txt after adding a migration).",
    };

    public static Command Make()
    {
        var verify = Verb.Make(
            "verify", "Compares the database's structure with the committed one and prints what differs.", RunAsync);
        verify.Add(Write);
        return new Command("schema", "The structure of the database.") { verify };
    }

    private static async Task<int> RunAsync(Invocation invocation, CancellationToken ct)
    {
        await using var database = await VerbDatabase.OpenAsync(invocation, ct);
        if (invocation.Parsed.GetValue(Write) is { } file)
        {
            var text = await DescribeFreshAsync(database.ConnectionString, ct);
            await File.WriteAllTextAsync(file, text.ToString(), ct);
            Console.WriteLine($"{Path.GetFullPath(file)}: {text.Lines.Count} lines, {text.Hash}");
            return 0;
        }

        await database.RequireMigratedAsync(ct);
        if (await CommittedSchema.DifferencesAsync(database.Db, ct) is { Count: > 0 } differences)
        {
            Console.WriteLine("- expected, + found:");
            Console.WriteLine(string.Join('\n', differences));
            return 1;
        }

        Console.WriteLine($"The database has the structure of this build ({CommittedSchema.Read().Hash}).");
        return 0;
    }

    /// <summary>A database that lived may have drifted, so the text is taken from one made for it.</summary>
    private static async Task<SchemaText> DescribeFreshAsync(string connectionString, CancellationToken ct)
    {
        var name = $"rookery_schema_{Guid.NewGuid():N}";
        await using var server = new NpgsqlConnection(connectionString);
        await server.OpenAsync(ct);
        await RunAsync(server, $"create database {name} template template0", ct);
        try
        {
            await using var source = Server.Source(
                new NpgsqlConnectionStringBuilder(connectionString) { Database = name, Pooling = false }.ConnectionString,
                "rookery-cli");
            await Server.MigratorOf(source).ApplyAsync(Server.Owners, ct);
            return await new SchemaDrift(new Database(source)).DescribeAsync(null, ct);
        }
        finally
        {
            await RunAsync(server, $"drop database {name} with (force)", CancellationToken.None);
        }
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
#pragma warning disable CA2100 // The name is made here.
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 60 };
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(ct);
    }
}
