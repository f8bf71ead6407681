using System.Globalization;
using Npgsql;

namespace Rookery.Kernel.Data;

/// <summary>
/// A PostgreSQL of our own under the data folder, for those who have none: made at the first start, started and stopped
/// with the host, adopted when the host was killed and left it running. Reached by unix socket and on loopback.
/// </summary>
public sealed class EmbeddedPostgres
{
    private const string DatabaseName = "rookery";

    // Programs run in the folder and get names without a path, since pg_ctl hands them to a shell that would read a $ in one.
    private const string ClusterName = "cluster";
    private const int LaunchAttempts = 5;
    private static readonly TimeSpan RecoveryLimit = TimeSpan.FromMinutes(30);

    private readonly string _folder;
    private readonly PostgresBinaries _binaries;
    private readonly UnprivilegedUser _user;
    private readonly Action<string> _progress;
    private readonly ServerLog _log;
    private ServerFile _server;

    private EmbeddedPostgres(string folder, PostgresBinaries binaries, UnprivilegedUser user, ServerFile server, Action<string> progress)
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

    private string Cluster => ClusterIn(_folder);

    /// <summary>Starts the server in <paramref name="dataFolder"/>, making the cluster first if there is none, and waits until it answers.</summary>
    /// <param name="progress">Told of every step that takes time.</param>
    /// <exception cref="InvalidOperationException">It cannot be started; says why and what to do.</exception>
    public static async Task<EmbeddedPostgres> StartAsync(string dataFolder, Action<string> progress, CancellationToken ct)
    {
        var folder = FolderIn(dataFolder);
        var binaries = PostgresBinaries.Find();
        Directory.CreateDirectory(folder);
        var user = await UnprivilegedUser.ChooseAsync(binaries.InitDb, folder, ct);
        var postgres = new EmbeddedPostgres(folder, binaries, user, ServerFile.Read(folder) ?? ServerFile.New(folder), progress);
        if (!Directory.Exists(postgres.Cluster))
        {
            await postgres.MakeClusterAsync(ct);
        }

        postgres.CheckFolder();
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

    /// <summary>The connection of a server that another process runs in this data folder; null when none runs there.</summary>
    public static string? ConnectionStringOf(string dataFolder) =>
        Postmaster.IsRunning(ClusterIn(FolderIn(dataFolder))) && ServerFile.Read(FolderIn(dataFolder)) is { Port: > 0 } server
            ? server.Connection(DatabaseName)
            : null;

    /// <summary>True when a database was made in this data folder, whether or not it runs.</summary>
    public static bool ExistsIn(string dataFolder) => Directory.Exists(ClusterIn(FolderIn(dataFolder)));

    /// <summary>Starts the server again if it stopped by itself, under the address it had.</summary>
    /// <returns>True when it had to be started.</returns>
    public async Task<bool> ReviveAsync(CancellationToken ct)
    {
        if (Postmaster.IsRunning(Cluster))
        {
            return false;
        }

        await TryLaunchAsync(_server.Port, ct);
        return true;
    }

    public async Task StopAsync(CancellationToken ct)
    {
        NpgsqlConnection.ClearAllPools();
        if (Postmaster.IsRunning(Cluster)
            && (await _user.RunAsync(ct, _binaries.PgCtl, "stop", "-D", ClusterName, "-m", "fast", "-w", "-t", "3")).ExitCode != 0)
        {
            // What is committed is on disk; the next start replays the log.
            await _user.RunAsync(ct, _binaries.PgCtl, "stop", "-D", ClusterName, "-m", "immediate", "-w", "-t", "2");
        }
    }

    private static string FolderIn(string dataFolder) => Path.Combine(Path.GetFullPath(dataFolder), "postgres");

    private static string ClusterIn(string folder) => Path.Combine(folder, ClusterName);

    /// <summary>Makes the cluster beside its place and moves it there, so that what stands in the place is always whole.</summary>
    private async Task MakeClusterAsync(CancellationToken ct)
    {
        _progress("Making the database (first start only) …");
        const string Beside = ClusterName + ".new";
        const string PasswordName = "password.tmp";
        var (beside, passwordFile) = (Path.Combine(_folder, Beside), Path.Combine(_folder, PasswordName));
        if (Directory.Exists(beside))
        {
            Directory.Delete(beside, recursive: true);
        }

        await File.WriteAllTextAsync(passwordFile, _server.Password, ct);
        await _user.MakePrivateAsync(_folder, ct);
        string[] locale = _binaries.Major >= 17 ? ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"] : ["--locale=C.UTF-8"];
        var made = await _user.RunAsync(
            ct,
            [
                _binaries.InitDb, "-D", Beside, "-U", ServerFile.User, $"--pwfile={PasswordName}",
                "-A", "scram-sha-256", "-E", "UTF8", "--no-instructions", .. locale,
            ]);
        File.Delete(passwordFile);
        if (made.ExitCode != 0)
        {
            throw new InvalidOperationException($"The database could not be made:\n{made.Output}");
        }

        _server.Write(_folder);
        Directory.Move(beside, Cluster);
    }

    private void CheckFolder()
    {
        if (!File.Exists(ServerFile.PathIn(_folder)))
        {
            throw new InvalidOperationException(
                $"{Cluster} holds a database, but {ServerFile.PathIn(_folder)} with its password is missing. " +
                $"Put that file back from your backup, or move {_folder} away to start with an empty database.");
        }

        var version = File.ReadAllText(Path.Combine(Cluster, "PG_VERSION")).Trim();
        if (version != _binaries.Major.ToString(CultureInfo.InvariantCulture))
        {
            throw new InvalidOperationException(
                $"The database in {Cluster} was made by PostgreSQL {version}, but PostgreSQL {_binaries.Major} is installed ({_binaries.Folder}). " +
                $"Set ROOKERY_POSTGRES_BIN to the programs of PostgreSQL {version}; or, to move to {_binaries.Major}, dump it with those and restore into a new data folder.");
        }
    }

    /// <summary>Another program, or another Rookery that starts at the same moment, may take a port that was free when we looked.</summary>
    private async Task LaunchAsync(CancellationToken ct)
    {
        _progress("Starting the database …");
        var port = LoopbackPort.Free();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await TryLaunchAsync(port, ct);
                return;
            }
            catch (InvalidOperationException) when (attempt < LaunchAttempts && _log.SaysPortIsTaken)
            {
                port = LoopbackPort.Free(port + 1);
            }
        }
    }

    private async Task TryLaunchAsync(int port, CancellationToken ct)
    {
        _server = _server with { Port = port, SocketFolder = ServerFile.SocketFolderOf(_folder) };
        await _user.MakePrivateAsync(_server.SocketFolder, ct);
        _server.Write(_folder);
        Postmaster.ForgetDead(Cluster, _server.SocketFolder);
        _log.Begin();
        var options = string.Join(' ', Settings(_server).Select(s => $"-c {s.Key}={s.Value}"));
        var started = await _user.RunAsync(ct, _binaries.PgCtl, "start", "-D", ClusterName, "-W", "-l", ServerLog.Name, "-o", options);
        if (started.ExitCode != 0)
        {
            throw new InvalidOperationException($"The database could not be started:\n{started.Output}\n{_log.Tail()}");
        }

        await AwaitReadyAsync(ct);
    }

    /// <summary>Durable first: fsync and synchronous commit stay on. The rest is sized for a small machine that runs everything.</summary>
    private static IEnumerable<KeyValuePair<string, string>> Settings(ServerFile server) => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["listen_addresses"] = "127.0.0.1",
        ["port"] = server.Port.ToString(CultureInfo.InvariantCulture),
        ["unix_socket_directories"] = server.SocketFolder,
        ["fsync"] = "on",
        ["synchronous_commit"] = "on",
        ["max_connections"] = "200",
        ["shared_buffers"] = "256MB",
        ["max_wal_size"] = "2GB",
        ["checkpoint_timeout"] = "15min",
        ["wal_level"] = "minimal",
        ["max_wal_senders"] = "0",
        ["jit"] = "off",
        ["idle_in_transaction_session_timeout"] = "5min",
        ["log_startup_progress_interval"] = "1s",
        ["timezone"] = "UTC",
        ["log_timezone"] = "UTC",
    };

    private async Task AwaitReadyAsync(CancellationToken ct)
    {
        var started = TimeProvider.System.GetTimestamp();
        var told = TimeSpan.FromSeconds(2);
        while (true)
        {
            try
            {
                await using var connection = new NpgsqlConnection(_server.Connection("postgres") + ";Pooling=false;Timeout=5");
                await connection.OpenAsync(ct);
                return;
            }
            catch (PostgresException e) when (e.SqlState is "28P01" or "28000")
            {
                throw new InvalidOperationException($"The database in {Cluster} does not take the password in {ServerFile.PathIn(_folder)}.", e);
            }
            catch (NpgsqlException e)
            {
                var waited = TimeProvider.System.GetElapsedTime(started);
                if (waited > RecoveryLimit || (waited > TimeSpan.FromSeconds(3) && !Postmaster.IsRunning(Cluster)))
                {
                    throw new InvalidOperationException($"The database did not come up ({e.Message}).\n{_log.Tail()}", e);
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
        await using var find = new NpgsqlCommand($"select 1 from pg_database where datname = '{DatabaseName}'", connection);
        if (await find.ExecuteScalarAsync(ct) is null)
        {
            await using var create = new NpgsqlCommand($"create database {DatabaseName}", connection);
            await create.ExecuteNonQueryAsync(ct);
        }
    }
}
