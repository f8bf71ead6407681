using System.Net.Http.Json;
using Rookery.Kernel.Data;
using Rookery.Workflows.Definition;

namespace Rookery.Workflows.Tests;

/// <summary>What becomes of runs when word of a cancellation is lost, and of calls that the failure of another branch cut off.</summary>
public sealed class LostWordTests(CallHost host) : IClassFixture<CallHost>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_cancelled_run_ends_although_nobody_told_the_node_that_has_it()
    {
        await using var server = await LoopbackServer.StartAsync(http => Task.Delay(Timeout.Infinite, http.RequestAborted));
        var started = await host.StartAsync(await host.PublishAsync(
            new GraphText().Node("start", "trigger_webhook").Node("call", "action_webhook", Call(server, "PUT", "slow")).Link("start>call")));
        await TestHost.EventuallyAsync(() => Task.FromResult(server.Requests.Count == 1), "the call is under way");

        await host.Get<Database>().Write.ExecuteAsync(
            $"update workflows.workflow_executions set cancel_requested = true where execution_id = {started.Id}", Ct);

        (await started.Ended!.WaitAsync(TimeSpan.FromSeconds(15), Ct)).Status.ShouldBe("cancelled");
        (await host.TurnsAsync(started.Id)).ShouldBe(["start:success.out", "call:skipped"]);
    }

    [Fact]
    public async Task A_waiting_run_is_cancelled_before_it_began()
    {
        await using var server = await LoopbackServer.StartAsync(http => Task.Delay(Timeout.Infinite, http.RequestAborted));
        var workflow = await host.PublishAsync(
            new GraphText().Node("start", "trigger_webhook").Node("call", "action_webhook", Call(server, "PUT", "slow")).Link("start>call").Settings("""{"max_parallel_executions":1}"""));
        var (first, waiting) = (await host.StartAsync(workflow), await host.StartAsync(workflow));
        (await host.StatusAsync(waiting.Id)).ShouldBe("pending");

        await PostAsync(workflow, $"executions/{waiting.Id}/cancel");
        (await host.StatusAsync(waiting.Id)).ShouldBe("cancelled");
        await PostAsync(workflow, $"executions/{first.Id}/cancel");

        (await first.Ended!.WaitAsync(TimeSpan.FromSeconds(15), Ct)).Status.ShouldBe("cancelled");
        (await host.TurnsAsync(waiting.Id)).ShouldBeEmpty();
        server.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_resumed_run_makes_again_the_calls_its_failure_cut_off_where_that_does_no_harm()
    {
        var (isBroken, cutOff) = (true, new CountdownEvent(2));
        await using var server = await LoopbackServer.StartAsync(async http =>
        {
            if (isBroken && http.Request.Path.Value != "/broken")
            {
                cutOff.Signal();
                await Task.Delay(Timeout.Infinite, http.RequestAborted);
            }

            while (isBroken && !cutOff.IsSet)
            {
                await Task.Delay(10, http.RequestAborted);
            }

            http.Response.StatusCode = isBroken ? 404 : 200;
        });
        var workflow = await host.PublishAsync(new GraphText().Node("start", "trigger_webhook").Node("fork", "flow_parallel", """{"branches":3}""")
            .Node("put", "action_webhook", Call(server, "PUT", "put")).Node("post", "action_webhook", Call(server, "POST", "post"))
            .Node("broken", "action_webhook", Call(server, "PUT", "broken")).Node("doubt", "data_variable_set", """{"variables":{"code":"{{ error.code }}"}}""")
            .Link("start>fork", "fork.branch_1>put", "fork.branch_2>post", "fork.branch_3>broken", "post.error>doubt"));
        var started = await host.StartAsync(workflow);
        (await started.Ended!.WaitAsync(TimeSpan.FromSeconds(30), Ct)).Node.ShouldBe("broken");
        isBroken = false;

        await PostAsync(workflow, $"executions/{started.Id}/resume");
        await TestHost.EventuallyAsync(async () => await host.StatusAsync(started.Id) == "success", "the run goes on to its end");

        Keys("/put").ShouldBe([$"workflow:{started.Id:N}:3", $"workflow:{started.Id:N}:3"]);
        Keys("/post").ShouldHaveSingleItem();
        Keys("/broken").Count.ShouldBe(2);
        (await host.TurnsAsync(started.Id)).ShouldBe(
            ["start:success.out", "fork:success", "put:success.success", "post:failed.error", "broken:success.success", "doubt:success.out"], ignoreOrder: true);
        (await host.Get<Database>().Write.ValueAsync<string>(
            $"select output_variables ->> 'code' from workflows.workflow_node_executions where execution_id = {started.Id} and node_id = 'doubt'", Ct)).ShouldBe("in_doubt");

        List<string> Keys(string path) => [.. server.Requests.Where(r => r.Path == path).Select(r => r.Headers["Idempotency-Key"])];
    }

    private static string Call(LoopbackServer server, string method, string path) => $$"""{"url":"{{server.Address}}{{path}}","method":"{{method}}","timeout_seconds":60}""";

    private async Task PostAsync(Published workflow, string path)
    {
        using var response = await host.Http.PostAsJsonAsync($"/api/v1/communities/{workflow.Community}/workflows/{path}", new { }, Ct);
        response.IsSuccessStatusCode.ShouldBeTrue(await response.Content.ReadAsStringAsync(Ct));
    }
}
