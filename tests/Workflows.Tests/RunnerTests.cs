using Rookery.Kernel.Data;
using Rookery.Kernel.Expressions;
using Rookery.Workflows.Execution;

namespace Rookery.Workflows.Tests;

public sealed class RunnerTests(WorkflowHost host) : IClassFixture<WorkflowHost>
{
    private static GraphText Text => new GraphText().Node("start", "trigger_webhook");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_goes_its_way_and_every_turn_can_be_read_afterwards()
    {
        var workflow = await host.PublishAsync(Text
            .Node("if", "condition_if", """{"condition":[{"variable":"payload.n","operator":"greater_than","value":10}]}""")
            .Node("set", "data_variable_set", """{"variables":{"twice":"{{ payload.n * 2 }}"}}""")
            .Node("end", "flow_end", """{"output_data":{"answer":"{{ twice }}","text":"It is {{ twice }}."}}""")
            .Link("start>if", "if.true>set", "set>end"));
        var started = await host.StartAsync(workflow, Value.Object(("payload", Value.Object(("n", 21)))));
        (await started.Ended!).ShouldBe(new RunEnd("success"));
        (await host.TurnsAsync(started.Id)).ShouldBe(["start:success.out", "if:success.true", "set:success.out", "end:success"]);
        (await OutputAsync(started.Id)).ShouldBe("""{"text": "It is 42.", "answer": 42}""");
    }

