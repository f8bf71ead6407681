using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Npgsql;

namespace Rookery.Kernel.Data;

/// <summary>
/// A PostgreSQL of our own under the data folder, for those who have none: made at the first start, started and stopped
/// with the host, adopted when the host was killed and left it running. Reached by unix socket and on loopback.
/// </summary>
public sealed class EmbeddedPostgres
{
    private const string User = "rookery";
    private const string DatabaseName = "rookery";
    private const int FirstPort = 55432;
    private const int LongestSocketFolder = 80;
    private static readonly TimeSpan RecoveryLimit = TimeSpan.FromMinutes(30);

    private readonly string _folder;
    private readonly PostgresBinaries _binaries;
    private readonly UnprivilegedUser _user;
    private readonly Action<string> _progress;
    private ServerFile _server;

    private EmbeddedPostgres(string folder, PostgresBinaries binaries, UnprivilegedUser user, ServerFile server, Action<string> progress)
    {
        _folder = folder;
        _binaries = binaries;
        _user = user;
        _server = server;
        _progress = progress;
    }

    /// <summary>Over the unix socket.</summary>
    public string ConnectionString => Connection(_server, DatabaseName);

    private string Cluster => Path.Combine(_folder, "cluster");

    private string Log => Path.Combine(_folder, "server.log");

    /// <summary>Starts the server in <paramref name="dataFolder"/>, making the cluster first if there is none, and waits until it answers.</summary>
    /// <param name="progress">Told of every step that takes time.</param>
    /// <exception cref="InvalidOperationException">It cannot be started; says why and what to do.</exception>
    public static async Task<EmbeddedPostgres> StartAsync(string dataFolder, Action<string> progress, CancellationToken ct)
    {
        var folder = Path.Combine(Path.GetFullPath(dataFolder), "postgres");
        var binaries = PostgresBinaries.Find();
        var user = await UnprivilegedUser.ChooseAsync(binaries.InitDb, ct);
        Directory.CreateDirectory(folder);
        var server = ReadServerFile(folder);
        var postgres = new EmbeddedPostgres(folder, binaries, user, server ?? new ServerFile(0, NewPassword(), SocketFolder(folder)), progress);
        if (server is null)
        {
            await postgres.MakeClusterAsync(ct);
        }

        postgres.CheckVersion();
        if (!await postgres.IsRunningAsync(ct))
        {
            await postgres.LaunchAsync(ct);
        }

        await postgres.AwaitReadyAsync(ct);
        await postgres.EnsureDatabaseAsync(ct);
        return postgres;
    }

    /// <summary>The connection of a server that another process runs in this data folder; null when none was ever started there.</summary>
    public static string? ConnectionStringOf(string dataFolder) =>
        ReadServerFile(Path.Combine(Path.GetFullPath(dataFolder), "postgres")) is { Port: > 0 } server ? Connection(server, DatabaseName) : null;

    /// <summary>Starts the server again if it stopped by itself.</summary>
    /// <returns>True when it had to be started.</returns>
    public async Task<bool> ReviveAsync(CancellationToken ct)
    {
        if (await IsRunningAsync(ct))
        {
            return false;
        }

        await LaunchAsync(ct);
        await AwaitReadyAsync(ct);
        return true;
    }

    public async Task StopAsync(CancellationToken ct)
    {
        NpgsqlConnection.ClearAllPools();
        if ((await _user.RunAsync(ct, _binaries.PgCtl, "stop", "-D", Cluster, "-m", "fast", "-w", "-t", "3")).ExitCode != 0)
        {
            // What is committed is on disk; the next start replays the log.
            await _user.RunAsync(ct, _binaries.PgCtl, "stop", "-D", Cluster, "-m", "immediate", "-w", "-t", "2");
        }
    }

    private async Task MakeClusterAsync(CancellationToken ct)
    {
        _progress("Making the database (first start only) …");
        if (Directory.Exists(Cluster))
        {
            // Without its server file the cluster never came to hold anything: it was being made when we were stopped.
            Directory.Delete(Cluster, recursive: true);
        }

        var passwordFile = Path.Combine(_folder, "password.tmp");
        await File.WriteAllTextAsync(passwordFile, _server.Password, ct);
        await _user.OwnAsync(_folder, ct);
        string[] locale = _binaries.Major >= 17 ? ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"] : ["--locale=C.UTF-8"];
        var made = await _user.RunAsync(
            ct,
            [_binaries.InitDb, "-D", Cluster, "-U", User, $"--pwfile={passwordFile}", "-A", "scram-sha-256", "-E", "UTF8", "--no-instructions", .. locale]);
        File.Delete(passwordFile);
        if (made.ExitCode != 0)
        {
            throw new InvalidOperationException($"The database could not be made:\n{made.Output}");
        }

        await WriteServerFileAsync(ct);
    }

