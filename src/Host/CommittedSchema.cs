using Rookery.Kernel.Data;

namespace Rookery.Host;

/// <summary>
/// The structure of the database this build was made for: <c>schema.txt</c>, written by <c>rookery schema verify
/// --write</c>.
/// </summary>
internal static partial class CommittedSchema
{
    private const int Shown = 40;

    public static SchemaText Read()
    {
        using var reader = new StreamReader(typeof(CommittedSchema).Assembly.GetManifestResourceStream("schema.txt")!);
        return SchemaText.Parse(reader.ReadToEnd());
    }

    /// <returns>As <see cref="SchemaText.DifferencesTo"/>.</returns>
    public static async Task<IReadOnlyList<string>> DifferencesAsync(Database db, CancellationToken ct)
    {
        var committed = Read();
        return committed.DifferencesTo(await new SchemaDrift(db).DescribeAsync(committed.Schemas, ct));
    }

    /// <summary>
    /// Refuses to work on a database somebody changed by hand. One that a newer build migrated is let through:
    /// migrations are additive, so that an older node can go on while a newer one starts.
    /// </summary>
    /// <exception cref="InvalidOperationException">It has drifted; shows how and names the cure.</exception>
    public static async Task RequireAsync(
        Database db, Migrator migrator, bool allowDrift, ILogger log, CancellationToken ct)
    {
        if (await migrator.UnknownAsync(Server.Owners, ct) is [.., var newest] unknown)
        {
            Newer(log, unknown.Count, newest);
            return;
        }

        if (await DifferencesAsync(db, ct) is not { Count: > 0 } differences)
        {
            return;
        }

        var shown = string.Join('\n', differences.Take(Shown)) + (
            differences.Count > Shown ? $"\n… and {differences.Count - Shown} more" : "");
        if (!allowDrift)
        {
            throw new InvalidOperationException(
                $"The database does not have the structure this build was made for (- expected, + found):\n{shown}\n" +
                "Undo what was changed by hand or restore the backup; or start with --Schema:AllowDrift=true to go on as it is. " +
                "After adding a migration: ./run schema verify --write src/Host/schema.txt");
        }

        Drifted(log, shown);
    }

    [LoggerMessage(LogLevel.Warning, "The database was migrated by a newer build ({Count} migrations unknown here, the newest {Newest}); its structure is not checked.")]
    private static partial void Newer(ILogger log, int count, string newest);

    [LoggerMessage(LogLevel.Warning, "The database does not have the structure this build was made for (- expected, + found):\n{Differences}")]
    private static partial void Drifted(ILogger log, string differences);
}
