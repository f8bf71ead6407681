using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Npgsql;
using Rookery.Bench.Load;
using Rookery.Kernel.Data;

namespace Rookery.Bench;

/// <summary>
/// <c>bench router</c>: durable commands and plain messages over HTTP against the built server, beside pgbench
/// inserting the same row into the same server in the same run.
/// </summary>
internal static class RouterBench
{
    private const int Channels = 1000;
    private const int Users = 5000;
    private const int Literals = 10_000;
    private const int Regexes = 100;
    private const int Many = 1024;

    private static readonly Option<int> Seconds =
        new("--seconds") { DefaultValueFactory = _ => 8, Description = "Length of each stretch." };
    private static readonly Option<int> Connections = new("--connections") { DefaultValueFactory = _ => 64 };
    private static readonly Option<int> Rounds = new("--rounds") { DefaultValueFactory = _ => 3 };
    private static readonly Option<string[]> Only =
        new("--only") { Description = "commands, effectful, plain, inprocess", AllowMultipleArgumentsPerToken = true };

    public static Command Make()
    {
        var command =
            new Command("router", "Durable commands and plain messages a second, beside pgbench.") { Seconds, Connections, Rounds, Only };
        command.SetAction(async (parsed, ct) => await RunAsync(
            new Plan(
                TimeSpan.FromSeconds(parsed.GetValue(Seconds)),
                parsed.GetValue(Connections),
                parsed.GetValue(Rounds),
                parsed.GetValue(Only) ?? []),
            ct));
        return command;
    }

    private static async Task RunAsync(Plan plan, CancellationToken ct)
    {
        var folder = Path.Combine(Repository.Root, "artifacts", "bench");
        Directory.CreateDirectory(folder);
        var postgres = await EmbeddedPostgres.StartAsync(folder, Console.Error.WriteLine, ct);
        try
        {
            var database = await BenchDatabase.FreshAsync(postgres.ConnectionString, "bench", ct);
            var lines = Messages.Lines().Where(l => l[0] is not ('!' or '#')).ToList();
            await OverHttpAsync(plan, database, folder, lines, ct);
            await InProcessAsync(plan, database, folder, lines, ct);
        }
        finally
        {
            await postgres.StopAsync(CancellationToken.None);
        }
    }

    private static async Task OverHttpAsync(
        Plan plan, string database, string folder, List<string> lines, CancellationToken ct)
    {
        using var server = await ServerProcess.StartAsync(ServerProcess.Release, folder, database, ct);
        Report("idle", new { rss_mib = server.RssMiB, startup_seconds = server.Startup.TotalSeconds });
        await AddRulesAsync(database, ct);
        var kinds = new (string What, string Option, List<byte[]> Requests, bool IsDurable)[]
        {
            ("commands", "commands", Requests(_ => "!ping"), true),
            ("commands, pending row first", "effectful", Requests(_ => "!help ping"), true),
            ("plain messages", "plain", Requests(i => lines[i % lines.Count]), false),
        };

        // Every channel once, so that what is measured is the running state and not the first sight of a thousand channels.
        await LoadRun.RunAsync(server, plan.Connections, kinds[0].Requests, TimeSpan.FromSeconds(8));
        for (var round = 1; round <= plan.Rounds; round++)
        {
            var reference = await PgBench.RunAsync(database, plan.Connections, plan.Length, ct);
            foreach (var kind in kinds.Where(k => plan.Wants(k.Option)))
            {
                var r = await LoadRun.RunAsync(server, plan.Connections, kind.Requests, plan.Length);
                var beside = kind.IsDurable ? reference : null;
                Report(kind.What, new
                {
                    round,
                    per_second = Math.Round(r.PerSecond),
                    p50_ms = r.P50Ms,
                    p95_ms = r.P95Ms,
                    p99_ms = r.P99Ms,
                    cpu_us_per_message = r.Cpu.Server,
                    database_cpu_us = r.Cpu.Database,
                    load_cpu_us = r.Cpu.Load,
                    failures = r.Failures,
                    pgbench_tps = beside is { } tps ? Math.Round(tps) : (double?)null,
                    ratio_to_pgbench = r.PerSecond / beside,
                    rss_mib = server.RssMiB,
                });
            }
        }
    }

    private static async Task InProcessAsync(
        Plan plan, string database, string folder, List<string> lines, CancellationToken ct)
    {
        if (!plan.Wants("inprocess"))
        {
            return;
        }

        await using var server = await InProcess.StartAsync(database, folder, ct);
        foreach (var (what, atOnce, text) in new (string, int, Func<int, string>)[]
        {
            ("commands, in process", plan.Connections, _ => "!ping"),
            ("commands, in process", Many, _ => "!ping"),
            ("plain messages, in process", plan.Connections, i => lines[i % lines.Count]),
        })
        {
            await server.EventsAsync(text, Channels, Users, atOnce, TimeSpan.FromSeconds(3));
            var rate = await server.EventsAsync(text, Channels, Users, atOnce, plan.Length);
            Report(what, new { at_once = atOnce, per_second = Math.Round(rate) });
        }

        Report("moderation alone", new { rules = Literals + Regexes, us_per_message = await server.ScreenAsync(lines) });
    }

    private static List<byte[]> Requests(Func<int, string> text) =>
        [.. Enumerable.Range(0, 20_000).Select(i => Messages.Request(ServerProcess.Key, text(i), i % Channels, i % Users, LoadRun.IdMark))];

    /// <summary>
    /// Global rules that real chat hardly ever meets, so that every message is searched for all of them.
    /// </summary>
    public static async Task AddRulesAsync(string database, CancellationToken ct)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(string.Create(CultureInfo.InvariantCulture, $"""
            insert into moderation.stringmatch (string, match_type, action, warning_message, created_by)
            select md5(i::text), case i % 3 when 0 then 'contains' when 1 then 'word' else 'exact' end, 'warn', 'no',
                'bench' from generate_series(1, {Literals}) i
            union all
            select 'spam' || i || '[a-z]+\d+', 'regex', 'warn', 'no', 'bench' from generate_series(1, {Regexes}) i
            """));
        await command.ExecuteNonQueryAsync(ct);
        await Task.Delay(1000, ct);
    }

    public static void Report(string what, object figures)
    {
        var json = JsonSerializer.SerializeToNode(figures)!.AsObject();
        json.Insert(0, "bench", what);
        json.Insert(1, "commit", Repository.Commit);
        Console.WriteLine(json.ToJsonString());
    }

    private sealed record Plan(TimeSpan Length, int Connections, int Rounds, string[] Only)
    {
        public bool Wants(string what) => Only.Length == 0 || Only.Contains(what, StringComparer.Ordinal);
    }
}