    private void CheckVersion()
    {
        var version = File.ReadAllText(Path.Combine(Cluster, "PG_VERSION")).Trim();
        if (version != _binaries.Major.ToString(CultureInfo.InvariantCulture))
        {
            throw new InvalidOperationException(
                $"The database in {Cluster} was made by PostgreSQL {version}, but PostgreSQL {_binaries.Major} is installed ({_binaries.Folder}). " +
                $"Set ROOKERY_POSTGRES_BIN to the programs of PostgreSQL {version}; or, to move to {_binaries.Major}, dump it with those and restore into a new data folder.");
        }
    }

    private async Task<bool> IsRunningAsync(CancellationToken ct) =>
        (await _user.RunAsync(ct, _binaries.PgCtl, "status", "-D", Cluster)).ExitCode == 0;

    private async Task LaunchAsync(CancellationToken ct)
    {
        _progress("Starting the database …");
        _server = _server with { Port = FreePort(), SocketFolder = SocketFolder(_folder) };
        Directory.CreateDirectory(_server.SocketFolder);
        await _user.OwnAsync(_server.SocketFolder, ct);
        await WriteServerFileAsync(ct);
        var options = string.Join(' ', Settings(_server).Select(s => $"-c {s.Key}={s.Value}"));
        var started = await _user.RunAsync(ct, _binaries.PgCtl, "start", "-D", Cluster, "-W", "-l", Log, "-o", options);
        if (started.ExitCode != 0)
        {
            throw new InvalidOperationException($"The database could not be started:\n{started.Output}\n{LogTail()}");
        }
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
                await using var connection = new NpgsqlConnection(Connection(_server, "postgres") + ";Pooling=false;Timeout=5");
                await connection.OpenAsync(ct);
                return;
            }
            catch (PostgresException e) when (e.SqlState is "28P01" or "28000")
            {
                throw new InvalidOperationException($"The database in {Cluster} does not take the password in {ServerFilePath(_folder)}.", e);
            }
            catch (NpgsqlException e)
            {
                var waited = TimeProvider.System.GetElapsedTime(started);
                if (waited > RecoveryLimit || (waited > TimeSpan.FromSeconds(3) && !await IsRunningAsync(ct)))
                {
                    throw new InvalidOperationException($"The database did not come up ({e.Message}).\n{LogTail()}", e);
                }

                if (waited > told)
                {
                    told = waited + TimeSpan.FromSeconds(2);
                    _progress($"The database recovers from a crash … {waited.TotalSeconds:0} s");
                }

                await Task.Delay(50, ct);
            }
        }
    }

    private async Task EnsureDatabaseAsync(CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection(Connection(_server, "postgres") + ";Pooling=false");
        await connection.OpenAsync(ct);
        await using var find = new NpgsqlCommand($"select 1 from pg_database where datname = '{DatabaseName}'", connection);
        if (await find.ExecuteScalarAsync(ct) is null)
        {
            await using var create = new NpgsqlCommand($"create database {DatabaseName}", connection);
            await create.ExecuteNonQueryAsync(ct);
        }
    }

    private string LogTail() => File.Exists(Log) ? string.Join('\n', File.ReadLines(Log).TakeLast(10)) : "";

    private async Task WriteServerFileAsync(CancellationToken ct)
    {
        var path = ServerFilePath(_folder);
        await File.WriteAllTextAsync(path, JsonSerializer.Serialize(_server), ct);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    private static ServerFile? ReadServerFile(string folder) =>
        File.Exists(ServerFilePath(folder)) ? JsonSerializer.Deserialize<ServerFile>(File.ReadAllText(ServerFilePath(folder))) : null;

    private static string ServerFilePath(string folder) => Path.Combine(folder, "server.json");

    private static string NewPassword() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));

    /// <summary>Socket paths are limited to about 107 bytes, so a deep data folder gets a short one elsewhere.</summary>
    private static string SocketFolder(string folder)
    {
        var inside = Path.Combine(folder, "run");
        return Encoding.UTF8.GetByteCount(inside) <= LongestSocketFolder && !inside.Contains(' ', StringComparison.Ordinal)
            ? inside
            : Path.Combine("/tmp", $"rookery-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(folder)))[..12]}");
    }

    private static int FreePort()
    {
        for (var port = FirstPort; port < FirstPort + 200; port++)
        {
            try
            {
                using var probe = new TcpListener(IPAddress.Loopback, port);
                probe.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
        }

        throw new InvalidOperationException($"No port from {FirstPort} to {FirstPort + 199} is free for the database.");
    }

    private static string Connection(ServerFile server, string database) => new NpgsqlConnectionStringBuilder
    {
        Host = server.SocketFolder,
        Port = server.Port,
        Username = User,
        Password = server.Password,
        Database = database,
    }.ConnectionString;

    private sealed record ServerFile(int Port, string Password, string SocketFolder);
}
