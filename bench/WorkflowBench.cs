using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Rookery.Bench.Load;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Communities;
using Rookery.Kernel.Data;
using Rookery.Kernel.Expressions;
using Rookery.Kernel.Security;
using Rookery.Workflows;
using Rookery.Workflows.Api;
using Rookery.Workflows.Definition;
using Rookery.Workflows.Execution;
using Rookery.Workflows.Webhooks;

namespace Rookery.Bench;

/// <summary><c>bench workflow</c>: durable runs a second.</summary>
internal static class WorkflowBench
{
    private const string Short =
        """
        {"nodes":{
          "start":{"type":"trigger_webhook","label":"start","position":{"x":0,"y":0},"config":{"respond":"finished"}},
          "if":{"type":"condition_if","label":"if","position":{"x":1,"y":0},"config":{"condition":[{"variable":"payload.n","operator":"greater_than","value":10}]}},
          "set":{"type":"data_variable_set","label":"set","position":{"x":2,"y":0},"config":{"variables":{"twice":"{{ payload.n * 2 }}"}}},
          "end":{"type":"flow_end","label":"end","position":{"x":3,"y":0},"config":{"output_data":{"answer":"{{ twice }}"}}}},
         "connections":[{"id":"1","from":"start","from_port":"out","to":"if"},{"id":"2","from":"if","from_port":"true","to":"set"},{"id":"3","from":"set","from_port":"out","to":"end"}],
         "settings":{"max_parallel_executions":1000}}
        """;

    private const string Sleepy =
        """
        {"nodes":{
          "start":{"type":"trigger_webhook","label":"start","position":{"x":0,"y":0}},
          "wait":{"type":"action_delay","label":"wait","position":{"x":1,"y":0},"config":{"delay_variable":"payload.ms"}},
          "end":{"type":"flow_end","label":"end","position":{"x":2,"y":0}}},
         "connections":[{"id":"1","from":"start","from_port":"out","to":"wait"},{"id":"2","from":"wait","from_port":"out","to":"end"}],
         "settings":{"max_parallel_executions":1000}}
        """;

    private static readonly Option<int> Sleepers = new("--sleepers") { DefaultValueFactory = _ => 10_000, Description = "Runs that sleep at once; 0: none." };
    private static readonly Option<int> Seconds = new("--seconds") { DefaultValueFactory = _ => 8, Description = "Length of each round." };
    private static readonly Option<int> AtOnce = new("--at-once") { DefaultValueFactory = _ => 16 };
    private static readonly Option<int> Rounds = new("--rounds") { DefaultValueFactory = _ => 3 };

    public static Command Make()
    {
        var command = new Command("workflow", "Durable runs of workflows a second.") { Seconds, AtOnce, Rounds, Sleepers };
        command.SetAction(async (parsed, ct) =>
        {
            var folder = Path.Combine(Repository.Root, "artifacts", "bench");
            Directory.CreateDirectory(folder);
            var postgres = await EmbeddedPostgres.StartAsync(folder, Console.Error.WriteLine, ct);
            try
            {
                var database = await BenchDatabase.FreshAsync(postgres.ConnectionString, "workflow", ct);
                await OverHttpAsync(database, folder, parsed.GetValue(AtOnce), parsed.GetValue(Rounds), TimeSpan.FromSeconds(parsed.GetValue(Seconds)), ct);
                await using var server = await InProcess.StartAsync(database, folder, ct);
                var published = await PublishAsync(server, Short, ct);
                for (var round = 0; round <= parsed.GetValue(Rounds); round++)
                {
                    await RunAsync(server, published, round, parsed.GetValue(AtOnce), TimeSpan.FromSeconds(parsed.GetValue(Seconds)), ct);
                }

                if (parsed.GetValue(Sleepers) is > 0 and var sleepers)
                {
                    await SleepAsync(server, await PublishAsync(server, Sleepy, ct), sleepers, ct);
                }
            }
            finally
            {
                await postgres.StopAsync(CancellationToken.None);
            }
        });
        return command;
    }

