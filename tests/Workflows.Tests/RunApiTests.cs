using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Rookery.Kernel.Data;

namespace Rookery.Workflows.Tests;

public sealed class RunApiTests : IClassFixture<ApiHost>, IAsyncLifetime
{
    private readonly ApiHost _host;
    private LoopbackServer _target = null!;

    public RunApiTests(ApiHost host) => _host = host;

    private static GraphText Text => new GraphText().Node("start", "trigger_webhook");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _target = await LoopbackServer.StartAsync();

    public ValueTask DisposeAsync() => _target.DisposeAsync();

    [Fact]
    public async Task Execute_answers_at_once_and_the_run_can_be_read_step_by_step()
    {
        var id = await _host.CreatePublishedAsync(Text.Node("set", "data_variable_set", """{"variables":{"twice":"{{ n * 2 }}"}}""")
            .Node("end", "flow_end", """{"output_data":{"twice":"{{ twice }}"}}""").Link("start>set", "set>end"));
        var run = await _host.RunAsync(id, new JsonObject { ["n"] = 21 });
        run["execution"]!["status"]!.GetValue<string>().ShouldBe("success");
        run["execution"]!["trigger_type"]!.GetValue<string>().ShouldBe("manual");
        run["execution"]!["output_variables"]!["twice"]!.GetValue<int>().ShouldBe(42);
        run["nodes"]!.AsArray().Select(n => n!["node_id"]!.GetValue<string>()).ShouldBe(["start", "set", "end"]);
        run["nodes"]![1]!["output_variables"]!["twice"]!.GetValue<int>().ShouldBe(42);
        run["metrics"]!["executed"]!.GetValue<int>().ShouldBe(3);
        var audit = (await _host.GetAsync($"audit?workflow_id={id}&action=execute"))["items"]![0]!;
        audit["resource_id"]!.GetValue<string>().ShouldBe(run["execution"]!["execution_id"]!.GetValue<string>());
    }

