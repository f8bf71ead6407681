using Rookery.Kernel.Data;
using Rookery.Workflows.Api;
using Rookery.Workflows.Definition;
using Rookery.Workflows.Execution;

namespace Rookery.Workflows.Tests;

/// <summary>Runs that are this node's on record and not in its memory, and runs that cannot go on.</summary>
public sealed class StrayRunTests(CallHost host) : IClassFixture<CallHost>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static GraphText Text => new GraphText().Node("start", "trigger_webhook");

    [Fact]
    public async Task A_run_that_this_node_has_on_record_and_not_at_work_is_gone_on_with()
    {
        var stray = await StrayAsync();
        await TestHost.EventuallyAsync(async () => await host.StatusAsync(stray) == "success", "the run ends");
        (await host.TurnsAsync(stray)).ShouldBe(["start:success.out", "wait:success.out", "end:success"]);
    }

    [Fact]
    public async Task A_run_that_is_at_work_is_never_begun_a_second_time_however_long_it_takes()
    {
        var (asked, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var server = await LoopbackServer.StartAsync(http =>
        {
            asked.TrySetResult();
            return go.Task.WaitAsync(http.RequestAborted);
        });
        var started = await host.StartAsync(await host.PublishAsync(Text
            .Node("call", "action_webhook", $$"""{"url":"{{server.Address}}","method":"PUT","timeout_seconds":60}""").Link("start>call")));
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(30), Ct);
        await ExecuteAsync($"update workflows.workflow_executions set updated_at = updated_at - interval '1 hour' where execution_id = {started.Id}");

        // Once such a run was taken up that is not at work, they all were looked at.
        var stray = await StrayAsync();
        await TestHost.EventuallyAsync(async () => await host.StatusAsync(stray) == "success", "the other run ends");
        go.SetResult();

        (await started.Ended!.WaitAsync(TimeSpan.FromSeconds(30), Ct)).ShouldBe(new RunEnd("success"));
        server.Requests.Count.ShouldBe(1);
        (await host.Get<Database>().Write.ValueAsync<int>($"select fence from workflows.workflow_executions where execution_id = {started.Id}", Ct)).ShouldBe(1);
    }

    [Fact]
    public async Task A_run_whose_rows_do_not_fit_its_version_ends_and_says_so_and_those_taken_up_with_it_go_on()
    {
        var (odd, even) = (await AsleepAsync(), await AsleepAsync());
        await ExecuteAsync($"update workflows.workflow_node_executions set node_id = 'other' where execution_id = {odd} and node_id = 'start'");

        await WakeAsync(odd, even);

        await TestHost.EventuallyAsync(async () => await host.StatusAsync(even) == "success", "the one run ends well");
        await TestHost.EventuallyAsync(async () => await host.StatusAsync(odd) == "failed", "the other run fails");
        (await host.Get<Database>().Write.ValueAsync<string>(
            $"select error_code || ': ' || error_message from workflows.workflow_executions where execution_id = {odd}", Ct))
            .ShouldBe("not_resumable: The run cannot go on: step 1 on record is of other, which is not under way then.");
        (await host.TurnsAsync(odd)).ShouldBe(["other:success.out", "wait:skipped"]);
    }

    [Fact]
    public async Task A_wait_of_a_year_ends_like_a_short_one()
    {
        var year = await AsleepAsync();
        await ExecuteAsync($"update workflows.workflow_node_executions set started_at = started_at - interval '366 days' where execution_id = {year}");
        await ExecuteAsync($"update workflows.workflow_executions set started_at = started_at - interval '366 days' where execution_id = {year}");

        await WakeAsync(year);

        await TestHost.EventuallyAsync(async () => await host.StatusAsync(year) is "success" or "failed", "the run ends");
        (await host.TurnsAsync(year)).ShouldBe(["start:success.out", "wait:success.out", "end:success"]);
        var turn = (await host.Get<RunRows>().TurnsAsync((await host.ChannelAsync()).CommunityId, year, Ct)).Single(t => t.NodeId == "wait");
        turn.DurationMs.ShouldNotBeNull().ShouldBeGreaterThan(int.MaxValue);
    }

    [Fact]
    public async Task A_run_with_which_the_server_itself_fails_ends_and_says_so()
    {
        await ExecuteAsync($"alter table workflows.workflow_secrets rename to put_away");
        try
        {
            var workflow = await host.PublishAsync(Text.Node("fork", "flow_parallel").Node("wait", "action_delay", """{"delay_ms":60000}""")
                .Node("call", "action_webhook", """{"url":"http://127.0.0.1:9/","secret_name":"crm"}""").Link("start>fork", "fork.branch_1>wait", "fork.branch_2>call"));
            var end = await host.RunAsync(workflow);
            (end.Status, end.Code).ShouldBe(("failed", "internal"));
        }
        finally
        {
            await ExecuteAsync($"alter table workflows.put_away rename to workflow_secrets");
        }
    }

    [Fact]
    public async Task A_run_of_which_the_database_does_not_take_what_it_was_to_keep_ends_and_says_so()
    {
        await ExecuteAsync(
            $"""
            create function workflows.refuse() returns trigger language plpgsql as
                'begin if new.node_id = ''refused'' then raise exception ''no such text'' using errcode = ''22P05''; end if; return new; end'
            """);
        await ExecuteAsync($"create trigger refuse before insert on workflows.workflow_node_executions for each row execute function workflows.refuse()");
        var end = await host.RunAsync(await host.PublishAsync(Text.Node("refused", "flow_end").Link("start>refused")));
        end.ShouldBe(new RunEnd("failed", "not_storable", "The database does not take what the run was to keep: no such text"));
    }

    /// <summary>A run as it stands when this node took it up and could not begin it.</summary>
    private async Task<Guid> StrayAsync()
    {
        var id = await AsleepAsync();
        await EndSleepAsync(id);
        await ExecuteAsync(
            $"""
            update workflows.workflow_executions
            set node_id = {host.Get<Node>().Id}, wake_at = null, fence = fence + 1, updated_at = now() - interval '1 hour' where execution_id = {id}
            """);
        return id;
    }

    private async Task<Guid> AsleepAsync()
    {
        var started = await host.StartAsync(await PublishAsync());
        await TestHost.EventuallyAsync(async () => await host.StatusAsync(started.Id) == "running asleep", "the run sleeps");
        return started.Id;
    }

    private Task<Published> PublishAsync() =>
        host.PublishAsync(Text.Node("wait", "action_delay", """{"delay_ms":3600000}""").Node("end", "flow_end").Link("start>wait", "wait>end"));

    private async Task WakeAsync(params Guid[] runs)
    {
        await EndSleepAsync(runs);
        await ExecuteAsync($"update workflows.workflow_executions set wake_at = now() where execution_id = any({runs})");
    }

    private Task<int> EndSleepAsync(params Guid[] runs) => ExecuteAsync(
        $"""
        update workflows.workflow_node_executions set result_data = jsonb_build_object('_until', '2026-01-01T00:00:00Z')
        where execution_id = any({runs}) and node_id = 'wait'
        """);

    private Task<int> ExecuteAsync(Sql sql) => host.Get<Database>().Write.ExecuteAsync(sql, Ct);
}