    [Fact]
    public async Task The_same_cause_starts_one_run()
    {
        var workflow = await host.PublishAsync(Text.Node("end", "flow_end").Link("start>end"));
        var all = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => host.StartAsync(workflow, key: "delivery 1")));
        all.Count(s => s.Outcome == StartOutcome.Running).ShouldBe(1);
        all.Count(s => s.Outcome == StartOutcome.Known).ShouldBe(19);
        all.Select(s => s.Id).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task A_delay_leaves_the_memory_and_goes_on_when_it_is_over()
    {
        var workflow = await host.PublishAsync(Text.Node("wait", "action_delay", """{"delay_ms":2500}""")
            .Node("end", "flow_end", """{"output_data":{"n":"{{ payload.n }}"}}""").Link("start>wait", "wait>end"));
        var started = await host.StartAsync(workflow, Value.Object(("payload", Value.Object(("n", 7)))));
        await TestHost.EventuallyAsync(async () => await host.StatusAsync(started.Id) == "running asleep", "the run sleeps");
        await TestHost.EventuallyAsync(() => Task.FromResult(!host.Get<Runner>().IsAtWork(started.Id)), "it leaves the memory");
        (await host.TurnsAsync(started.Id)).ShouldBe(["start:success.out", "wait:running"]);
        await TestHost.EventuallyAsync(async () => await host.StatusAsync(started.Id) == "success", "the run ends");
        (await host.TurnsAsync(started.Id)).ShouldBe(["start:success.out", "wait:success.out", "end:success"]);
        (await OutputAsync(started.Id)).ShouldBe("""{"n": 7}""");
    }

    [Fact]
    public async Task More_starts_than_may_run_wait_for_their_turn_and_none_is_lost()
    {
        var workflow = await host.PublishAsync(Text.Node("wait", "action_delay", """{"delay_ms":300}""").Node("end", "flow_end")
            .Link("start>wait", "wait>end").Settings("""{"max_parallel_executions":2}"""));
        var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => host.StartAsync(workflow)));
        all.Count(s => s.Outcome == StartOutcome.Running).ShouldBe(2);
        all.Count(s => s.Outcome == StartOutcome.Queued).ShouldBe(6);
        await TestHost.EventuallyAsync(async () => await CountAsync(workflow.WorkflowId, "success") == 8, "all have run");
    }

    [Fact]
    public async Task With_the_policy_skip_a_start_too_many_is_refused()
    {
        var workflow = await host.PublishAsync(Text.Node("wait", "action_delay", """{"delay_ms":900}""").Link("start>wait")
            .Settings("""{"max_parallel_executions":1,"queue_policy":"skip"}"""));
        (await host.StartAsync(workflow)).Outcome.ShouldBe(StartOutcome.Running);
        (await host.StartAsync(workflow)).Outcome.ShouldBe(StartOutcome.Refused);
    }

    [Fact]
    public async Task What_is_kept_for_later_runs_is_counted_right_by_runs_side_by_side()
    {
        var workflow = await host.PublishAsync(Text.Node("count", "data_variable_set", """{"scope":"global","variables":{"count":"{{ (global.count ?? 0) + 1 }}"}}""")
            .Node("end", "flow_end", """{"output_data":{"count":"{{ global.count }}"}}""").Link("start>count", "count>end").Settings("""{"max_parallel_executions":100}"""));
        var runs = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => host.StartAsync(workflow)));
        foreach (var run in runs)
        {
            (await run.Ended!).ShouldBe(new RunEnd("success"));
        }

        var outputs = await Task.WhenAll(runs.Select(r => OutputAsync(r.Id)));
        outputs.Order(StringComparer.Ordinal).ShouldBe(Enumerable.Range(1, 20).Select(i => $$"""{"count": {{i}}}""").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_message_is_in_the_outbox_once_and_its_row_says_so()
    {
        var workflow = await host.PublishAsync(Text.Node("say", "action_chat_message", """{"message_template":"Hello {{ payload.name }}"}""").Node("end", "flow_end")
            .Link("start>say", "say.success>end"));
        var started = await host.StartAsync(workflow, Value.Object(("payload", Value.Object(("name", "{{ 1 + 1 }}")))));
        (await started.Ended!).ShouldBe(new RunEnd("success"));
        var said = await host.Get<Database>().Write.ListAsync(
            $"select action ->> 'response', idempotency_key from kernel.outbox where idempotency_key like {$"workflow:{started.Id:N}%"}", r => r.GetString(0), Ct);
        said.ShouldHaveSingleItem().ShouldContain("Hello {{ 1 + 1 }}");
    }

    [Theory]
    [InlineData("schedule", null, false)]
    [InlineData("webhook", "admin", false)]
    [InlineData("manual", null, false)]
    [InlineData("command", "moderator", false)]
    [InlineData("command", "admin", true)]
    public async Task A_module_is_called_with_the_rights_of_whoever_started_the_run_and_nobody_has_those_of_a_member(
        string trigger, string? role, bool mayDo)
    {
        var workflow = await host.PublishAsync(Text.Node("live", "action_module", """{"module_name":"live","arguments":"template"}""")
            .Node("end", "flow_end", """{"output_data":{"done":"{{ module_success }}","text":"{{ module_text }}"}}""").Link("start>live", "live.success>end"));
        var data = role is null ? Value.EmptyObject : Value.Object(("platform", "sandbox"), ("user_id", "ada"), ("username", "ada"), ("user_role", role));
        var started = await host.Get<Runner>().StartAsync(new Start(workflow, await host.ChannelAsync(), trigger, data, null, "test"), Ct);
        (await started.Ended!).ShouldBe(new RunEnd("success"));
        var output = await OutputAsync(started.Id);
        output.ShouldContain(mayDo ? "\"done\": true" : "\"done\": false", customMessage: output);
        output.Contains("those who administer", StringComparison.Ordinal).ShouldBe(!mayDo, output);
    }

    [Fact]
    public async Task A_cancelled_run_ends_at_once_and_says_what_was_left()
    {
        var workflow = await host.PublishAsync(Text.Node("wait", "action_delay", """{"delay_ms":900}""").Node("end", "flow_end").Link("start>wait", "wait>end"));
        var started = await host.StartAsync(workflow);
        host.Get<Runner>().Cancel(started.Id).ShouldBeTrue();
        (await started.Ended!).Status.ShouldBe("cancelled");
        (await host.TurnsAsync(started.Id)).ShouldBe(["start:success.out", "wait:skipped"]);
    }

    private Task<string> OutputAsync(Guid execution) => host.Get<Database>().Write.ValueAsync<string>(
        $"select output_variables::text from workflows.workflow_executions where execution_id = {execution}", Ct);

    private Task<long> CountAsync(Guid workflow, string status) => host.Get<Database>().Write.ValueAsync<long>(
        $"select count(*) from workflows.workflow_executions where workflow_id = {workflow} and status = {status}", Ct);
}
