using Rookery.Kernel.Data;
using Rookery.Workflows.Triggers;

namespace Rookery.Workflows.Tests.Triggers;

public sealed class CommandTriggerTests(TriggerHost host) : IClassFixture<TriggerHost>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_word_typed_in_the_channel_starts_the_workflow_and_is_on_record()
    {
        var workflow = await host.ListenAsync("trigger_command", """{"command_pattern":"Greet","aliases":["hi"]}""", "greets");
        var answer = await host.SayAsync("!greet the \"whole world\"", channel: "greets");
        answer["outcome"]!.GetValue<string>().ShouldBe("replied");
        answer["responses"]!.AsArray().ShouldBeEmpty();
        var run = (await host.RunsAsync(workflow)).ShouldHaveSingleItem();
        run.ShouldContain("""
            "who": "ada"
            """.Trim());
        run.ShouldContain("""
            "args": ["the", "whole world"]
            """.Trim());
        var id = answer["execution_id"]!.GetValue<Guid>();
        (await host.Get<Database>().Write.ValueAsync<string>(
            $"select c.command || ' ' || e.status || ' ' || e.message_content from router.command_executions e join router.commands c on c.id = e.command_id where e.execution_id = {id}", Ct))
            .ShouldBe("workflows success !greet the \"whole world\"");
        await host.SayAsync("!HI", channel: "greets");
        (await host.RunsAsync(workflow)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task The_same_message_twice_starts_one_run()
    {
        var workflow = await host.ListenAsync("trigger_command", """{"command_pattern":"once"}""", "twice");
        await host.SayAsync("!once", channel: "twice", messageId: "m1");
        await host.SayAsync("!once", channel: "twice", messageId: "m1");
        (await host.RunsAsync(workflow)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task In_another_channel_there_is_no_such_command_unless_it_is_of_the_whole_community()
    {
        var workflow = await host.ListenAsync("trigger_command", """{"command_pattern":"mine"}""", "home");
        (await host.SayAsync("!mine", channel: "away"))["outcome"]!.GetValue<string>().ShouldBe("ignored");
        (await host.RunsAsync(workflow)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_built_in_command_wins()
    {
        var workflow = await host.ListenAsync("trigger_command", """{"command_pattern":"ping","aliases":["pingo"]}""", "builtin");
        TestHost.Lines(await host.SayAsync("!ping", channel: "builtin")).ShouldHaveSingleItem();
        (await host.RunsAsync(workflow)).ShouldBeEmpty();
        await host.SayAsync("!pingo", channel: "builtin");
        (await host.RunsAsync(workflow)).Count.ShouldBe(1);
        var findings = await host.Get<CommandNames>().CheckAsync(workflow.WorkflowId, "sandbox:builtin", workflow.Graph, Ct);
        findings.ShouldHaveSingleItem().Code.ShouldBe("command_taken");
    }

    [Fact]
    public async Task A_word_of_another_workflow_is_warned_of_and_the_older_answers()
    {
        var first = await host.ListenAsync("trigger_command", """{"command_pattern":"shared"}""", "sharing");
        host.Clock!.Advance(TimeSpan.FromSeconds(1));
        var second = await host.ListenAsync("trigger_command", """{"command_pattern":"shared"}""", "sharing");
        await host.SayAsync("!shared", channel: "sharing");
        (await host.RunsAsync(first)).Count.ShouldBe(1);
        (await host.RunsAsync(second)).ShouldBeEmpty();
        var findings = await host.Get<CommandNames>().CheckAsync(second.WorkflowId, "sandbox:sharing", second.Graph, Ct);
        findings.ShouldHaveSingleItem().Code.ShouldBe("command_shared");
    }

    [Theory]
    [InlineData("""{"command_pattern":"guarded","require_mod":true}""", "vip", "moderator")]
    [InlineData("""{"command_pattern":"guarded","require_permission":"subscriber"}""", "vip", "subscriber")]
    [InlineData("""{"command_pattern":"guarded","require_bot_owner":true}""", "admin", "owner")]
    public async Task Who_has_not_the_role_is_refused(string config, string tooLow, string enough)
    {
        var channel = $"guarded {enough}";
        var workflow = await host.ListenAsync("trigger_command", config, channel);
        (await host.SayAsync("!guarded", role: tooLow, channel: channel))["outcome"]!.GetValue<string>().ShouldBe("refused");
        (await host.RunsAsync(workflow)).ShouldBeEmpty();
        await host.SayAsync("!guarded", role: enough, channel: channel);
        (await host.RunsAsync(workflow)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Case_counts_where_it_was_said_and_too_little_text_is_refused()
    {
        var workflow = await host.ListenAsync("trigger_command", """{"command_pattern":"Say","case_sensitive":true,"message_min_length":3}""", "cases");
        (await host.SayAsync("!say hello", channel: "cases"))["outcome"]!.GetValue<string>().ShouldBe("ignored");
        TestHost.Lines(await host.SayAsync("!Say hi", channel: "cases")).ShouldBe(["Write at least 3 characters after !Say."]);
        (await host.RunsAsync(workflow)).ShouldBeEmpty();
        await host.SayAsync("!Say hey", channel: "cases");
        (await host.RunsAsync(workflow)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_platform_it_is_not_for_does_not_have_it()
    {
        var workflow = await host.ListenAsync("trigger_command", """{"command_pattern":"far","platforms":["discord"]}""", "platforms");
        (await host.SayAsync("!far", channel: "platforms"))["outcome"]!.GetValue<string>().ShouldBe("ignored");
        (await host.RunsAsync(workflow)).ShouldBeEmpty();
    }

    [Fact]
    public async Task After_a_call_the_command_rests_for_everybody()
    {
        var workflow = await host.ListenAsync("trigger_command", """{"command_pattern":"rest","cooldown_seconds":30}""", "resting");
        await host.SayAsync("!rest", channel: "resting");
        TestHost.Lines(await host.SayAsync("!rest", user: "bob", channel: "resting")).ShouldBe(["Slow down: !rest again in 30 s."]);
        host.Clock!.Advance(TimeSpan.FromSeconds(31));
        await host.SayAsync("!rest", user: "bob", channel: "resting");
        (await host.RunsAsync(workflow)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task After_a_call_the_command_rests_for_who_called_and_a_refusal_prolongs_nothing()
    {
        var workflow = await host.ListenAsync("trigger_command", """{"command_pattern":"own","user_cooldown_seconds":60}""", "own rest");
        await host.SayAsync("!own", channel: "own rest");
        await host.SayAsync("!own", user: "bob", channel: "own rest");
        host.Clock!.Advance(TimeSpan.FromSeconds(40));
        TestHost.Lines(await host.SayAsync("!own", channel: "own rest")).ShouldBe(["Slow down: !own again in 20 s."]);
        host.Clock.Advance(TimeSpan.FromSeconds(21));
        await host.SayAsync("!own", channel: "own rest");
        (await host.RunsAsync(workflow)).Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_rest_is_taken_by_one_of_many_at_once()
    {
        var workflow = await host.ListenAsync("trigger_command", """{"command_pattern":"race","cooldown_seconds":30}""", "racing");
        var (cooldowns, trigger) = (host.Get<Cooldowns>(), (Nodes.CommandTrigger)workflow.Graph.TriggerNode);
        var waits = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => cooldowns.TakeAsync(
            workflow.WorkflowId, trigger, new Kernel.Chat.Member(Kernel.Chat.Platform.Sandbox, $"user {i}", "User", default), Ct)));
        waits.Count(w => w is null).ShouldBe(1);
    }

    [Fact]
    public async Task Help_and_workflows_list_it_and_a_channel_can_have_it_off()
    {
        var workflow = await host.ListenAsync("trigger_command", """{"command_pattern":"listed","require_mod":true}""", "helping");
        (await HelpAsync("moderator")).ShouldContain("!listed – A test");
        (await HelpAsync("member")).ShouldNotContain("!listed");
        TestHost.Lines(await host.SayAsync("!help listed", role: "moderator", channel: "helping"))[0].ShouldContain("!listed – A test");
        TestHost.Lines(await host.SayAsync("!workflows", role: "moderator", channel: "helping"))[0].ShouldContain("!listed – A test");
        var entity = await host.ChannelAsync("helping");
        await host.Get<Database>().Write.ExecuteAsync(
            $"insert into router.command_permissions (command_id, entity_id, is_enabled) select id, {entity.Id}, false from router.commands where command = 'workflows'", Ct);
        await TestHost.EventuallyAsync(async () => !(await HelpAsync("moderator")).Contains("!listed", StringComparison.Ordinal), "the channel has it off");
        await host.SayAsync("!listed", role: "moderator", channel: "helping");
        (await host.RunsAsync(workflow)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Archived_it_is_no_command_any_more()
    {
        var workflow = await host.ListenAsync("trigger_command", """{"command_pattern":"old"}""", "archive");
        await host.Get<Database>().Write.ExecuteAsync($"update workflows.workflow_definitions set status = 'archived' where workflow_id = {workflow.WorkflowId}", Ct);
        await TestHost.EventuallyAsync(() => Task.FromResult(host.Get<TriggerTable>().Find(workflow.WorkflowId) is null), "the table knows");
        (await host.SayAsync("!old", channel: "archive"))["outcome"]!.GetValue<string>().ShouldBe("ignored");
    }

    private async Task<string> HelpAsync(string role) => TestHost.Lines(await host.SayAsync("!help", role: role, channel: "helping"))[0];
}
