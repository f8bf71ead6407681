using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Npgsql;
using Rookery.Kernel.Data;

namespace Rookery.Bench.Platforms;

/// <summary>
/// <c>bench platforms</c>: people talk on three simulated platforms that misbehave, with two servers of which one or the
/// other is killed or frozen again and again; then everything that was said is looked for.
/// </summary>
internal static class PlatformsBench
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(5);

    private const string All = "all";

    private const string HastenReminders =
        """
        with hastened as (
            update kernel.timers set due_at = created_at + interval '3 seconds', next_try_at = created_at + interval '3 seconds'
            where kind = 'memories.reminder' and due_at > created_at + interval '1 minute' returning 1)
        select count(*) from hastened
        """;

    private static readonly Option<double> Minutes =
        new("--minutes") { DefaultValueFactory = _ => 10, Description = "How long people talk, all in all." };

    private static readonly Option<string> Which = new("--transports")
    {
        DefaultValueFactory = _ => "all",
        Description = "sockets, webhooks, irc (webhooks, but Twitch's talk over IRC), or all, one after the other.",
    };

    public static Command Make()
    {
        Which.AcceptOnlyFromAmong([All, .. Enum.GetValues<Transports>().Select(t => t.Name())]);
        var command = new Command(
            "platforms", "Two servers, three platforms, trouble, kills and freezes; looks for every command and post.") { Minutes, Which };
        command.SetAction(async (parsed, ct) =>
        {
            var chosen = Enum.GetValues<Transports>().Where(t => parsed.GetValue(Which) is All || parsed.GetValue(Which) == t.Name()).ToList();
            var isClean = true;
            foreach (var transports in chosen)
            {
                var length = TimeSpan.FromMinutes(parsed.GetValue(Minutes)) / chosen.Count;
                var result = await RunAsync(
                    transports, length, TimeSpan.FromSeconds(15), ServerProcess.Release, Console.Error.WriteLine, ct);
                Console.WriteLine(JsonSerializer.Serialize(result));
                Console.Error.WriteLine(
                    $"{transports.Name()}: {(result.Clean ? "clean" : $"NOT CLEAN\n{string.Join('\n', result.Wrong)}")}");
                isClean &= result.Clean;
            }

            return isClean ? 0 : 1;
        });
        return command;
    }

    /// <param name="disturbEvery">How often a server is killed or frozen, on average.</param>
    public static async Task<PlatformsResult> RunAsync(
        Transports transports, TimeSpan length, TimeSpan disturbEvery, string program, Action<string> tell, CancellationToken ct)
    {
        var folder = Path.Combine(Repository.Root, "artifacts", "platforms");
        Directory.CreateDirectory(folder);
        var postgres = await EmbeddedPostgres.StartAsync(folder, tell, ct);
        try
        {
            var address = await BenchDatabase.FreshAsync(postgres.ConnectionString, "platforms", ct);
            await using var database = NpgsqlDataSource.Create(address);
            await using var stage = new Stage();
            await stage.StartAsync(ct);
            await using var door = new Door();
            await door.StartAsync(0, ct);
            using var nodes = new Nodes(program, folder, address, transports.Settings(stage, door.Address));
            door.Living = () => nodes.Living;
            await PrepareAsync(transports, nodes, door, stage, database, ct);
            tell($"{transports.Name()}: all platforms are connected; people talk for {length.TotalMinutes:0.#} minutes.");
            var people = new People(stage);
            var trouble = new Trouble(stage, door, transports);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
            stop.CancelAfter(length);
            var talk = people.TalkAsync(stop.Token, ct);
            var troubles = trouble.MakeAsync(stop.Token);
            var hastening = HastenAsync(database, stop.Token);
            var fate = new Fate(nodes, people, tell);
            await fate.StrikeAsync(disturbEvery, stop.Token, ct);
            await troubles;
            trouble.End();
            await talk;
            await hastening;
            tell($"{people.Said.Count} lines, {trouble.Count} troubles, {fate.Kills} kills and {fate.Freezes} freezes later: "
                + "waiting for what is under way.");
            var pending = await SettleAsync(database, ct);
            var known = await KnownAsync(database, transports, stage, ct) with
            {
                Minutes = length.TotalMinutes,
                Kills = fate.Kills,
                Freezes = fate.Freezes,
                Troubles = trouble.Count,
                StillPending = pending,
            };
            return await new Verdict(database, stage, people, transports).JudgeAsync(known, ct);
        }
        finally
        {
            await postgres.StopAsync(CancellationToken.None);
        }
    }

    /// <summary>Ready when everything has its holder and the session at Discord is noted, so that whoever comes next resumes it.</summary>
    private static async Task PrepareAsync(
        Transports transports, Nodes nodes, Door door, Stage stage, NpgsqlDataSource database, CancellationToken ct)
    {
        await nodes.StartAsync(0, ct);
        await ClaimAudit.BeginAsync(database, transports, ct);
        await nodes.StartAsync(1, ct);
        await CountAsync(
            database,
            $"""
            with made as (
                insert into moderation.stringmatch (string, match_type, action, warning_message, created_by)
                values ('{People.Forbidden}', 'word', 'block', 'That is not said here.', 'bench') returning 1)
            select count(*) from made
            """,
            ct);
        await Nodes.SetUpAsync(stage, door.Address, ct);
        await UntilAsync(
            async () => await CountAsync(
                database,
                "select count(*) from kernel.coordination where claimed_by is not null and (metadata -> 'session' ->> 'sequence')::int > 0",
                ct) == 1
                && transports.Stands(stage),
            "all platforms are connected",
            ct);
    }

    /// <summary>Lets reminders come at once: the soonest that can be had is in a minute.</summary>
    private static async Task HastenAsync(NpgsqlDataSource database, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await CountAsync(database, HastenReminders, CancellationToken.None);
            await Task.Delay(200, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <returns>What is still under way after some patience.</returns>
    private static async Task<long> SettleAsync(NpgsqlDataSource database, CancellationToken ct)
    {
        var (started, quietSince) = (Stopwatch.GetTimestamp(), Stopwatch.GetTimestamp());
        while (true)
        {
            await CountAsync(database, HastenReminders, ct);
            var pending = await CountAsync(
                database,
                """
                select (select count(*) from router.command_executions where status = 'pending')
                    + (select count(*) from kernel.outbox where status = 'pending')
                    + (select count(*) from kernel.timers where kind = 'memories.reminder')
                    + (select count(*) from discord.discord_events where not processed and error is null)
                    + (select count(*) from twitch.twitch_events where not processed and error is null)
                    + (select count(*) from slack.slack_events where not processed and error is null)
                """,
                ct);
            quietSince = pending > 0 ? Stopwatch.GetTimestamp() : quietSince;
            if (Stopwatch.GetElapsedTime(quietSince) > Quiet || Stopwatch.GetElapsedTime(started) > Patience)
            {
                return pending;
            }

            await Task.Delay(200, ct);
        }
    }

    private static async Task<PlatformsResult> KnownAsync(
        NpgsqlDataSource database, Transports transports, Stage stage, CancellationToken ct) => new()
        {
            Transports = transports.Name(),
            Minutes = 0,
            Kills = 0,
            Freezes = 0,
            Troubles = 0,
            StillPending = 0,
            Holds = await CountAsync(database, ClaimAudit.Holds, ct),
            HeldTwice = await CountAsync(database, ClaimAudit.HeldByTwo, ct),
            Effects = await CountAsync(database, ClaimAudit.Effects, ct),
            LateEffects = await CountAsync(database, ClaimAudit.LateEffects, ct),
            Identified = stage.Discord.Gateway.Identified,
            Resumed = stage.Discord.Gateway.Resumed,
            InvalidRequests = stage.Discord.Rest.Invalid,
        };

    private static async Task UntilAsync(Func<Task<bool>> isSo, string what, CancellationToken ct)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await isSo())
        {
            if (Stopwatch.GetElapsedTime(started) > Patience)
            {
                throw new InvalidOperationException($"This never came: {what}.");
            }

            await Task.Delay(200, ct);
        }
    }

    private static async Task<long> CountAsync(NpgsqlDataSource database, string sql, CancellationToken ct)
    {
#pragma warning disable CA2100 // Constants of this file.
        await using var command = database.CreateCommand(sql);
#pragma warning restore CA2100
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }
}
