using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Expressions;
using Rookery.Workflows.Definition;
using Rookery.Workflows.Execution;
using Rookery.Workflows.Nodes;

namespace Rookery.Workflows.Tests;

public sealed class CallHost : WorkflowHost
{
    public CallHost() => Settings = new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["Http:AllowedPrivateHosts:0"] = "127.0.0.1",
        ["Modules:workflows:TakeoverEvery"] = "00:00:00.200",
    };
}

/// <summary>Calls to the outside, and what becomes of them when a node dies.</summary>
public sealed class CallTests(CallHost host) : IClassFixture<CallHost>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_call_answers_is_in_a_variable_and_its_key_names_the_turn()
    {
        await using var server = await LoopbackServer.StartAsync();
        server.Json("""{"temperature": 21.5}""");
        var started = await host.StartAsync(await PublishAsync(server, "POST", """, "body_template":"{{ {city: payload.city} }}" """), City);
        (await started.Ended!).ShouldBe(new RunEnd("success"));
        (await OutputAsync(started.Id)).ShouldBe("""{"t": 21.5, "error": null}""");
        server.Last.Body.ShouldBe("""{"city":"Oslo"}""");
        server.Last.Headers["Idempotency-Key"].ShouldBe($"workflow:{started.Id:N}:2");
        server.Last.Headers.ContainsKey("X-Rookery-Signature").ShouldBeFalse();
        server.Last.Headers["X-Rookery-Depth"].ShouldBe("1");
    }

    [Fact]
    public async Task A_text_from_outside_that_the_database_cannot_keep_ends_no_run()
    {
        await using var server = await LoopbackServer.StartAsync();
        server.Text("a\0b");
        var started = await host.StartAsync(
            await host.PublishAsync(new GraphText().Node("start", "trigger_webhook")
                .Node("parse", "data_parse_json", """{"input":"payload.text"}""").Node("call", "action_webhook", $$"""{"url":"{{server.Address}}","method":"PUT"}""")
                .Node("end", "flow_end", """{"output_data":{"json":"{{ json }}","body":"{{ response.body }}"}}""").Link("start>parse", "parse.success>call", "call.success>end")),
            Value.Object(("payload", Value.Object(("text", """{"\u0000":"x\u0000y"}""")))));
        (await started.Ended!.WaitAsync(TimeSpan.FromSeconds(30), Ct)).ShouldBe(new RunEnd("success"));
        (await OutputAsync(started.Id)).ShouldBe("""{"body": "a�b", "json": {"�": "x�y"}}""");
    }

    [Fact]
    public async Task What_may_pass_is_tried_again_and_what_may_not_is_not()
    {
        await using var server = await LoopbackServer.StartAsync();
        var busy = 1;
        server.Answer = http =>
        {
            http.Response.StatusCode = Interlocked.Decrement(ref busy) >= 0 ? 503 : 200;
            return Task.CompletedTask;
        };
        var started = await host.StartAsync(await PublishAsync(server, "POST", """, "retry_count":2"""));
        (await started.Ended!).ShouldBe(new RunEnd("success"));
        server.Requests.Count.ShouldBe(2);
        server.Requests.Select(r => r.Headers["Idempotency-Key"]).Distinct().Count().ShouldBe(1);
        server.Json("{}", 404);
        var refused = await host.StartAsync(await PublishAsync(server, "POST", """, "retry_count":2"""));
        (await refused.Ended!).ShouldBe(new RunEnd("success"));
        (await OutputAsync(refused.Id)).ShouldBe("""{"t": null, "error": "http_404"}""");
        server.Requests.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_private_address_is_not_called()
    {
        await using var server = await LoopbackServer.StartAsync();
        var started = await host.StartAsync(await host.PublishAsync(new GraphText().Node("start", "trigger_webhook")
            .Node("call", "action_webhook", """{"url":"http://10.0.0.1/"}""").Link("start>call")));
        (await started.Ended!).Status.ShouldBe("failed");
    }

    [Theory]
    [InlineData("POST", "in_doubt", 1)]
    [InlineData("PUT", null, 2)]
    public async Task A_call_of_a_node_that_died_is_not_made_twice_unless_that_does_no_harm(string method, string? error, int calls)
    {
        await using var server = await LoopbackServer.StartAsync();
        var first = new TaskCompletionSource();
        var asked = 0;
        server.Answer = async http =>
        {
            if (Interlocked.Increment(ref asked) == 1)
            {
                first.SetResult();
                await Task.Delay(TimeSpan.FromSeconds(5), http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        };
        var started = await host.StartAsync(await PublishAsync(server, method));
        await first.Task.WaitAsync(TimeSpan.FromSeconds(10), Ct);

        // As if the node that has it had died: it is taken over, and the zombie writes nothing more.
        await host.Get<Database>().Write.ExecuteAsync(
            $"update workflows.workflow_executions set node_id = {Guid.NewGuid()} where execution_id = {started.Id}", Ct);
        await TestHost.EventuallyAsync(async () => await host.StatusAsync(started.Id) == "success", "the run is brought to its end by another");
        (await OutputAsync(started.Id)).ShouldContain(error ?? "null");
        server.Requests.Count.ShouldBe(calls);
        server.Requests.Select(r => r.Headers["Idempotency-Key"]).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task A_command_that_did_not_answer_in_time_is_not_called_again()
    {
        var released = new TaskCompletionSource();
        await using var server = await LoopbackServer.StartAsync(_ => released.Task);
        var module = $"slow{Guid.NewGuid():N}";
        using var made = await host.Http.PostAsJsonAsync(
            "/api/v1/commands",
            new JsonObject { ["command"] = module, ["location_url"] = server.Address.ToString(), ["type"] = "webhook", ["timeout"] = 60, ["module_type"] = "core" },
            Ct);
        made.StatusCode.ShouldBe(HttpStatusCode.Created, await made.Content.ReadAsStringAsync(Ct));
        var workflow = await host.PublishAsync(new GraphText()
            .Node("start", "trigger_webhook").Node("call", "action_module", $$"""{"module_name":"{{module}}","timeout_seconds":1}""")
            .Link("start>call").Settings("""{"retry_failed_nodes":true,"max_retries":1}"""));

        var started = await host.StartAsync(workflow);
        var end = await started.Ended!.WaitAsync(TimeSpan.FromSeconds(30), Ct);

        (end.Status, end.Code).ShouldBe(("failed", "timeout"), end.Error);
        (await host.Get<Database>().Write.ValueAsync<int>(
            $"select attempt from workflows.workflow_node_executions where execution_id = {started.Id} and node_id = 'call'", Ct)).ShouldBe(1);
        await TestHost.EventuallyAsync(() => Task.FromResult(!server.Requests.IsEmpty), "the command is called");
        server.Requests.ShouldHaveSingleItem();
        released.SetResult();
    }

    [Theory]
    [InlineData("timeout", true)]
    [InlineData("failed", true)]
    [InlineData("busy", false)]
    [InlineData("rate_limited", false)]
    public void Only_a_command_that_was_turned_away_may_be_called_again(string code, bool mayBeDone)
    {
        var call = new ModuleCall(Value.EmptyObject, TimeSpan.Zero, "quote", "", new Dictionary<string, string>(StringComparer.Ordinal));
        Calls.ToResult(new ModuleCallAnswer([], new ModuleCallError(code, "")), call).Error!.MayBeDone.ShouldBe(mayBeDone);
    }

    [Fact]
    public async Task What_one_branch_did_is_on_record_and_said_while_another_still_waits_for_its_call()
    {
        var go = new TaskCompletionSource();
        await using var server = await LoopbackServer.StartAsync(http => http.Request.Path == "/slow" ? go.Task.WaitAsync(http.RequestAborted) : Task.CompletedTask);
        var started = await host.StartAsync(await host.PublishAsync(new GraphText().Node("start", "trigger_webhook").Node("fork", "flow_parallel")
            .Node("post", "action_webhook", $$"""{"url":"{{server.Address}}quick","method":"POST"}""")
            .Node("say", "action_chat_message", """{"message_template":"Done."}""")
            .Node("slow", "action_webhook", $$"""{"url":"{{server.Address}}slow","method":"PUT","timeout_seconds":60}""")
            .Link("start>fork", "fork.branch_1>post", "post.success>say", "fork.branch_2>slow")));

        await TestHost.EventuallyAsync(async () => (await host.TurnsAsync(started.Id)).Contains("post:success.success", StringComparer.Ordinal), "its outcome is on record");
        (await host.TurnsAsync(started.Id)).ShouldBe(
            ["start:success.out", "fork:success", "post:success.success", "slow:running", "say:success.success"], ignoreOrder: true);
        (await host.Get<Database>().Write.ValueAsync<long>(
            $"select count(*) from kernel.outbox where idempotency_key like {$"workflow:{started.Id:N}%"}", Ct)).ShouldBe(1);

        go.SetResult();
        (await started.Ended!.WaitAsync(TimeSpan.FromSeconds(30), Ct)).ShouldBe(new RunEnd("success"));
    }

    private static Value City => Value.Object(("payload", Value.Object(("city", "Oslo"))));

    private Task<Published> PublishAsync(LoopbackServer server, string method, string more = "") => host.PublishAsync(new GraphText()
        .Node("start", "trigger_webhook")
        .Node("call", "action_webhook", $$"""{"url":"{{server.Address}}", "method":"{{method}}"{{more}}}""")
        .Node("end", "flow_end", """{"output_data":{"t":"{{ response.json.temperature ?? null }}","error":"{{ error.code ?? null }}"}}""")
        .Link("start>call", "call.success>end", "call.error>end"));

    private Task<string> OutputAsync(Guid execution) => host.Get<Database>().Write.ValueAsync<string>(
        $"select output_variables::text from workflows.workflow_executions where execution_id = {execution}", Ct);
}