    /// <summary>A program calls the webhook and is answered with what the run gave out, once its end is durable.</summary>
    private static async Task OverHttpAsync(string database, string folder, int connections, int rounds, TimeSpan length, CancellationToken ct)
    {
        var kinds = new (string What, byte[] Request)[]
        {
            ("workflow runs over http", Call(await WebhookAsync(database, folder, Short, ct))),
            ("workflow runs of 20 nodes over http", Call(await WebhookAsync(database, folder, Line(20), ct))),
        };
        using var server = await ServerProcess.StartAsync(ServerProcess.Release, folder, database, ct);
        await LoadRun.RunAsync(server, connections, [kinds[0].Request], TimeSpan.FromSeconds(8));
        for (var round = 1; round <= rounds; round++)
        {
            var reference = await PgBench.RunAsync(database, connections, length, ct);
            foreach (var (what, request) in kinds)
            {
                var r = await LoadRun.RunAsync(server, connections, [request], length);
                RouterBench.Report(what, new
                {
                    round,
                    per_second = Math.Round(r.PerSecond),
                    p50_ms = r.P50Ms,
                    p99_ms = r.P99Ms,
                    server_cpu_us = r.Cpu.Server,
                    database_cpu_us = r.Cpu.Database,
                    load_cpu_us = r.Cpu.Load,
                    failures = r.Failures,
                    pgbench_tps = reference is { } tps ? Math.Round(tps) : (double?)null,
                    rss_mib = Math.Round(server.RssMiB),
                });
            }
        }
    }

    private static byte[] Call(string token) => System.Text.Encoding.ASCII.GetBytes(
        $"POST /api/v1/webhooks/{token} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n{{\"n\":21}}");

    /// <summary>A definition that works out one thing after another.</summary>
    private static string Line(int nodes)
    {
        const string Node =
            """
            "NAME":{"type":"data_transform","label":"n","position":{"x":0,"y":0},"config":{"transformations":{"v":"default(v, payload.n) + 1"}}},
            """;
        const string Link =
            """
            {"id":"FROM","from":"nFROM","from_port":"out","to":"nTO"}
            """;
        var middle = string.Concat(Enumerable.Range(1, nodes - 2).Select(i => Put(Node, ("NAME", $"n{i}"))));
        var links = string.Join(',', Enumerable.Range(0, nodes - 1).Select(i => Put(Link, ("FROM", $"{i}"), ("TO", $"{i + 1}"))));
        const string Whole =
            """
            {"nodes":{"n0":{"type":"trigger_webhook","label":"start","position":{"x":0,"y":0},"config":{"respond":"finished"}}, MIDDLE
             "LAST":{"type":"flow_end","label":"end","position":{"x":0,"y":0},"config":{"output_data":{"v":"{{ v }}"}}}},
             "connections":[LINKS], "settings":{"max_parallel_executions":1000}}
            """;
        return Put(Whole, ("MIDDLE", middle), ("LAST", $"n{nodes - 1}"), ("LINKS", links));
    }

    private static string Put(string text, params (string Mark, string Value)[] values) =>
        values.Aggregate(text, (t, v) => t.Replace(v.Mark, v.Value, StringComparison.Ordinal));

    /// <summary>Publishes a workflow in the lobby and gives it a webhook that takes what comes.</summary>
    /// <returns>The token in its address.</returns>
    public static async Task<string> WebhookAsync(string database, string folder, string definition, CancellationToken ct)
    {
        await using var server = await InProcess.StartAsync(database, folder, ct);
        var (workflow, _) = await PublishAsync(server, definition, ct);
        var request = new WebhookRequest("Bench", null, null, RequireSignature: false, null, null, 1_000_000, 1);
        var bench = new Actor(new Caller(Guid.Empty, "bench", new HashSet<string>(StringComparer.Ordinal), null), null, null, null);
        return (await server.Get<WebhookStore>().CreateAsync(workflow.Community, workflow.WorkflowId, request, "", bench, ct)).Token;
    }

    private static async Task<(Published Workflow, Entity Entity)> PublishAsync(InProcess server, string text, CancellationToken ct)
    {
        var entity = await server.Get<EntityDirectory>().ResolveAsync(new ChannelId(Platform.Sandbox, null, "lobby"), ct);
        var document = JsonSerializer.Deserialize(text, WorkflowsJson.Default.WorkflowDocument)!;
        var store = server.Get<WorkflowStore>();
        var id = await server.Get<Database>().TransactionAsync(
            async t =>
            {
                var made = await store.CreateAsync(t, entity.CommunityId, WorkflowText.Of("Bench", null, entity.Id, document), "bench", ct);
                await store.PublishAsync(t, entity.CommunityId, made, "bench", ct);
                return made;
            },
            ct);
        return ((await server.Get<Definitions>().FindAsync(id, 1, ct))!, entity);
    }