    [Fact]
    public async Task The_same_idempotency_key_starts_one_run()
    {
        var id = await _host.CreatePublishedAsync(Text.Node("end", "flow_end").Link("start>end"));
        var first = await _host.SendAsync(HttpMethod.Post, $"{id}/execute", new JsonObject(), HttpStatusCode.Accepted, key: "one");
        var second = await _host.SendAsync(HttpMethod.Post, $"{id}/execute", new JsonObject(), HttpStatusCode.Accepted, key: "one");
        second["execution_id"]!.GetValue<string>().ShouldBe(first["execution_id"]!.GetValue<string>());
        await _host.PostAsync($"{id}/execute", new JsonObject { ["variables"] = new JsonArray() }, HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_test_run_goes_the_same_way_and_nothing_leaves_the_server()
    {
        var text = Text.Node("call", "action_webhook", $$$"""{"url":"{{{_target.Address}}}x","body_template":"{{ n }}"}""")
            .Node("module", "action_module", """{"module_name":"ping"}""")
            .Node("wait", "action_delay", """{"delay_ms":86400000}""")
            .Node("keep", "data_variable_set", """{"scope":"global","variables":{"count":"{{ default(global.count, 0) + 1 }}"}}""")
            .Node("say", "action_chat_message", """{"message_template":"{{ response.status }} {{ module_text }} {{ global.count }}"}""")
            .Node("end", "flow_end", """{"output_data":{"said":"{{ response.json.a }}"}}""")
            .Link("start>call", "call.success>module", "module.success>wait", "wait>keep", "keep>say", "say.success>end");
        var id = await _host.CreateAsync(text);
        var outbox = await _host.OutboxAsync();
        var report = await _host.PostAsync(
            $"{id}/test",
            JsonNode.Parse("""{"variables":{"n":1},"answers":{"call":{"status":201,"body":{"a":7}},"module":{"text":"pong"}}}"""));
        report["passed"]!.GetValue<bool>().ShouldBeTrue(report.ToJsonString());
        report["output_variables"]!["said"]!.GetValue<int>().ShouldBe(7);
        report["nodes"]!.AsArray().Select(n => n!["node_id"]!.GetValue<string>()).ShouldBe(["start", "call", "module", "wait", "keep", "say", "end"]);
        report["held_back"]!.AsArray().Select(h => h!["node_id"]!.GetValue<string>()).ShouldBe(["call", "module", "say"]);
        report["held_back"]![2]!["action"]!.ToJsonString().ShouldContain("201 pong 1");
        _target.Requests.ShouldBeEmpty();
        (await _host.OutboxAsync()).ShouldBe(outbox);
        (await _host.Get<Database>().Write.ValueAsync<long>($"select count(*) from workflows.workflow_variables where workflow_id = {Guid.Parse(id)}", Ct)).ShouldBe(0);

        var stored = await _host.GetAsync($"executions/{report["execution_id"]}");
        stored["execution"]!["is_test_run"]!.GetValue<bool>().ShouldBeTrue();
        stored["execution"]!["version"]!.GetValue<int>().ShouldBe(0);
        stored["nodes"]!.AsArray().Count.ShouldBe(7);
        (await _host.GetAsync($"{id}/executions?is_test_run=true"))["items"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_test_run_takes_the_ways_the_answers_lead()
    {
        var id = await _host.CreateAsync(Text.Node("again", "loop_repeat", """{"times":"2"}""").Node("call", "action_webhook", """{"url":"https://example.com"}""")
            .Node("bad", "flow_stop", """{"status":"failed","reason":"{{ error.code }}"}""").Link("start>again", "again.body>call", "call.error>bad"));
        var report = await _host.PostAsync($"{id}/test", JsonNode.Parse("""{"answers":{"call":[{"status":200},{"error":{"code":"timeout","message":"no answer"}}]}}"""));
        report["passed"]!.GetValue<bool>().ShouldBeFalse();
        report["error_message"]!.GetValue<string>().ShouldBe("timeout");
        report["error_node"]!.GetValue<string>().ShouldBe("bad");
        report["nodes"]!.AsArray().Where(n => n!["node_id"]!.GetValue<string>() == "call").Select(n => n!["path"]!.GetValue<string>()).ShouldBe(["again[0]", "again[1]"]);
    }

    [Fact]
    public async Task Of_two_delays_in_a_test_run_the_shorter_wins_the_race()
    {
        var id = await _host.CreateAsync(Text.Node("fork", "flow_parallel", """{"execution_type":"any_first"}""").Node("long", "action_delay", """{"delay_ms":60000}""")
            .Node("short", "action_delay", """{"delay_ms":50000}""").Node("a", "data_variable_set", """{"variables":{"won":"long"}}""")
            .Node("b", "data_variable_set", """{"variables":{"won":"short"}}""").Node("end", "flow_merge").Node("out", "flow_end", """{"output_data":{"won":"{{ won }}"}}""")
            .Link("start>fork", "fork.branch_1>long", "fork.branch_2>short", "long>a", "short>b", "a>end", "b>end", "end>out"));
        (await _host.PostAsync($"{id}/test", new JsonObject()))["output_variables"]!["won"]!.GetValue<string>().ShouldBe("short");
    }

    [Fact]
    public async Task A_definition_that_is_not_stored_can_be_tested_and_leaves_no_trace()
    {
        await _host.ChannelAsync();
        var before = await _host.Get<Database>().Write.ValueAsync<long>($"select count(*) from workflows.workflow_executions", Ct);
        var workflow = JsonNode.Parse(Text.Node("end", "flow_end", """{"output_data":{"x":"{{ payload.x }}"}}""").Link("start>end").Json());
        var report = await _host.PostAsync("test", new JsonObject { ["entity_id"] = "sandbox:lab", ["workflow"] = workflow, ["trigger_data"] = JsonNode.Parse("""{"payload":{"x":3}}""") });
        report["output_variables"]!["x"]!.GetValue<int>().ShouldBe(3);
        report["execution_id"].ShouldBeNull();
        (await _host.Get<Database>().Write.ValueAsync<long>($"select count(*) from workflows.workflow_executions", Ct)).ShouldBe(before);
        var bad = JsonNode.Parse(Text.Node("say", "action_chat_message").Link("start>say").Json());
        await _host.PostAsync("test", new JsonObject { ["entity_id"] = "sandbox:lab", ["workflow"] = bad }, HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_run_in_the_middle_of_a_call_is_cancelled_and_says_what_was_skipped()
    {
        var reached = new TaskCompletionSource();
        _target.Answer = async http =>
        {
            reached.TrySetResult();
            await Task.Delay(TimeSpan.FromMinutes(1), http.RequestAborted);
        };
        var id = await _host.CreatePublishedAsync(Text.Node("call", "action_webhook", $$"""{"url":"{{_target.Address}}slow","timeout_seconds":60}""")
            .Node("never", "action_chat_message", """{"message_template":"never"}""").Link("start>call", "call.success>never", "call.error>never"));
        var started = await _host.PostAsync($"{id}/execute", new JsonObject(), HttpStatusCode.Accepted);
        await reached.Task.WaitAsync(TimeSpan.FromSeconds(20), Ct);
        var watch = Stopwatch.StartNew();
        var cancelled = await _host.PostAsync($"executions/{started["execution_id"]}/cancel");
        TestContext.Current.SendDiagnosticMessage($"cancelled after {watch.ElapsedMilliseconds} ms");
        cancelled["status"]!.GetValue<string>().ShouldBe("cancelled");
        var run = await _host.GetAsync($"executions/{started["execution_id"]}");
        run["nodes"]!.AsArray().Select(n => $"{n!["node_id"]}:{n["status"]}").ShouldBe(["start:success", "call:skipped"]);
        await _host.PostAsync($"executions/{started["execution_id"]}/cancel", expected: HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task A_run_is_cancelled_by_way_of_another_server_than_the_one_that_has_it()
    {
        await using var other = new TestHost { ConnectionString = _host.Database };
        await other.InitializeAsync();
        var reached = new TaskCompletionSource();
        _target.Answer = async http =>
        {
            reached.TrySetResult();
            await Task.Delay(TimeSpan.FromMinutes(1), http.RequestAborted);
        };
        var id = await _host.CreatePublishedAsync(Text.Node("call", "action_webhook", $$"""{"url":"{{_target.Address}}slow","timeout_seconds":60}""").Link("start>call"));
        var started = await _host.PostAsync($"{id}/execute", new JsonObject(), HttpStatusCode.Accepted);
        await reached.Task.WaitAsync(TimeSpan.FromSeconds(20), Ct);
        await _host.PostAsync($"executions/{started["execution_id"]}/cancel", expected: HttpStatusCode.OK, client: other.Http);
        (await _host.EndAsync(started["execution_id"]!.GetValue<string>()))["execution"]!["status"]!.GetValue<string>().ShouldBe("cancelled");
    }

    [Fact]
    public async Task Sleeping_and_waiting_runs_are_cancelled_where_they_are()
    {
        var id = await _host.CreatePublishedAsync(Text.Node("wait", "action_delay", """{"delay_ms":3600000}""").Link("start>wait").Settings("""{"max_parallel_executions":1}"""));
        var asleep = Guid.Parse((await _host.PostAsync($"{id}/execute", new JsonObject(), HttpStatusCode.Accepted))["execution_id"]!.GetValue<string>());
        await TestHost.EventuallyAsync(async () => await _host.StatusAsync(asleep) == "running asleep", "it sleeps");
        (await _host.PostAsync($"executions/{asleep}/cancel"))["status"]!.GetValue<string>().ShouldBe("cancelled");
        (await _host.TurnsAsync(asleep)).ShouldBe(["start:success.out", "wait:skipped"]);
        await _host.PostAsync($"executions/{asleep}/resume", expected: HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task What_happened_is_told_again_to_another_version()
    {
        var id = await _host.CreatePublishedAsync(Text.Node("end", "flow_end", """{"output_data":{"n":"{{ n }}"}}""").Link("start>end"));
        var first = await _host.RunAsync(id, new JsonObject { ["n"] = 20 });
        await _host.SendAsync(HttpMethod.Put, id, JsonNode.Parse(Text.Node("end", "flow_end", """{"output_data":{"n":"{{ n + 1 }}"}}""").Link("start>end").Json()));
        await _host.PostAsync($"{id}/publish");
        var old = first["execution"]!["execution_id"]!.GetValue<string>();
        (await ReplayAsync(old, null)).ShouldBe(20);
        (await ReplayAsync(old, 2)).ShouldBe(21);
        await _host.PostAsync($"executions/{old}/replay", new JsonObject { ["version"] = 9 }, HttpStatusCode.NotFound);
        var tested = await _host.PostAsync($"{id}/test", new JsonObject { ["execution_id"] = old });
        tested["output_variables"]!["n"]!.GetValue<int>().ShouldBe(21);
    }

    [Fact]
    public async Task A_failed_run_goes_on_at_the_step_that_failed()
    {
        var id = await _host.CreatePublishedAsync(Text.Node("say", "action_chat_message", """{"message_template":"once"}""")
            .Node("call", "action_webhook", $$"""{"url":"{{_target.Address}}fragile"}""").Node("end", "flow_end", """{"output_data":{"status":"{{ response.status }}"}}""")
            .Link("start>say", "say.success>call", "call.success>end"));
        var failed = await _host.RunAsync(id);
        failed["execution"]!["status"]!.GetValue<string>().ShouldBe("failed");
        failed["execution"]!["error_node"]!.GetValue<string>().ShouldBe("call");
        var execution = failed["execution"]!["execution_id"]!.GetValue<string>();
        var said = await _host.OutboxAsync();

        _target.Json("{}");
        await _host.PostAsync($"executions/{execution}/resume", expected: HttpStatusCode.Accepted);
        var run = await _host.EndAsync(execution);
        run["execution"]!["status"]!.GetValue<string>().ShouldBe("success");
        run["execution"]!["retry_count"]!.GetValue<int>().ShouldBe(1);
        run["execution"]!["output_variables"]!["status"]!.GetValue<int>().ShouldBe(200);
        run["nodes"]!.AsArray().Select(n => $"{n!["node_id"]}:{n["status"]}").ShouldBe(["start:success", "say:success", "call:success", "end:success"]);
        _target.Requests.Select(r => r.Headers["Idempotency-Key"]).Distinct().Count().ShouldBe(1);
        (await _host.OutboxAsync()).ShouldBe(said);
        await _host.PostAsync($"executions/{execution}/resume", expected: HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task Runs_are_listed_by_status_and_in_every_order()
    {
        var id = await _host.CreatePublishedAsync(Text.Node("if", "condition_if", """{"condition":[{"variable":"bad","operator":"equals","value":true}]}""")
            .Node("stop", "flow_stop", """{"status":"failed"}""").Link("start>if", "if.true>stop"));
        foreach (var bad in new[] { false, true, false })
        {
            await _host.RunAsync(id, new JsonObject { ["bad"] = bad });
        }

        (await ListAsync(id, "")).ShouldBe(["success", "failed", "success"]);
        (await ListAsync(id, "status=failed")).ShouldBe(["failed"]);
        (await ListAsync(id, "sort_by=status&sort_order=asc")).ShouldBe(["failed", "success", "success"]);
        (await ListAsync(id, "sort_by=execution_time&sort_order=desc&limit=2")).Count.ShouldBe(3);
        (await ListAsync(id, "sort_by=start_time&sort_order=asc&limit=1")).Count.ShouldBe(3);
        await _host.GetAsync($"{id}/executions?sort_by=name", HttpStatusCode.BadRequest);
    }

    private async Task<int> ReplayAsync(string execution, int? version)
    {
        var started = await _host.PostAsync($"executions/{execution}/replay", new JsonObject { ["version"] = version }, HttpStatusCode.Accepted);
        var run = (await _host.EndAsync(started["execution_id"]!.GetValue<string>()))["execution"]!;
        run["trigger_type"]!.GetValue<string>().ShouldBe("replay");
        run["replay_of"]!.GetValue<string>().ShouldBe(execution);
        return run["output_variables"]!["n"]!.GetValue<int>();
    }

    private async Task<List<string>> ListAsync(string id, string query)
    {
        var all = new List<string>();
        var cursor = "";
        while (cursor is not null)
        {
            var page = await _host.GetAsync($"{id}/executions?{query}&cursor={cursor}");
            all.AddRange(page["items"]!.AsArray().Select(r => r!["status"]!.GetValue<string>()));
            cursor = page["next_cursor"]?.GetValue<string>();
        }

        return all;
    }
}
