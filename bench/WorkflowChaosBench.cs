using System.Collections.Concurrent;
using System.CommandLine;
using System.Globalization;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Rookery.Kernel.Data;

namespace Rookery.Bench;

/// <summary>What chaos with workflows found. Everything named "lost", "doubled" or "unfinished" must be zero.</summary>
internal sealed record WorkflowChaosResult
{
    public required int Kills { get; init; }

    /// <summary>Starts the server said yes to.</summary>
    public required int Accepted { get; init; }

    public required long RunsLost { get; init; }

    public required long RunsDoubled { get; init; }

    public required long Unfinished { get; init; }

    public required long Failed { get; init; }

    /// <summary>Calls that harm when they come twice (POST), found at the target.</summary>
    public required int Calls { get; init; }

    public required int CallsDoubled { get; init; }

    /// <summary>Not found there, though the run does not say that it is not known.</summary>
    public required long CallsLost { get; init; }

    /// <summary>The run says so: the server was killed while the call was under way.</summary>
    public required long CallsInDoubt { get; init; }

    public required long RepeatedWithSameKey { get; init; }

    public required long MessagesLost { get; init; }

    public required long MessagesDoubled { get; init; }

    /// <summary>What the runs counted together, less the runs that counted.</summary>
    public required long Miscounted { get; init; }

    public required long TakenOver { get; init; }

    public bool Clean =>
        RunsLost + RunsDoubled + Unfinished + Failed + CallsDoubled + CallsLost + MessagesLost + MessagesDoubled + Miscounted == 0;
}

/// <summary>
/// <c>bench workflow-chaos</c>: runs with delays, branches, calls and messages, while the server is killed again and again; then
/// every run that was accepted is looked for, with all it did.
/// </summary>
internal sealed class WorkflowChaosBench : IDisposable
{
    private const string Definition =
        """
        {"nodes":{
          "start":{"type":"trigger_webhook","label":"start","position":{"x":0,"y":0}},
          "fork":{"type":"flow_parallel","label":"fork","position":{"x":1,"y":0}},
          "wait":{"type":"action_delay","label":"wait","position":{"x":2,"y":0},"config":{"delay_variable":"payload.ms"}},
          "post":{"type":"action_webhook","label":"post","position":{"x":3,"y":0},"config":{"url":"TARGET/post","method":"POST","body_template":"{{ {id: payload.id} }}"}},
          "doubt":{"type":"data_variable_set","label":"doubt","position":{"x":3,"y":1},"config":{"variables":{"doubt":"{{ error.code }}"}}},
          "put":{"type":"action_webhook","label":"put","position":{"x":2,"y":2},"config":{"url":"TARGET/put","method":"PUT","body_template":"{{ {id: payload.id} }}"}},
          "say":{"type":"action_chat_message","label":"say","position":{"x":3,"y":2},"config":{"message_template":"run {{ payload.id }}"}},
          "merge":{"type":"flow_merge","label":"merge","position":{"x":4,"y":0}},
          "count":{"type":"data_variable_set","label":"count","position":{"x":5,"y":0},"config":{"scope":"global","variables":{"count":"{{ (global.count ?? 0) + 1 }}"}}},
          "end":{"type":"flow_end","label":"end","position":{"x":6,"y":0},"config":{"output_data":{"doubt":"{{ doubt ?? null }}"}}}},
         "connections":[
          {"id":"1","from":"start","from_port":"out","to":"fork"},{"id":"2","from":"fork","from_port":"branch_1","to":"wait"},
          {"id":"3","from":"fork","from_port":"branch_2","to":"put"},{"id":"4","from":"wait","from_port":"out","to":"post"},
          {"id":"5","from":"post","from_port":"success","to":"merge"},{"id":"6","from":"post","from_port":"error","to":"doubt"},
          {"id":"7","from":"doubt","from_port":"out","to":"merge"},{"id":"8","from":"put","from_port":"success","to":"say"},
          {"id":"9","from":"say","from_port":"success","to":"merge"},{"id":"10","from":"merge","from_port":"out","to":"count"},
          {"id":"11","from":"count","from_port":"out","to":"end"}],
         "settings":{"max_parallel_executions":1000,"max_execution_time_seconds":3600}}
        """;

