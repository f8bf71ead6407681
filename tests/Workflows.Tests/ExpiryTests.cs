using Rookery.Kernel.Data;
using Rookery.Workflows.Execution;

namespace Rookery.Workflows.Tests;

public sealed class ExpiryHost : WorkflowHost
{
    public ExpiryHost() => Settings = new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["Http:AllowedPrivateHosts:0"] = "127.0.0.1",
        ["Modules:workflows:TakeoverEvery"] = "00:00:00.200",
        ["Modules:workflows:SleepInMemory"] = "00:00:00",
    };
}

/// <summary>Branches whose time is over, in runs that leave the memory or change hands afterwards.</summary>
public sealed class ExpiryTests(ExpiryHost host) : IClassFixture<ExpiryHost>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_that_sleeps_after_the_time_of_a_branch_was_over_wakes_and_ends()
    {
        var workflow = await host.PublishAsync(new GraphText().Node("start", "trigger_webhook")
            .Node("fork", "flow_parallel", """{"timeout_seconds":1}""").Node("hour", "action_delay", """{"delay_ms":3600000}""")
            .Node("merge", "flow_merge").Node("wait", "action_delay", """{"delay_ms":500}""").Node("again", "action_delay", """{"delay_ms":300}""").Node("end", "flow_end")
            .Link("start>fork", "fork.branch_1>merge", "fork.branch_2>hour", "hour>merge", "merge>wait", "wait>again", "again>end"));

        var started = await host.StartAsync(workflow);

        await TestHost.EventuallyAsync(async () => await host.StatusAsync(started.Id) == "success", "the run ends");
        (await host.TurnsAsync(started.Id)).ShouldBe(
            ["start:success.out", "fork:success", "hour:skipped", "merge:success.out", "wait:success.out", "again:success.out", "end:success"]);
    }

    [Fact]
    public async Task A_call_that_was_cut_off_with_its_branch_is_not_made_again_by_who_takes_the_run_over()
    {
        await using var server = await LoopbackServer.StartAsync(http => Task.Delay(Timeout.Infinite, http.RequestAborted));
        var workflow = await host.PublishAsync(new GraphText().Node("start", "trigger_webhook")
            .Node("fork", "flow_parallel", """{"timeout_seconds":1}""")
            .Node("post", "action_webhook", $$"""{"url":"{{server.Address}}","method":"POST","timeout_seconds":60}""")
            .Node("merge", "flow_merge").Node("wait", "action_delay", """{"delay_ms":2000}""").Node("end", "flow_end")
            .Link("start>fork", "fork.branch_1>merge", "fork.branch_2>post", "post.success>merge", "merge>wait", "wait>end"));
        var started = await host.StartAsync(workflow);
        await TestHost.EventuallyAsync(async () => (await host.TurnsAsync(started.Id)).Contains("wait:running", StringComparer.Ordinal), "the branch is cut off");
        (await host.TurnsAsync(started.Id)).ShouldContain("post:skipped");

        // As if the node that has it had died.
        await host.Get<Database>().Write.ExecuteAsync(
            $"update workflows.workflow_executions set node_id = {Guid.NewGuid()} where execution_id = {started.Id}", Ct);

        await TestHost.EventuallyAsync(async () => await host.StatusAsync(started.Id) == "success", "the run is brought to its end by another");
        server.Requests.Count.ShouldBe(1);
        (await host.TurnsAsync(started.Id)).ShouldBe(
            ["start:success.out", "fork:success", "post:skipped", "merge:success.out", "wait:success.out", "end:success"]);
    }

    [Fact]
    public async Task What_a_branch_was_about_to_do_when_another_ended_the_run_or_won_is_not_done()
    {
        await using var server = await LoopbackServer.StartAsync();
        server.Json("{}");
        var post = $$"""{"url":"{{server.Address}}","method":"POST"}""";
        var stopped = await host.PublishAsync(new GraphText().Node("start", "trigger_webhook").Node("fork", "flow_parallel").Node("post", "action_webhook", post)
            .Node("stop", "flow_stop").Link("start>fork", "fork.branch_1>post", "fork.branch_2>stop"));
        var lost = await host.PublishAsync(new GraphText().Node("start", "trigger_webhook").Node("fork", "flow_parallel", """{"execution_type":"any_first"}""")
            .Node("post", "action_webhook", post).Node("merge", "flow_merge").Node("end", "flow_end")
            .Link("start>fork", "fork.branch_1>post", "post.success>merge", "fork.branch_2>merge", "merge>end"));

        (await host.RunAsync(stopped)).ShouldBe(new RunEnd("success"));
        (await host.RunAsync(lost)).ShouldBe(new RunEnd("success"));

        server.Requests.ShouldBeEmpty();
    }
}
