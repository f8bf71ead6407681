using System.CommandLine;
using Rookery.Host.Cli.Doctor;
using Rookery.Kernel.Data;
using Rookery.Kernel.Startup;
using Spectre.Console;

namespace Rookery.Host.Cli;

/// <summary>
/// <c>rookery doctor</c>: looks at everything a server needs and says what to do about what is wrong.
/// </summary>
internal static class DoctorCommand
{
    public static Command Make()
    {
        var command = Verb.Make(
            "doctor", "Checks database, replica, clock, disk, keys, port, platforms and waiting work.", RunAsync);
        command.Add(Verb.Port);
        return command;
    }

    private static async Task<int> RunAsync(Invocation invocation, CancellationToken ct)
    {
        var folder = invocation.DataFolder;
        var findings = new List<Finding>();
        if (Directory.Exists(folder))
        {
            findings.Add(MachineChecks.Disk(folder));
        }

        var running = await MachineChecks.RunningAsync(folder, ct);
        findings.Add(running is null
            ? Finding.Warn("server", $"does not run in {folder}", "Start it: ./run")
            : Finding.Ok("server", $"answers at {running.Address}"));
        findings.Add(MachineChecks.Port(invocation.HasPort ? invocation.Port : running?.Address.Port ?? invocation.Port, running?.Address));
        var platforms = running?.Platforms ?? PlatformState.Of(Server.Declared<PlatformSwitch>(), invocation.Configuration);
        if (invocation.Primary is null && !EmbeddedPostgres.ExistsIn(folder))
        {
            findings.Add(Finding.Warn("database", $"none in {folder} yet", "The first start makes it: ./run"));
            findings.AddRange(platforms.Select(p => PlatformChecks.Settings(p)));
        }
        else
        {
            await LookAsync(invocation, findings, platforms, running is not null, ct);
        }

        var table = new Table().AddColumns("", "", "", "cure");
        foreach (var f in findings)
        {
            var color = f.Health switch { Health.Ok => Color.Green, Health.Warn => Color.Yellow, _ => Color.Red };
            table.AddRow(
                new Text(f.What),
                new Text(f.Health.ToString().ToLowerInvariant(), color),
                new Text(f.Said),
                new Text(f.Cure ?? ""));
        }

        Verb.Print(table);
        return findings.Exists(f => f.Health == Health.Fail) ? 1 : 0;
    }

    private static async Task LookAsync(
        Invocation invocation, List<Finding> findings, IReadOnlyList<PlatformState> platforms, bool runs, CancellationToken ct)
    {
        VerbDatabase database;
        try
        {
            database = await VerbDatabase.OpenAsync(invocation, ct);
        }
        catch (InvalidOperationException e)
        {
            findings.Add(Finding.Fail("database", e.Message, "See the cure in the message."));
            return;
        }

        await using (database)
        {
            var checks = new DatabaseChecks(database.Db, Server.MigratorOf(database.Source), TimeProvider.System);
            if (!await TryAsync(findings, "database", checks.ServerAsync, ct))
            {
                return;
            }

            await TryAsync(findings, "clock", checks.ClockAsync, ct);
            if (invocation.Replica is { } replica)
            {
                await using var source = Server.Source(replica, "rookery-cli");
                await TryAsync(findings, "replica", t => DatabaseChecks.ReplicaAsync(new Database(source), t), ct);
            }

            await TryAsync(findings, "migrations", checks.MigrationsAsync, ct);
            if (findings[^1].Health != Health.Ok)
            {
                // What follows speaks of tables that may not be there yet.
                return;
            }

            await TryAsync(findings, "structure", checks.DriftAsync, ct);
            await TryAsync(
                findings,
                "key ring",
                async t =>
                    MachineChecks.Keys(DataFolder.KeyRingOf(invocation.DataFolder), await checks.KeysInUseAsync(t)),
                ct);
            await TryAsync(findings, "outbox", checks.OutboxAsync, ct);
            await TryAsync(findings, "timers", checks.TimersAsync, ct);
            await TryAsync(findings, "slack tokens", checks.SlackTokensAsync, ct);
            var platformChecks = new PlatformChecks(database.Db);
            foreach (var platform in platforms)
            {
                await TryAsync(findings, platform.Name, t => platformChecks.LookAsync(platform, runs, t), ct);
            }
        }
    }

    /// <returns>False when the database could not be asked.</returns>
    private static async Task<bool> TryAsync(
        List<Finding> findings, string what, Func<CancellationToken, Task<Finding>> check, CancellationToken ct)
    {
        try
        {
            findings.Add(await check(ct));
            return true;
        }
        catch (Exception e) when (e is StorageUnavailableException or Npgsql.NpgsqlException)
        {
            var why = e.InnerException?.Message ?? e.Message;
            findings.Add(
                Finding.Fail(what, why, "Start that server, or correct its connection string (ConnectionStrings__Primary, ConnectionStrings__Replica)."));
            return false;
        }
    }
}