    private static async Task RunAsync(
        InProcess server, (Published Workflow, Entity Entity) at, int round, int atOnce, TimeSpan length, CancellationToken ct)
    {
        var runner = server.Get<Runner>();
        var data = Value.Object(("payload", Value.Object(("n", 21))));
        var (cpu, allocated, started) = (Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes(), Stopwatch.GetTimestamp());
        using var types = new Allocations();
        var workers = await Task.WhenAll(Enumerable.Range(0, atOnce).Select(async _ =>
        {
            var latencies = new Latencies();
            while (Stopwatch.GetElapsedTime(started) < length)
            {
                var begun = Stopwatch.GetTimestamp();
                var run = await runner.StartAsync(new Start(at.Workflow, at.Entity, "webhook", data, null, "bench"), ct);
                await run.Ended!;
                latencies.Add(Stopwatch.GetTimestamp() - begun);
            }

            return latencies;
        }));
        var all = new Latencies();
        foreach (var worker in workers)
        {
            all.Add(worker);
        }

        var spent = Environment.CpuUsage.TotalTime - cpu;
        RouterBench.Report("workflow runs", new
        {
            round,
            at_once = atOnce,
            per_second = Math.Round(all.Count / Stopwatch.GetElapsedTime(started).TotalSeconds),
            p50_ms = all.Quantile(0.5),
            p99_ms = all.Quantile(0.99),
            cpu_us_per_run = Math.Round(spent.TotalMicroseconds / all.Count, 1),
            bytes_per_run = (GC.GetTotalAllocatedBytes() - allocated) / all.Count,
        });
        foreach (var (type, share) in types.Most(12))
        {
            Console.Error.WriteLine($"{share,7:P1} {type}");
        }
    }

    /// <summary>Many runs sleep at once, and wake over ten seconds.</summary>
    private static async Task SleepAsync(InProcess server, (Published Workflow, Entity Entity) at, int many, CancellationToken ct)
    {
        var (runner, db) = (server.Get<Runner>(), server.Get<Database>());
        var before = MemoryMiB();
        var started = Stopwatch.GetTimestamp();
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, 64).Select(async _ =>
        {
            while (Interlocked.Increment(ref next) is var i && i < many)
            {
                var wakes = TimeSpan.FromSeconds(30 + (10.0 * i / many)) - Stopwatch.GetElapsedTime(started);
                var data = Value.Object(("payload", Value.Object(("ms", (long)wakes.TotalMilliseconds))));
                await runner.StartAsync(new Start(at.Workflow, at.Entity, "webhook", data, null, "bench"), ct);
            }
        }));
        while (runner.Count > 0)
        {
            await Task.Delay(100, ct);
        }

        var asleep = MemoryMiB();
        while (await db.Write.ValueAsync<long>(
            $"select count(*) from workflows.workflow_executions where workflow_id = {at.Workflow.WorkflowId} and completed_at is null", ct) > 0)
        {
            await Task.Delay(500, ct);
        }

        var late = await db.Write.ListAsync(
            $"""
            select percentile_cont(array[0.5, 0.99, 1]) within group (order by extract(epoch from e.completed_at - n.started_at) * 1000 - (n.input_variables ->> 'delay_ms')::float8)
            from workflows.workflow_executions e join workflows.workflow_node_executions n using (execution_id)
            where e.workflow_id = {at.Workflow.WorkflowId} and n.node_id = 'wait' and e.status = 'success'
            """,
            r => r.GetFieldValue<double[]>(0),
            ct);
        RouterBench.Report("workflow sleepers", new
        {
            sleepers = many,
            asleep_mib = Math.Round(asleep - before, 1),
            late_p50_ms = Math.Round(late[0][0]),
            late_p99_ms = Math.Round(late[0][1]),
            late_most_ms = Math.Round(late[0][2]),
        });
    }

    private static double MemoryMiB()
    {
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return GC.GetTotalMemory(forceFullCollection: true) / 1048576.0;
    }
}
