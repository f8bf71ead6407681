using Rookery.Kernel.Expressions;
using Rookery.Workflows.Definition;
using Rookery.Workflows.Templates;

namespace Rookery.Workflows.Tests;

public sealed class ShippedTemplateTests(TemplateHost host) : IClassFixture<TemplateHost>
{
    [Fact]
    public void Each_template_is_right_as_it_is()
    {
        var templates = ShippedTemplates.All();
        templates.Count.ShouldBe(12);
        foreach (var template in templates)
        {
            var document = Definitions.Document(
                template.Workflow.GetProperty("nodes").GetRawText(),
                template.Workflow.GetProperty("connections").GetRawText(),
                template.Workflow.TryGetProperty("global_variables", out var globals) ? globals.GetRawText() : "{}",
                "{}");
            Compiler.Compile(document).Findings.Where(f => f.Code != "no_end").ShouldBeEmpty(template.Name);
        }
    }

    [Fact]
    public async Task Welcome_greets_whoever_joins()
    {
        var workflow = await host.TakeAsync("Welcome", "welcome", """{"hint":"Rules: #rules"}""");
        (await host.RunAsync(workflow, "welcome", "event", TemplateHost.Happened("member_join", "ada"))).ShouldBe(["Welcome, ada! Rules: #rules"]);
    }

    [Fact]
    public async Task Shoutout_on_raid_thanks_who_brings_enough()
    {
        var workflow = await host.TakeAsync("Shoutout on raid", "raid", """{"least_viewers":5}""");
        (await host.RunAsync(workflow, "raid", "event", TemplateHost.Happened("raid", "Ada", "", ("viewers", 42)))).ShouldBe(
            ["Ada raids with 42 viewers! Have a look at https://twitch.tv/ada", "ticker display: Raid: Ada with 42"]);
        (await host.RunAsync(workflow, "raid", "event", TemplateHost.Happened("raid", "Ben", "", ("viewers", 4)))).ShouldBeEmpty();
    }

    [Fact]
    public async Task Sub_goal_ticker_counts_and_cheers_once()
    {
        var workflow = await host.TakeAsync("Sub goal ticker", "goal", """{"goal":2}""");
        var said = new List<string>();
        foreach (var user in (string[])["ada", "ben", "cem"])
        {
            said.AddRange(await host.RunAsync(workflow, "goal", "event", TemplateHost.Happened("subscription", user, "", ("tier", 1))));
        }

        said.ShouldBe([
            "ticker display: Sub goal: 1 / 2", "ticker display: Sub goal: 2 / 2", "ben brings us to 2 subscriptions. Thank you all!", "ticker display: Sub goal: 3 / 2",
        ]);
    }

    [Fact]
    public async Task Keyword_alert_tells_of_the_words_it_looks_for_only()
    {
        var workflow = await host.TakeAsync("Keyword alert", "words", """{"keywords":["Broken","lag"]}""");
        (await host.RunAsync(workflow, "words", "event", TemplateHost.Happened("chatMessage", "ada", "It is BROKEN and lags"))).ShouldBe(
            ["ada wrote about Broken, lag in sandbox::lab: It is BROKEN and lags"]);
        (await host.RunAsync(workflow, "words", "event", TemplateHost.Happened("chatMessage", "ada", "All is well"))).ShouldBeEmpty();
    }

    [Fact]
    public async Task Keyword_alert_begins_no_run_for_what_has_none_of_the_words()
    {
        var workflow = await host.TakeAsync("Keyword alert", "watch", """{"keywords":["Broken","c++"]}""");
        await TestHost.EventuallyAsync(() => Task.FromResult(host.Get<Rookery.Workflows.Triggers.TriggerTable>().Find(workflow.WorkflowId) is not null), "it listens");

        await host.SayAsync("All is well", channel: "watch");
        await host.SayAsync("It is BROKEN", channel: "watch");
        await host.SayAsync("C++ is hard", channel: "watch");

        (await host.Get<Rookery.Kernel.Data.Database>().Write.ListAsync(
            $"select trigger_data ->> 'message' from workflows.workflow_executions where workflow_id = {workflow.WorkflowId} order by execution_id",
            r => r.GetString(0),
            TestContext.Current.CancellationToken)).ShouldBe(["It is BROKEN", "C++ is hard"]);
    }

    [Fact]
    public async Task Daily_quote_says_a_quote_if_there_is_one()
    {
        var workflow = await host.TakeAsync("Daily quote", "quotes");
        (await host.RunAsync(workflow, "quotes", "schedule", ("scheduled_time", "2026-03-01T09:00:00Z"))).ShouldBeEmpty();
        await host.SayAsync("!memories add quote \"Less is more\" Mies", channel: "quotes", role: "moderator");
        (await host.RunAsync(workflow, "quotes", "schedule", ("scheduled_time", "2026-03-02T09:00:00Z"))).ShouldHaveSingleItem()
            .ShouldSatisfyAllConditions(t => t.ShouldStartWith("Quote of the day: "), t => t.ShouldContain("Less is more"));
    }

    [Fact]
    public async Task Poll_reminder_asks_reminds_and_closes()
    {
        var workflow = await host.TakeAsync("Poll reminder", "poll", """{"minutes":0.004}""");
        (await host.TypeAsync(workflow, "poll", "ada", "Tea or coffee?", "moderator")).ShouldBe(
            ["Poll: Tea or coffee? You have 0.004 minutes.", "Half time! Tea or coffee?", "The poll is over: Tea or coffee?"]);
    }

