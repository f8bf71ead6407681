using Npgsql;

namespace Rookery.Kernel.Data;

/// <summary>
/// A PostgreSQL of our own under the data folder, for those who have none: made at the first start, started and stopped
/// with the host, adopted when the host was killed and left it running. Reached by unix socket and on loopback.
/// </summary>
public sealed class EmbeddedPostgres
{
    private const string DatabaseName = "rookery";

    private const string LoopbackAddress = "127.0.0.1";
    private const int LaunchAttempts = 5;
    private static readonly TimeSpan RecoveryLimit = TimeSpan.FromMinutes(30);

    private readonly string _folder;
    private readonly PostgresBinaries _binaries;
    private readonly UnprivilegedUser _user;
    private readonly Action<string> _progress;
    private readonly ServerLog _log;
    private ServerFile _server;

    private EmbeddedPostgres(
        string folder, PostgresBinaries binaries, UnprivilegedUser user, ServerFile server, Action<string> progress)
    {
        _folder = folder;
        _binaries = binaries;
        _user = user;
        _server = server;
        _progress = progress;
        _log = new ServerLog(folder);
    }

    /// <summary>Over the unix socket.</summary>
    public string ConnectionString => _server.Connection(DatabaseName);

    private string Cluster => PostgresCluster.In(_folder);

    /// <summary>
    /// Starts the server in <paramref name="dataFolder"/>, making the cluster first if there is none, and waits until
    /// it answers.
    /// </summary>
    /// <param name="progress">Told of every step that takes time.</param>
    /// <exception cref="InvalidOperationException">It cannot be started; says why and what to do.</exception>
    public static async Task<EmbeddedPostgres> StartAsync(
        string dataFolder, Action<string> progress, CancellationToken ct)
    {
        var folder = FolderIn(dataFolder);
        var binaries = PostgresBinaries.Find();
        Directory.CreateDirectory(folder);
        var user = await UnprivilegedUser.ChooseAsync(binaries.InitDb, folder, ct);
        var postgres = new EmbeddedPostgres(
            folder, binaries, user, ServerFile.Read(folder) ?? ServerFile.New(folder), progress);
        if (!Directory.Exists(postgres.Cluster))
        {
            progress("Making the database (first start only) …");
            await PostgresCluster.MakeAsync(folder, binaries, user, postgres._server, ct);
        }

        PostgresCluster.Check(folder, binaries);
        try
        {
            if (Postmaster.IsRunning(postgres.Cluster))
            {
                await postgres.AwaitReadyAsync(ct);
            }
            else
            {
                await postgres.LaunchAsync(ct);
            }

            await postgres.EnsureDatabaseAsync(ct);
            return postgres;
        }
        catch
        {
            await postgres.StopAsync(CancellationToken.None);
            throw;
        }
    }

    /// <summary>
    /// The connection of a server that another process runs in this data folder; null when none runs there.
    /// </summary>
    public static string? ConnectionStringOf(string dataFolder) =>
        Postmaster.IsRunning(PostgresCluster.In(FolderIn(dataFolder)))
            && ServerFile.Read(FolderIn(dataFolder)) is { Port: > 0 } server
            ? server.Connection(DatabaseName)
            : null;

    /// <summary>True when a database was made in this data folder, whether or not it runs.</summary>
    public static bool ExistsIn(string dataFolder) => Directory.Exists(PostgresCluster.In(FolderIn(dataFolder)));

    /// <summary>
    /// Starts the server again if it stopped by itself, under the address it had: the socket, whoever has the port meanwhile.
    /// </summary>
    /// <returns>True when it had to be started.</returns>
    public async Task<bool> ReviveAsync(CancellationToken ct)
    {
        if (Postmaster.IsRunning(Cluster))
        {
            return false;
        }

        try
        {
            await TryLaunchAsync(_server.Port, LoopbackAddress, ct);
        }
        catch (InvalidOperationException) when (_log.SaysPortIsTaken)
        {
            await TryLaunchAsync(_server.Port, "", ct);
        }

        return true;
    }

