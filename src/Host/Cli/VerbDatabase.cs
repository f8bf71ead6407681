using Npgsql;
using Rookery.Kernel.Data;

namespace Rookery.Host.Cli;

/// <summary>
/// The database for the length of one verb: the configured one, that of a server that runs in the data folder, or the
/// embedded one, started and stopped for it.
/// </summary>
internal sealed class VerbDatabase : IAsyncDisposable
{
    private readonly DataFolder? _folder;
    private readonly EmbeddedPostgres? _embedded;

    private VerbDatabase(string connectionString, DataFolder? folder = null, EmbeddedPostgres? embedded = null)
    {
        ConnectionString = connectionString;
        _folder = folder;
        _embedded = embedded;
        Source = Server.Source(connectionString, "rookery-cli");
        Db = new Database(Source);
    }

    public string ConnectionString { get; }

    public NpgsqlDataSource Source { get; }

    public Database Db { get; }

    public static async Task<VerbDatabase> OpenAsync(Invocation invocation, CancellationToken ct)
    {
        if (invocation.IsSimulated)
        {
            await Console.Error.WriteLineAsync($"Only a simulated server runs; this is about it ({invocation.DataFolder}).");
        }

        if (invocation.Primary is { } primary)
        {
            return new VerbDatabase(primary);
        }

        if (DataFolder.TryOpen(invocation.DataFolder) is not { } folder)
        {
            return EmbeddedPostgres.ConnectionStringOf(invocation.DataFolder) is { } running
                ? new VerbDatabase(running)
                : throw new InvalidOperationException(
                    $"Rookery is starting or stopping in {invocation.DataFolder}; try again in a moment.");
        }

        try
        {
            // What a verb prints is its answer, so progress goes beside it.
            var embedded = await EmbeddedPostgres.StartAsync(folder.Path, Console.Error.WriteLine, ct);
            return new VerbDatabase(embedded.ConnectionString, folder, embedded);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <exception cref="InvalidOperationException">The database lacks the tables of this build.</exception>
    public async Task RequireMigratedAsync(CancellationToken ct)
    {
        if (await Server.MigratorOf(Source).PendingAsync(Server.Owners, ct) is { Count: > 0 } pending)
        {
            throw new InvalidOperationException(
                $"The database waits for {pending.Count} migrations. Start the server once, or run: ./run migrate");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync();
        if (_embedded is not null)
        {
            await _embedded.StopAsync(CancellationToken.None);
        }

        _folder?.Dispose();
    }
}
