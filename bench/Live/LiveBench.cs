using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Rookery.Bench.Load;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;

namespace Rookery.Bench.Live;

/// <summary>How fast one stream is told to all who follow it, and what others notice of that.</summary>
/// <param name="CallsPerSecond">What Discord takes; 10 000: as many as come.</param>
/// <param name="WebhookMs">Until the webhook of the one stream is answered.</param>
/// <param name="DurableMs">From the webhook's answer until every guild has its row and its post is in the outbox.</param>
/// <param name="BesidePgBench">Rows made durable a second (two a guild) beside pgbench with 16 connections.</param>
/// <param name="BusyWebhookP50Ms">
/// Of webhooks while the first stream's posts are sent, another's that all follow are written, and a small one begins every 40 ms.
/// </param>
/// <param name="BusyDurableMs">Of that other stream.</param>
/// <param name="AnswerMs">Until an answer that is put into the outbox among the posts is said, the slowest.</param>
internal sealed record LiveResult(
    string Commit,
    int Guilds,
    int CallsPerSecond,
    double WebhookMs,
    double DurableMs,
    double BesidePgBench,
    double BusyWebhookP50Ms,
    double BusyWebhookMaxMs,
    double BusyDurableMs,
    int Posts,
    double PostsPerSecond,
    double AnswerMedianMs,
    double AnswerMs,
    string Load);

/// <summary>
/// <c>bench live</c>: a stream begins that ten thousand guilds follow, with a real server between the simulated Twitch and Discord;
/// with <c>--kills</c> the server is killed meanwhile, and every guild's post is looked for.
/// </summary>
internal static class LiveBench
{
    private const int Answers = 20;

    private static readonly Option<int> Guilds = new("--guilds") { DefaultValueFactory = _ => 10_000 };

    private static readonly Option<int> Kills = new("--kills") { DefaultValueFactory = _ => 0 };

    private static readonly Option<double> Fail = new("--fail")
    {
        DefaultValueFactory = _ => 0,
        Description = "Share of the calls to Discord that fail, from 0 to 1.",
    };

    private static readonly Option<int[]> Calls = new("--calls-per-second")
    {
        DefaultValueFactory = _ => [10_000, 50],
        Description = "What Discord takes and the server knows of; 10000: as many as come.",
    };

    private static readonly Option<int> Seconds = new("--seconds")
    {
        DefaultValueFactory = _ => 30,
        Description = "How long posts are counted at most.",
    };

    public static Command Make()
    {
        var command = new Command("live", "A stream begins that many guilds follow: how fast they are told, and whether each is once.")
        {
            Guilds, Kills, Fail, Calls, Seconds,
        };
        command.SetAction(async (parsed, ct) =>
        {
            var guilds = parsed.GetValue(Guilds);
            if (parsed.GetValue(Kills) is > 0 and var kills)
            {
                var chaos = await LiveChaos.RunAsync(
                    guilds, kills, parsed.GetValue(Fail), ServerProcess.Release, Console.Error.WriteLine, ct);
                Console.WriteLine(JsonSerializer.Serialize(chaos));
                return chaos.Clean ? 0 : 1;
            }

            foreach (var calls in parsed.GetValue(Calls)!)
            {
                Console.WriteLine(JsonSerializer.Serialize(
                    await RunAsync(guilds, calls, TimeSpan.FromSeconds(parsed.GetValue(Seconds)), Console.Error.WriteLine, ct)));
            }

            return 0;
        });
        return command;
    }

    /// <summary>A database server of its own and a fresh database in it, while it is needed.</summary>
    public static async Task<T> WithDatabaseAsync<T>(Action<string> tell, Func<string, string, Task<T>> work, CancellationToken ct)
    {
        var folder = Path.Combine(Repository.Root, "artifacts", "live");
        Directory.CreateDirectory(folder);
        var postgres = await EmbeddedPostgres.StartAsync(folder, tell, ct);
        try
        {
            return await work(folder, await BenchDatabase.FreshAsync(postgres.ConnectionString, "live", ct));
        }
        finally
        {
            await postgres.StopAsync(CancellationToken.None);
        }
    }