    public async Task StopAsync(CancellationToken ct)
    {
        NpgsqlConnection.ClearAllPools();
        if (Postmaster.IsRunning(Cluster)
            && (await _user.RunAsync(ct, _binaries.PgCtl, "stop", "-D", PostgresCluster.Name, "-m", "fast", "-w", "-t", "3")).ExitCode != 0)
        {
            // What is committed is on disk; the next start replays the log.
            await _user.RunAsync(ct, _binaries.PgCtl, "stop", "-D", PostgresCluster.Name, "-m", "immediate", "-w", "-t", "2");
        }
    }

    private static string FolderIn(string dataFolder) => Path.Combine(Path.GetFullPath(dataFolder), "postgres");

    /// <summary>
    /// Another program, or another Rookery that starts at the same moment, may take a port that was free when we
    /// looked.
    /// </summary>
    private async Task LaunchAsync(CancellationToken ct)
    {
        _progress("Starting the database …");
        var port = LoopbackPort.Free();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await TryLaunchAsync(port, LoopbackAddress, ct);
                return;
            }
            catch (InvalidOperationException) when (attempt < LaunchAttempts && _log.SaysPortIsTaken)
            {
                port = LoopbackPort.Free(port + 1);
            }
        }
    }

    private async Task TryLaunchAsync(int port, string listen, CancellationToken ct)
    {
        _server = _server with { Port = port, SocketFolder = ServerFile.SocketFolderOf(_folder) };
        await _user.MakePrivateAsync(_server.SocketFolder, ct);
        _server.Write(_folder);
        Postmaster.ForgetDead(Cluster, _server.SocketFolder);
        _log.Begin();
        var options = string.Join(' ', PostgresCluster.Settings(_server, listen).Select(s => $"-c {s.Key}={s.Value}"));
        var started = await _user.RunAsync(
            ct, _binaries.PgCtl, "start", "-D", PostgresCluster.Name, "-W", "-l", ServerLog.Name, "-o", options);
        if (started.ExitCode != 0)
        {
            throw new InvalidOperationException($"The database could not be started:\n{started.Output}\n{_log.Tail()}");
        }

        await AwaitReadyAsync(ct);
    }

    private async Task AwaitReadyAsync(CancellationToken ct)
    {
        var started = TimeProvider.System.GetTimestamp();
        var told = TimeSpan.FromSeconds(2);
        while (true)
        {
            try
            {
                await using var connection = new NpgsqlConnection(
                    _server.Connection("postgres") + ";Pooling=false;Timeout=5");
                await connection.OpenAsync(ct);
                return;
            }
            catch (PostgresException e) when (e.SqlState is "28P01" or "28000")
            {
                throw new InvalidOperationException(
                    $"The database in {Cluster} does not take the password in {ServerFile.PathIn(_folder)}.", e);
            }
            catch (NpgsqlException e)
            {
                var waited = TimeProvider.System.GetElapsedTime(started);
                if (waited > RecoveryLimit || (waited > TimeSpan.FromSeconds(3) && !Postmaster.IsRunning(Cluster)))
                {
                    throw new InvalidOperationException(
                        $"The database did not come up ({e.Message}).\n{_log.Tail()}", e);
                }

                if (waited > told)
                {
                    told = waited + TimeSpan.FromSeconds(2);
                    _progress($"The database recovers from a crash … {waited.TotalSeconds:0} s{(_log.RecoveryStep() is { } step ? $" ({step})" : "")}");
                }

                await Task.Delay(50, ct);
            }
        }
    }

    private async Task EnsureDatabaseAsync(CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection(_server.Connection("postgres") + ";Pooling=false");
        await connection.OpenAsync(ct);
        await using var find = new NpgsqlCommand(
            $"select 1 from pg_database where datname = '{DatabaseName}'", connection);
        if (await find.ExecuteScalarAsync(ct) is null)
        {
            await using var create = new NpgsqlCommand($"create database {DatabaseName}", connection);
            await create.ExecuteNonQueryAsync(ct);
        }
    }
}
