using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Npgsql;
using Rookery.Kernel.Data;

namespace Rookery.Bench.Platforms;

/// <summary>
/// <c>bench platforms</c>: people talk on three simulated platforms that misbehave, with two servers of which one or the
/// other is killed again and again; then everything that was said is looked for.
/// </summary>
internal static class PlatformsBench
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(5);

    private const string HastenReminders =
        """
        with hastened as (
            update kernel.timers set due_at = created_at + interval '3 seconds', next_try_at = created_at + interval '3 seconds'
            where kind = 'memories.reminder' and due_at > created_at + interval '1 minute' returning 1)
        select count(*) from hastened
        """;

    private static readonly Option<double> Minutes =
        new("--minutes") { DefaultValueFactory = _ => 10, Description = "How long people talk." };

    public static Command Make()
    {
        var command = new Command("platforms", "Two servers, three platforms, trouble, and kills; looks for every command and post.") { Minutes };
        command.SetAction(async (parsed, ct) =>
        {
            var result = await RunAsync(
                TimeSpan.FromMinutes(parsed.GetValue(Minutes)), TimeSpan.FromSeconds(15), ServerProcess.Release, Console.Error.WriteLine, ct);
            Console.WriteLine(JsonSerializer.Serialize(result));
            return result.Clean ? 0 : 1;
        });
        return command;
    }

    /// <param name="killEvery">On average.</param>
    public static async Task<PlatformsResult> RunAsync(
        TimeSpan length, TimeSpan killEvery, string program, Action<string> tell, CancellationToken ct)
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
            using var nodes = new Nodes(program, folder, address, stage.Settings);
            await PrepareAsync(nodes, stage, database, ct);
            var people = new People(stage);
            var trouble = new Trouble(stage);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
            stop.CancelAfter(length);
            var talk = people.TalkAsync(stop.Token, ct);
            var troubles = trouble.MakeAsync(stop.Token);
            var watch = WatchAsync(database, stop.Token);
            var kills = await KillAsync(nodes, killEvery, people, tell, stop.Token, ct);
            await troubles;
            trouble.End();
            await talk;
            tell($"{people.Said.Count} lines, {trouble.Count} troubles and {kills} kills later: waiting for what is under way.");
            var pending = await SettleAsync(database, ct);
            return await new Verdict(database, stage, people).JudgeAsync(
                Known(stage, kills, trouble.Count, await watch, pending), ct);
        }
        finally
        {
            await postgres.StopAsync(CancellationToken.None);
        }
    }

    /// <summary>Ready when everything has its holder and the session at Discord is noted, so that whoever comes next resumes it.</summary>
    private static async Task PrepareAsync(Nodes nodes, Stage stage, NpgsqlDataSource database, CancellationToken ct)
    {
        await nodes.StartAsync(0, ct);
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
        await nodes.SetUpAsync(stage, ct);
        var channels = stage.Channels["twitch"].Length;
        await UntilAsync(
            async () => await CountAsync(
                database,
                "select count(*) from kernel.coordination where claimed_by is not null and (metadata -> 'session' ->> 'sequence')::int > 0",
                ct) == 1
                && stage.Twitch.Events.Enabled.Count(s => s.Type == "channel.chat.message") >= channels
                && stage.Slack.Sockets == 2,
            "all platforms are connected",
            ct);
    }

    /// <returns>How often a server was killed.</returns>
    private static async Task<int> KillAsync(
        Nodes nodes, TimeSpan every, People people, Action<string> tell, CancellationToken stop, CancellationToken ct)
    {
        for (var kills = 0; ; kills++)
        {
            await Task.Delay(every * (0.6 + (0.8 * Random.Shared.NextDouble())), stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ct.ThrowIfCancellationRequested();
            if (stop.IsCancellationRequested)
            {
                return kills;
            }

            var node = Random.Shared.Next(2);
            nodes.Kill(node);
            tell($"Node {node} is killed; {people.Said.Count} lines so far.");
            await Task.Delay(Random.Shared.Next(500, 4000), ct);
            await nodes.StartAsync(node, ct);
        }
    }

    /// <summary>Also lets reminders come at once: the soonest that can be had is in a minute.</summary>
    /// <returns>How many times something was held by two.</returns>
    private static async Task<int> WatchAsync(NpgsqlDataSource database, CancellationToken stop)
    {
        var twice = 0L;
        while (!stop.IsCancellationRequested)
        {
            twice += await CountAsync(
                database,
                """
                select count(*) from (
                    select from kernel.coordination where claimed_by is not null
                    group by platform, server_id, channel_id having count(*) > 1) d
                """,
                CancellationToken.None);
            await CountAsync(database, HastenReminders, CancellationToken.None);
            await Task.Delay(200, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return (int)twice;
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

    private static PlatformsResult Known(Stage stage, int kills, int troubles, int heldTwice, long pending) => new()
    {
        Kills = kills,
        Troubles = troubles,
        HeldTwice = heldTwice,
        StillPending = pending,
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