    private static Task<LiveResult> RunAsync(int guilds, int calls, TimeSpan length, Action<string> tell, CancellationToken ct) => WithDatabaseAsync(
        tell,
        async (folder, address) =>
        {
            await using var stage = await LiveStage.StartAsync(ServerProcess.Release, folder, address, guilds, calls, ct);
            var reference = await PgBench.RunAsync(address, 16, TimeSpan.FromSeconds(3), ct);
            foreach (var streamer in LiveStage.Small.Take(LiveStage.SmallStreamers / 2))
            {
                await stage.BeginAsync(streamer, ct);
            }

            await stage.UntilAsync(() => DoneAsync(stage, ct), "the small streams are told", ct);
            foreach (var streamer in LiveStage.Middling)
            {
                await stage.BeginAsync(streamer, ct);
            }

            // Sent to the end, and compiled as it is in a server that has run for days.
            await stage.UntilAsync(() => DoneAsync(stage, ct), "the middling streams are told", ct);
            tell($"{guilds} guilds follow; the stream begins.");
            var before = stage.Discord.Ledger.All.Count;
            var webhook = await stage.BeginAsync(LiveStage.Star, ct);
            var told = Stopwatch.GetTimestamp();
            var alone = await DurableAsync(stage, LiveStage.Star, guilds, told, ct);

            tell("Another begins while its posts are sent.");
            var webhooks = new Latencies();
            var slowest = TimeSpan.Zero;
            Add(await stage.BeginAsync(LiveStage.OtherStar, ct));
            var durable = DurableAsync(stage, LiveStage.OtherStar, guilds, Stopwatch.GetTimestamp(), ct);
            foreach (var streamer in LiveStage.Small.Skip(LiveStage.SmallStreamers / 2))
            {
                Add(await stage.BeginAsync(streamer, ct));
                await Task.Delay(40, ct);
            }

            var busy = await durable;
            var answers = await AnswersAsync(stage, ct);
            await Task.WhenAny(
                stage.UntilAsync(async () => Posts() >= 2 * guilds && await DoneAsync(stage, ct), "all posts", ct, TimeSpan.FromHours(1)),
                Task.Delay(length - Stopwatch.GetElapsedTime(told) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero, ct));
            var (first, last, posts) = Span(stage, before);
            return new LiveResult(
                Repository.Commit,
                guilds,
                calls,
                Round(webhook.TotalMilliseconds),
                Round(alone.TotalMilliseconds),
                reference is { } tps ? Math.Round(2 * guilds / alone.TotalSeconds / tps, 2) : 0,
                Round(webhooks.Quantile(0.5)),
                Round(slowest.TotalMilliseconds),
                Round(busy.TotalMilliseconds),
                posts,
                Round(posts / Math.Max(0.001, (last - first).TotalSeconds)),
                answers[answers.Count / 2],
                answers[^1],
                (await File.ReadAllTextAsync("/proc/loadavg", ct)).Split(' ')[0]);

            int Posts() => stage.Discord.Ledger.All.Count - before;

            void Add(TimeSpan time)
            {
                webhooks.Add((long)(time.TotalSeconds * Stopwatch.Frequency));
                slowest = time > slowest ? time : slowest;
            }
        },
        ct);

    private static async Task<TimeSpan> DurableAsync(LiveStage stage, string streamer, int guilds, long since, CancellationToken ct)
    {
        await stage.UntilAsync(
            async () => await stage.CountAsync(
                $"""
                select count(*) from live.broadcasts b join live.streamers s on s.id = b.streamer_id
                where s.twitch_broadcaster_id = '{streamer}' and b.posted_at is not null
                """,
                ct) == 1,
            "all rows",
            ct);
        var time = Stopwatch.GetElapsedTime(since);
        var rows = await stage.CountAsync(
            $"""
            select count(*) from live.notification_log l join live.streamers s on s.id = l.streamer_id
                join kernel.outbox o on o.idempotency_key = l.outbox_key
            where s.twitch_broadcaster_id = '{streamer}'
            """,
            ct);
        return rows == guilds ? time : throw new InvalidOperationException($"{rows} of {guilds} guilds have their rows.");
    }

    /// <returns>Milliseconds until each was said, in order.</returns>
    private static async Task<List<double>> AnswersAsync(LiveStage stage, CancellationToken ct)
    {
        var times = new List<double>();
        var (outbox, database) = (new Outbox(TimeProvider.System), new Database(stage.Database));
        for (var i = 0; i < Answers; i++)
        {
            var channel = new ChannelId(Platform.Discord, "1", $"8{i:d17}");
            var message = new SendMessage(channel, new ModuleResponse("bench", true, "chat", ChatMessage: $"answer {i}."))
            {
                NotAfter = TimeProvider.System.GetUtcNow().AddMinutes(1),
            };
            var started = Stopwatch.GetTimestamp();
            await outbox.AddAsync(database.Write, $"answer:{i}", "discord", 1, channel.ToString(), message, ct);
            await stage.UntilAsync(() => Task.FromResult(stage.Discord.Ledger.All.Any(e => e.Channel == channel.Channel)), "an answer", ct);
            times.Add(Round(Stopwatch.GetElapsedTime(started).TotalMilliseconds));
        }

        return [.. times.Order()];
    }

    /// <summary>Of the posts that came by now.</summary>
    private static (DateTimeOffset First, DateTimeOffset Last, int Posts) Span(LiveStage stage, int before)
    {
        var said = stage.Discord.Ledger.After(before);
        return (said[0].At, said[^1].At, said.Count);
    }

    private static async Task<bool> DoneAsync(LiveStage stage, CancellationToken ct) => await stage.CountAsync(
        "select (select count(*) from kernel.outbox where status = 'pending') + (select count(*) from live.broadcasts where posted_at is null)", ct) == 0;

    private static double Round(double number) => Math.Round(number, 1);
}
