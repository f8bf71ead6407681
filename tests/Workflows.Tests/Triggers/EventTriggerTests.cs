using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Workflows.Triggers;

namespace Rookery.Workflows.Tests.Triggers;

public sealed class EventTriggerTests(TriggerHost host) : IClassFixture<TriggerHost>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Something_that_happens_starts_the_workflow_with_what_is_known_of_it()
    {
        var workflow = await host.ListenAsync("trigger_event", """{"event_type":"raid","event_filters":["event.viewers >= 10","username != 'eve'"]}""", "raids");
        await HappenAsync("raids", "raid", new Raided(12));
        await HappenAsync("raids", "raid", new Raided(9));
        await HappenAsync("raids", "raid", new Raided(50), user: "eve");
        await HappenAsync("raids", "follow", new Followed());
        var run = (await host.RunsAsync(workflow)).ShouldHaveSingleItem();
        run.ShouldContain("""
            "viewers": 12
            """.Trim());
        run.ShouldContain("""
            "event_type": "raid"
            """.Trim());
    }

    [Fact]
    public async Task A_filter_knows_the_variables_of_its_workflow_and_the_event_comes_before_them()
    {
        var workflow = await host.PublishAsync(
            new GraphText().Node("start", "trigger_event", """{"event_type":"raid","event_filters":["event.viewers >= least","username != 'nobody'"]}""")
                .Node("end", "flow_end").Link("start>end").Globals("""{"least":10,"username":"nobody"}"""),
            "least");
        await host.Get<TriggerTable>().ReloadAsync(workflow.WorkflowId, Ct);
        await HappenAsync("least", "raid", new Raided(9));
        await HappenAsync("least", "raid", new Raided(12));
        (await host.RunsAsync(workflow)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task An_event_that_no_workflow_waits_for_takes_no_memory()
    {
        var (starts, entity) = (host.Get<EventStarts>(), await host.ChannelAsync("quiet"));
        var (e, member) = (Event("quiet", "hype_train", new Followed(), "ada", "q1"), new Member(Platform.Sandbox, "ada", "ada", Role.Member));
        TakesOf(starts, e, entity, member, 100).ShouldBeTrue();

        var before = GC.GetAllocatedBytesForCurrentThread();
        var all = TakesOf(starts, e, entity, member, 1000);
        var taken = GC.GetAllocatedBytesForCurrentThread() - before;

        all.ShouldBeTrue();
        taken.ShouldBeLessThan(1000, "bytes for 1000 events");
    }

    private static bool TakesOf(EventStarts starts, InboundEvent e, Kernel.Communities.Entity entity, Member member, int times)
    {
        for (var i = 0; i < times; i++)
        {
            if (!starts.RecordAsync(e, entity, member, CancellationToken.None).AsTask().IsCompletedSuccessfully)
            {
                return false;
            }
        }

        return true;
    }

    [Fact]
    public async Task An_event_that_comes_again_starts_nothing()
    {
        var workflow = await host.ListenAsync("trigger_event", """{"event_type":"follow"}""", "again");
        await HappenAsync("again", "follow", new Followed(), id: "f1");
        await HappenAsync("again", "follow", new Followed(), id: "f1");

        // Another node, which does not remember the first, tells its hooks as if it were new.
        var e = Event("again", "follow", new Followed(), "ada", "f1");
        var entity = await host.ChannelAsync("again");
        await host.Get<EventStarts>().RecordAsync(e, entity, new Member(Platform.Sandbox, "ada", "ada", Role.Member), Ct);
        (await host.RunsAsync(workflow)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_run_is_on_record_before_the_event_is_done_with()
    {
        var workflow = await host.ListenAsync("trigger_event", """{"event_type":"cheer"}""", "durable");
        await HappenAsync("durable", "cheer", new Cheered(100, false));
        (await host.Get<Database>().Write.ValueAsync<long>(
            $"select count(*) from workflows.workflow_executions where workflow_id = {workflow.WorkflowId}", Ct)).ShouldBe(1);
    }

    [Fact]
    public async Task A_workflow_does_not_hear_itself()
    {
        var workflow = await host.PublishAsync(
            new GraphText().Node("start", "trigger_event", """{"event_type":"chatMessage"}""")
                .Node("say", "action_chat_message", """{"message_template":"I heard {{ message }}"}""").Link("start>say"),
            "echo");
        await host.Get<TriggerTable>().ReloadAsync(workflow.WorkflowId, Ct);
        await host.SayAsync("hello", channel: "echo");
        (await host.RunsAsync(workflow)).Count.ShouldBe(1);
        await TestHost.EventuallyAsync(
            () => host.Get<Database>().Write.ValueAsync<bool>($"select exists (select from sandbox.messages where body = 'I heard hello')", Ct), "it is said");
        await host.SayAsync("bye", channel: "echo");
        (await host.RunsAsync(workflow)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task What_is_said_is_heard_in_the_own_channel_and_what_happens_in_the_whole_community()
    {
        var said = await host.ListenAsync("trigger_event", """{"event_type":"chatMessage"}""", "wide");
        var happened = await host.ListenAsync("trigger_event", """{"event_type":"member_join"}""", "wide");
        var everything = await host.ListenAsync("trigger_event", """{"event_type":"chatMessage","scope":"community"}""", "wide");
        var beside = await host.ChannelAsync("beside");
        await host.Get<Database>().Write.ExecuteAsync($"update kernel.entities set community_id = {said.Community} where id = {beside.Id}", Ct);
        await TestHost.EventuallyAsync(async () => (await host.ChannelAsync("beside")).CommunityId == said.Community, "the channel has moved");
        await HappenAsync("beside", "member_join", new MemberJoined());
        await host.SayAsync("over here", channel: "beside");
        await host.SayAsync("and here", channel: "wide");
        await host.SayAsync("not here", channel: "strangers");
        (await host.RunsAsync(said)).Count.ShouldBe(1);
        (await host.RunsAsync(happened)).Count.ShouldBe(1);
        (await host.RunsAsync(everything)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task What_moderation_takes_away_starts_nothing()
    {
        var workflow = await host.ListenAsync("trigger_event", """{"event_type":"chatMessage"}""", "clean");
        var entity = await host.ChannelAsync("clean");
        (await host.Http.PostAsync(
            "/api/v1/moderation/rules",
            new StringContent($$"""{"community_id":{{entity.CommunityId}},"string":"badword","match_type":"contains","action":"block"}""", System.Text.Encoding.UTF8, "application/json"), Ct))
            .IsSuccessStatusCode.ShouldBeTrue();
        (await host.SayAsync("a badword", channel: "clean"))["outcome"]!.GetValue<string>().ShouldBe("blocked");
        await host.SayAsync("fine", channel: "clean");
        (await host.RunsAsync(workflow)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_trigger_this_build_cannot_read_keeps_no_other_from_working()
    {
        var strange = await host.ListenAsync("trigger_event", """{"event_type":"boost"}""", "strange");
        var workflow = await host.ListenAsync("trigger_event", """{"event_type":"boost"}""", "strange");
        await host.Get<Database>().Write.ExecuteAsync(
            $"update workflows.workflow_versions set trigger_config = jsonb_build_object('of_tomorrow', 1) where workflow_id = {strange.WorkflowId}", Ct);
        await host.Get<TriggerTable>().ReloadAsync(null, Ct);
        await HappenAsync("strange", "boost", new Boosted());
        (await host.RunsAsync(workflow)).Count.ShouldBe(1);
        (await host.RunsAsync(strange)).ShouldBeEmpty();
    }

    private async Task HappenAsync(string channel, string type, Fact fact, string user = "ada", string? id = null) =>
        await host.Get<IEventTransport>().DeliverAsync(Event(channel, type, fact, user, id ?? Guid.NewGuid().ToString()), Ct);

    private InboundEvent Event(string channel, string type, Fact fact, string user, string id) => new()
    {
        Channel = new ChannelId(Platform.Sandbox, null, channel),
        Type = type,
        UserId = user,
        UserName = user,
        MessageId = id,
        OccurredAt = host.Clock!.GetUtcNow(),
        Fact = fact,
    };
}