    [Fact]
    public async Task Go_live_chain_announces_at_once_and_later()
    {
        var workflow = await host.TakeAsync("Go-live chain", "live", """{"reminder_minutes":0.004,"link":"https://example.org/live"}""");
        var sent = await host.RunAsync(workflow, "live", "event", TemplateHost.Happened("stream_online", "ada", "", ("stream_id", "7")));
        sent.Order(StringComparer.Ordinal).ShouldBe(
            ["Still live, come in: https://example.org/live", "We are live! https://example.org/live", "ticker display: Welcome to the stream"]);
        sent[^1].ShouldStartWith("Still live");
    }

    [Fact]
    public async Task Ticket_escalation_brings_up_what_is_still_open()
    {
        var workflow = await host.TakeAsync("Ticket escalation", "tickets", """{"minutes":0.005}""");
        (await host.TypeAsync(workflow, "tickets", "ada", "No sound in here")).ShouldBe([
            "ada, your ticket has the number 1.", "Ticket 1 of ada: No sound in here", "Ticket 1 of ada is still open after 0.005 minutes: No sound in here",
        ]);
        (await host.TypeAsync(workflow, "tickets", "ada", "done 1")).ShouldBe(["Only moderators close tickets."]);
    }

    [Fact]
    public async Task Ticket_escalation_lets_closed_tickets_be()
    {
        var workflow = await host.TakeAsync("Ticket escalation", "closed", """{"minutes":0.04}""");
        var waiting = await host.StartAsync(workflow, "closed", "command", TemplateHost.Typed("ada", "No sound"));
        await TestHost.EventuallyAsync(async () => await host.StatusAsync(waiting) == "running asleep", "the ticket is open");
        (await host.TypeAsync(workflow, "closed", "mod", "done 1", "moderator")).ShouldBe(["Ticket 1 is closed."]);
        (await host.SentAsync(waiting)).ShouldBe(["ada, your ticket has the number 1.", "Ticket 1 of ada: No sound"]);
    }

    [Fact]
    public async Task Webhook_to_chat_says_what_was_posted()
    {
        var workflow = await host.TakeAsync("Webhook to chat", "hook", """{"prefix":"CI: "}""");
        (await host.RunAsync(workflow, "hook", "webhook", ("payload", Value.Object(("text", "Build 7 is green"))))).ShouldBe(["CI: Build 7 is green"]);
        var empty = await host.StartAsync(workflow, "hook", "webhook", ("payload", Value.Object(("other", 1))));
        await TestHost.EventuallyAsync(async () => await host.StatusAsync(empty) == "failed", "a call without a text fails");
    }

    [Fact]
    public async Task Moderation_escalation_tells_the_team_of_the_one_who_goes_too_far()
    {
        var workflow = await host.TakeAsync("Moderation escalation", "strikes", """{"limit":2}""");
        (await host.RunAsync(workflow, "strikes", "event", TemplateHost.Happened("timeout", "eve", "", ("reason", "spam")))).ShouldBeEmpty();
        (await host.RunAsync(workflow, "strikes", "event", TemplateHost.Happened("timeout", "ada"))).ShouldBeEmpty();
        (await host.RunAsync(workflow, "strikes", "event", TemplateHost.Happened("timeout", "eve", "", ("reason", "more spam")))).ShouldBe(
            ["eve was timed out 2 times; the last reason: more spam. Please have a look."]);
    }

    [Fact]
    public async Task Giveaway_draw_takes_everybody_once_and_draws_one_of_them()
    {
        var workflow = await host.TakeAsync("Giveaway draw", "giveaway", """{"prize":"a mug"}""");
        (await host.TypeAsync(workflow, "giveaway", "mod", "draw", "moderator")).ShouldBe(["Nobody is in yet; write !giveaway to enter."]);
        (await host.TypeAsync(workflow, "giveaway", "ada", "")).ShouldBe(["ada is in for a mug; 1 so far."]);
        (await host.TypeAsync(workflow, "giveaway", "ada", "")).ShouldBe(["ada is in for a mug; 1 so far."]);
        (await host.TypeAsync(workflow, "giveaway", "ben", "")).ShouldBe(["ben is in for a mug; 2 so far."]);
        (await host.TypeAsync(workflow, "giveaway", "ben", "draw")).ShouldBe(["Only moderators draw."]);
        (await host.TypeAsync(workflow, "giveaway", "mod", "draw", "moderator")).ShouldHaveSingleItem().ShouldBeOneOf("ada wins a mug!", "ben wins a mug!");
        (await host.TypeAsync(workflow, "giveaway", "mod", "draw", "moderator")).ShouldBe(["Nobody is in yet; write !giveaway to enter."]);
    }

    [Fact]
    public async Task Stream_summary_thanks_and_clears_the_overlay()
    {
        var workflow = await host.TakeAsync("Stream summary", "over", """{"thanks":"Good night!"}""");
        var sent = await host.RunAsync(workflow, "over", "event", TemplateHost.Happened("stream_offline", "ada"));
        sent.Count.ShouldBe(2);
        sent[0].ShouldStartWith("Good night!");
        sent[1].ShouldBe("ticker clear: ");
    }
}
