using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Rookery.Kernel.Data;

/// <summary>Whose tables a set of migration files makes: an assembly with <c>Migrations/*.sql</c> embedded.</summary>
public sealed record SchemaOwner(string Name, System.Reflection.Assembly Assembly);

/// <summary>
/// Applies each owner's <c>Migrations/YYYYMMDD_HHMMSS_description.sql</c> once, in the order of their versions, one
/// transaction a file, under an advisory lock. An applied file is history: a changed one stops the start and is named.
/// </summary>
public sealed partial class Migrator(NpgsqlDataSource source, TimeProvider clock, ILogger<Migrator> log)
{
    private const long LockKey = 0x526F_6F6B_6572_7901;
    private const int VersionLength = 15;

    /// <returns>The files applied now.</returns>
    /// <exception cref="InvalidOperationException">
    /// An applied file was changed, or two files share a version.
    /// </exception>
    public async Task<IReadOnlyList<string>> ApplyAsync(IEnumerable<SchemaOwner> owners, CancellationToken ct)
    {
        var files = InOrder(owners);
        if (files.GroupBy(f => f.Version, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new InvalidOperationException(
                $"Two migrations share the version {twice.Key}: {string.Join(", ", twice)}.");
        }

        var done = new List<string>();
        await using var connection = await source.OpenAsync(ct);
        await RunAsync(connection, $"select pg_advisory_lock({LockKey})", ct);
        try
        {
            await EnsureHistoryAsync(connection, ct);
            var applied = await AppliedAsync(connection, ct);
            foreach (var file in files)
            {
                if (!applied.TryGetValue(file.Version, out var checksum))
                {
                    await ApplyAsync(connection, file, ct);
                    done.Add(file.ToString());
                }
                else if (checksum != file.Checksum)
                {
                    throw new InvalidOperationException(
                        $"Migration {file} was changed after it was applied. Put the applied text back and write a new file for the change.");
                }
            }
        }
        finally
        {
            await RunAsync(connection, $"select pg_advisory_unlock({LockKey})", CancellationToken.None);
        }

        if (done.Count > 0)
        {
            Migrated(done.Count);
        }

        return done;
    }

    /// <summary>The files that are not applied to this database, in their order.</summary>
    public async Task<IReadOnlyList<string>> PendingAsync(IEnumerable<SchemaOwner> owners, CancellationToken ct)
    {
        var applied = await HistoryAsync(ct);
        return [.. InOrder(owners).Where(f => !applied.ContainsKey(f.Version)).Select(f => f.ToString())];
    }

    /// <summary>The versions this database has had and the owners do not know: a newer build migrated it.</summary>
    public async Task<IReadOnlyList<string>> UnknownAsync(IEnumerable<SchemaOwner> owners, CancellationToken ct) =>
        [.. (await HistoryAsync(ct)).Keys.Except(InOrder(owners).Select(f => f.Version), StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>Tells two sets of migration files apart.</summary>
    public static string Fingerprint(IEnumerable<SchemaOwner> owners) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        string.Join('\n', InOrder(owners).Select(f => f.Checksum)))));

    private static List<MigrationFile> InOrder(IEnumerable<SchemaOwner> owners) =>
        [.. owners.SelectMany(Files).OrderBy(f => f.Version, StringComparer.Ordinal)];

    private static async Task EnsureHistoryAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await RunAsync(connection, $"create schema if not exists kernel", ct);
        await RunAsync(
            connection,
            $"""
            create table if not exists kernel.schema_migrations (
                version           text primary key,
                description       text not null,
                applied_at        timestamptz not null default now(),
                checksum          text not null,
                execution_time_ms integer,
                owner             text not null)
            """,
            ct);
    }

    private async Task<Dictionary<string, string>> HistoryAsync(CancellationToken ct)
    {
        await using var connection = await source.OpenAsync(ct);
        Sql history = $"select to_regclass('kernel.schema_migrations') is not null";
        await using var find = history.On(connection);
        return await find.ExecuteScalarAsync(ct) is true ? await AppliedAsync(connection, ct) : [];
    }

    private static async Task<Dictionary<string, string>> AppliedAsync(
        NpgsqlConnection connection, CancellationToken ct)
    {
        Sql all = $"select version, checksum from kernel.schema_migrations";
        await using var command = all.On(connection);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var applied = new Dictionary<string, string>(StringComparer.Ordinal);
        while (await reader.ReadAsync(ct))
        {
            applied[reader.GetString(0)] = reader.GetString(1);
        }

        return applied;
    }

    private async Task ApplyAsync(NpgsqlConnection connection, MigrationFile file, CancellationToken ct)
    {
        var started = clock.GetTimestamp();
        await using var transaction = await connection.BeginTransactionAsync(ct);
#pragma warning disable CA2100 // Embedded in the assembly, not user input.
        await using (var script = new NpgsqlCommand(file.Text, connection, transaction))
#pragma warning restore CA2100
        {
            script.CommandTimeout = 0;
            await script.ExecuteNonQueryAsync(ct);
        }

        var elapsedMs = (int)clock.GetElapsedTime(started).TotalMilliseconds;
        Sql note = $"""
            insert into kernel.schema_migrations (version, description, applied_at, checksum, execution_time_ms, owner)
            values ({file.Version}, {file.Description}, {clock.GetUtcNow()}, {file.Checksum}, {elapsedMs}, {file.Owner})
            """;
        await using (var insert = note.On(connection, transaction))
        {
            await insert.ExecuteNonQueryAsync(ct);
        }

        await transaction.CommitAsync(ct);
        Applied(file.ToString(), elapsedMs);
    }

    /// <summary>Without a time-out: another host may be migrating, which takes as long as it takes.</summary>
    private static async Task RunAsync(NpgsqlConnection connection, Sql sql, CancellationToken ct)
    {
        await using var command = sql.On(connection);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(ct);
    }

    internal static IEnumerable<MigrationFile> Files(SchemaOwner owner)
    {
        var prefix = $"{owner.Assembly.GetName().Name}.Migrations.";
        foreach (var name in owner.Assembly.GetManifestResourceNames().Where(n => n.StartsWith(prefix, StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(owner.Assembly.GetManifestResourceStream(name)!);
            var file = name[prefix.Length..^".sql".Length];
            yield return new MigrationFile(
                owner.Name, file[..VersionLength], file[(VersionLength + 1)..].Replace('_', ' '), reader.ReadToEnd().ReplaceLineEndings("\n"));
        }
    }

    [LoggerMessage(LogLevel.Information, "The database was migrated: {Files} files.")]
    private partial void Migrated(int files);

    [LoggerMessage(LogLevel.Debug, "Applied migration {File} in {ElapsedMs} ms.")]
    private partial void Applied(string file, int elapsedMs);

    internal sealed record MigrationFile(string Owner, string Version, string Description, string Text)
    {
        public string Checksum { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text)));

        public override string ToString() => $"{Owner}/{Version}_{Description.Replace(' ', '_')}.sql";
    }
}
