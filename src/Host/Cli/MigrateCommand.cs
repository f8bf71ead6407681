using System.CommandLine;

namespace Rookery.Host.Cli;

/// <summary>
/// <c>rookery migrate</c>: brings the database to this build's structure without starting the server.
/// </summary>
internal static class MigrateCommand
{
    public static Command Make() => Verb.Make("migrate", "Applies the migrations the database has not had.", RunAsync);

    private static async Task<int> RunAsync(Invocation invocation, CancellationToken ct)
    {
        await using var database = await VerbDatabase.OpenAsync(invocation, ct);
        var applied = await Server.MigratorOf(database.Source).ApplyAsync(Server.Owners, ct);
        foreach (var file in applied)
        {
            Console.WriteLine($"applied  {file}");
        }

        Console.WriteLine(
            applied.Count == 0 ? "The database has every migration already." : $"{applied.Count} migrations applied.");
        return 0;
    }
}
