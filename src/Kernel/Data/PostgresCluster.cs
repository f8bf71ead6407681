using System.Globalization;

namespace Rookery.Kernel.Data;

/// <summary>The files of the embedded server: how they are made, checked and opened.</summary>
internal static class PostgresCluster
{
    // Programs run in the folder and get names without a path, since pg_ctl hands them to a shell that would read a $ in one.
    public const string Name = "cluster";

    public static string In(string folder) => Path.Combine(folder, Name);

    /// <summary>
    /// Makes the cluster beside its place and moves it there, so that what stands in the place is always whole.
    /// </summary>
    public static async Task MakeAsync(
        string folder, PostgresBinaries binaries, UnprivilegedUser user, ServerFile server, CancellationToken ct)
    {
        const string Beside = Name + ".new";
        const string PasswordName = "password.tmp";
        var (beside, passwordFile) = (Path.Combine(folder, Beside), Path.Combine(folder, PasswordName));
        if (Directory.Exists(beside))
        {
            Directory.Delete(beside, recursive: true);
        }

        await File.WriteAllTextAsync(passwordFile, server.Password, ct);
        await user.MakePrivateAsync(folder, ct);
        string[] locale = binaries.Major >= 17
            ? ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
            : ["--locale=C.UTF-8"];
        var made = await user.RunAsync(
            ct,
            [
                binaries.InitDb, "-D", Beside, "-U", ServerFile.User, $"--pwfile={PasswordName}",
                "-A", "scram-sha-256", "-E", "UTF8", "--no-instructions", .. locale,
            ]);
        File.Delete(passwordFile);
        if (made.ExitCode != 0)
        {
            throw new InvalidOperationException($"The database could not be made:\n{made.Output}");
        }

        server.Write(folder);
        Directory.Move(beside, In(folder));
    }

    /// <exception cref="InvalidOperationException">It cannot be used as it is; says what to do.</exception>
    public static void Check(string folder, PostgresBinaries binaries)
    {
        var cluster = In(folder);
        if (!File.Exists(ServerFile.PathIn(folder)))
        {
            throw new InvalidOperationException(
                $"{cluster} holds a database, but {ServerFile.PathIn(folder)} with its password is missing. " +
                $"Put that file back from your backup, or move {folder} away to start with an empty database.");
        }

        var version = File.ReadAllText(Path.Combine(cluster, "PG_VERSION")).Trim();
        if (version != binaries.Major.ToString(CultureInfo.InvariantCulture))
        {
            throw new InvalidOperationException(
                $"The database in {cluster} was made by PostgreSQL {version}, but PostgreSQL {binaries.Major} is installed ({binaries.Folder}). " +
                $"Set ROOKERY_POSTGRES_BIN to the programs of PostgreSQL {version}; or, to move to {binaries.Major}, dump it with those and restore into a new data folder.");
        }
    }

    /// <summary>
    /// Durable first: fsync and synchronous commit stay on. The rest is sized for a small machine that runs everything.
    /// </summary>
    /// <param name="listen">Addresses beside the socket; may be empty.</param>
    public static IEnumerable<KeyValuePair<string, string>> Settings(ServerFile server, string listen) =>
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["listen_addresses"] = listen,
            ["port"] = server.Port.ToString(CultureInfo.InvariantCulture),
            ["unix_socket_directories"] = server.SocketFolder,
            ["fsync"] = "on",
            ["synchronous_commit"] = "on",
            ["max_connections"] = "300",
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
}