    private const int Workers = 8;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private static readonly Option<int> Kills = new("--kills") { DefaultValueFactory = _ => 500 };

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(15) };
    private readonly ConcurrentDictionary<string, int> _posts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _puts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _accepted = new(StringComparer.Ordinal);
    private readonly string _run = Guid.NewGuid().ToString("N")[..8];
    private volatile Uri? _server;
    private string _token = "";
    private int _next;

    public static Command Make()
    {
        var command = new Command("workflow-chaos", "Kills the server while workflows run, and looks for all they did.") { Kills };
        command.SetAction(async (parsed, ct) =>
        {
            using var chaos = new WorkflowChaosBench();
            var result = await chaos.RunAsync(parsed.GetValue(Kills), ServerProcess.Release, Console.Error.WriteLine, ct);
            Console.WriteLine(JsonSerializer.Serialize(result));
            return result.Clean ? 0 : 1;
        });
        return command;
    }

    public void Dispose() => _http.Dispose();

    public async Task<WorkflowChaosResult> RunAsync(int kills, string program, Action<string> tell, CancellationToken ct)
    {
        var folder = Path.Combine(Repository.Root, "artifacts", "workflow-chaos");
        Directory.CreateDirectory(folder);
        await using var target = await TargetAsync(ct);
        var postgres = await EmbeddedPostgres.StartAsync(folder, tell, ct);
        try
        {
            var database = await BenchDatabase.FreshAsync(postgres.ConnectionString, "workflow_chaos", ct);
            _token = await WorkflowBench.WebhookAsync(database, folder, Definition.Replace("TARGET", target.Urls.Single(), StringComparison.Ordinal), ct);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
            var load = Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => WorkAsync(stop.Token)));
            for (var kill = 1; kill <= kills; kill++)
            {
                using var server = await StartAsync(program, folder, database, ct);
                await Task.Delay(Random.Shared.Next(50, 1500), ct);
                server.Kill();
                if (kill % 10 == 0)
                {
                    tell($"{kill} kills, {_accepted.Count} runs accepted, {_posts.Count} calls made");
                }
            }

            using var last = await StartAsync(program, folder, database, ct);
            await Task.Delay(TimeSpan.FromSeconds(2), ct);
            await stop.CancelAsync();
            await load;
            await using var connection = new NpgsqlConnection(database);
            await connection.OpenAsync(ct);
            await SettleAsync(connection, ct);
            return await VerifyAsync(connection, kills, ct);
        }
        finally
        {
            await postgres.StopAsync(CancellationToken.None);
        }
    }

    private async Task<ServerProcess> StartAsync(string program, string folder, string database, CancellationToken ct)
    {
        var server = await ServerProcess.StartAsync(program, folder, database, ct, new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Http:AllowedPrivateHosts:0"] = "127.0.0.1",
            ["Modules:workflows:TakeoverEvery"] = "00:00:00.500",
        });
        _server = new Uri($"http://127.0.0.1:{server.Port.ToString(CultureInfo.InvariantCulture)}");
        return server;
    }

    /// <summary>What the runs call: it counts by idempotency key.</summary>
    private async Task<WebApplication> TargetAsync(CancellationToken ct)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.Run(async http =>
        {
            var seen = http.Request.Path == "/post" ? _posts : _puts;
            seen.AddOrUpdate(http.Request.Headers["Idempotency-Key"].ToString(), 1, (_, count) => count + 1);
            await Task.Delay(Random.Shared.Next(30), ct);
            await http.Response.WriteAsync("{}", ct);
        });
        await app.StartAsync(ct);
        return app;
    }

    /// <summary>Starts runs; what was not answered is sent again with the same key.</summary>
    private async Task WorkAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            var id = $"{_run}-{Interlocked.Increment(ref _next).ToString(CultureInfo.InvariantCulture)}";
            var ms = Random.Shared.Next(0, 3000);
            while (!ct.IsCancellationRequested)
            {
                try
                {
                    using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_server ?? new Uri("http://127.0.0.1:9"), $"/api/v1/webhooks/{_token}"));
                    request.Headers.Add("Idempotency-Key", id);
                    request.Content = JsonContent.Create(new { id, ms });
                    using var answer = await _http.SendAsync(request, ct);
                    if (answer.IsSuccessStatusCode)
                    {
                        _accepted[id] = true;
                        break;
                    }
                }
                catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException or SocketException)
                {
                    // The server was killed; it is sent again to the next.
                }

                await Task.Delay(50, CancellationToken.None);
            }

            // About two hundred runs are under way at once.
            await Task.Delay(50, CancellationToken.None);
        }
    }

    private static async Task SettleAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        for (var waited = TimeSpan.Zero; waited < Patience; waited += TimeSpan.FromSeconds(1))
        {
            if (await CountAsync(
                connection,
                "select (select count(*) from workflows.workflow_executions where completed_at is null) + (select count(*) from kernel.outbox where status = 'pending')",
                ct) == 0)
            {
                return;
            }

            await Task.Delay(TimeSpan.FromSeconds(1), ct);
        }
    }

    private async Task<WorkflowChaosResult> VerifyAsync(NpgsqlConnection connection, int kills, CancellationToken ct)
    {
        await using var load = new NpgsqlCommand("create temp table accepted as select unnest($1::text[]) as id", connection)
        {
            Parameters = { new NpgsqlParameter<string[]> { TypedValue = [.. _accepted.Keys] } },
        };
        await load.ExecuteNonQueryAsync(ct);
        await using var made = new NpgsqlCommand("create temp table posted as select unnest($1::text[]) as key", connection)
        {
            Parameters = { new NpgsqlParameter<string[]> { TypedValue = [.. _posts.Keys] } },
        };
        await made.ExecuteNonQueryAsync(ct);
        return new WorkflowChaosResult
        {
            Kills = kills,
            Accepted = _accepted.Count,
            RunsLost = await CountAsync(connection, "select count(*) from accepted a where not exists (select from workflows.workflow_executions e where e.trigger_data -> 'payload' ->> 'id' = a.id)", ct),
            RunsDoubled = await CountAsync(connection, "select count(*) from (select 1 from workflows.workflow_executions e group by e.trigger_data -> 'payload' ->> 'id' having count(*) > 1) d", ct),
            Unfinished = await CountAsync(connection, "select count(*) from workflows.workflow_executions where completed_at is null", ct),
            Failed = await CountAsync(connection, "select count(*) from workflows.workflow_executions where status in ('failed', 'cancelled')", ct),
            Calls = _posts.Count,
            CallsDoubled = _posts.Values.Count(c => c > 1),
            CallsLost = await CountAsync(
                connection,
                """
                select count(*) from workflows.workflow_node_executions n where n.node_id = 'post' and n.status = 'success'
                  and not exists (select from posted p where p.key = 'workflow:' || replace(n.execution_id::text, '-', '') || ':' || n.sequence)
                """,
                ct),
            CallsInDoubt = await CountAsync(connection, "select count(*) from workflows.workflow_executions where output_variables ->> 'doubt' = 'in_doubt'", ct),
            RepeatedWithSameKey = _puts.Values.Count(c => c > 1),
            MessagesLost = await CountAsync(
                connection,
                """
                select count(*) from workflows.workflow_node_executions n where n.node_id = 'say' and n.status = 'success'
                  and not exists (select from kernel.outbox o where o.status = 'sent' and o.idempotency_key = 'workflow:' || replace(n.execution_id::text, '-', '') || ':' || n.sequence)
                """,
                ct),
            MessagesDoubled = await CountAsync(
                connection, "select count(*) from (select 1 from sandbox.messages where body like 'run %' group by body having count(*) > 1) d", ct),
            Miscounted = await CountAsync(
                connection,
                "select (select count(*) from workflows.workflow_executions where status = 'success') - coalesce((select (variables ->> 'count')::bigint from workflows.workflow_variables), 0)",
                ct),
            TakenOver = await CountAsync(connection, "select count(*) from workflows.workflow_executions where fence > 1", ct),
        };
    }

    private static async Task<long> CountAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
#pragma warning disable CA2100 // Constants of this file.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }
}
