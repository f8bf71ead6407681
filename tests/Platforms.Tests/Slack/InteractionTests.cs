using System.Text.Json.Nodes;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;
using Rookery.Platforms.Slack;
using Rookery.Simulators.Slack;

namespace Rookery.Platforms.Tests.Slack;

/// <summary>What a module writes once works in Slack as it does on Discord.</summary>
public abstract class InteractionTests(SlackHost fixture)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private SlackSimulator Slack => fixture.Slack;

    [Fact]
    public async Task Buttons_and_selections_reach_the_module_that_made_them()
    {
        await Slack.CommandAsync("/rookery", "card", "C70", "U1", Ct);
        await fixture.SaysAsync("C70", "A card", "Tea");

        await Slack.ClickAsync("C70", "U2", "tests:yes:1", Ct);
        await fixture.SaysAsync("C70", "A card", "Tea", "button_click tests:yes:1");
        await Slack.ChooseAsync("C70", "U2", "tests:cake:1", ["scone", "none"], Ct);
        await fixture.SaysAsync("C70", "A card", "Tea", "button_click tests:yes:1", "select_menu tests:cake:1 scone|none");
    }

    [Fact]
    public async Task They_stand_under_the_card_in_Slacks_own_shape()
    {
        await Slack.SayAsync("C71", "U1", "!card", null, Ct);
        await fixture.SaysAsync("C71", "A card", "Tea");

        var blocks = Slack.BlocksIn("C71")!;
        blocks.Select(b => b!["type"]!.GetValue<string>()).ShouldBe(["header", "section", "section", "image", "context", "actions", "section"]);
        var buttons = blocks[5]!["elements"]!.AsArray();
        buttons[0]!["style"]!.GetValue<string>().ShouldBe("primary");
        buttons[1]!["url"]!.GetValue<string>().ShouldBe("https://example.org/");
        var select = blocks[6]!["accessory"]!;
        select["type"]!.GetValue<string>().ShouldBe("multi_static_select");
        select["max_selected_items"]!.GetValue<int>().ShouldBe(2);
        select["options"]!.AsArray().Select(o => o!["value"]!.GetValue<string>()).ShouldBe(["scone", "none"]);
    }

    [Fact]
    public async Task A_button_that_opens_a_page_is_nobodys_business()
    {
        await Slack.SayAsync("C72", "U1", "!card", null, Ct);
        await fixture.SaysAsync("C72", "A card", "Tea");

        await Slack.ClickAsync("C72", "U2", "open-link:1", Ct);
        await fixture.SettledAsync();

        fixture.Witness.Events.ShouldNotContain(e => e.Channel.Channel == "C72" && e.Fact is Interacted);
    }

    [Fact]
    public async Task A_button_that_causes_nothing_to_be_said_says_nothing()
    {
        var row = new RichContent(Components: [[new Component("button", "tests:quiet:1", "Quiet")]]);
        await SendAsync("C73", "Psst", row);

        (await Slack.ClickAsync("C73", "U2", "tests:quiet:1", Ct)).ShouldBeTrue();
        await fixture.Witness.SawAsync(e => e.Channel.Channel == "C73" && e.Type == "button_click");
        await fixture.SettledAsync();

        Slack.Ledger.All.Where(e => e.Channel == "C73").Select(e => e.Text).ShouldBe(["Psst"]);
    }

    [Fact]
    public async Task A_form_opens_and_what_was_filled_in_is_answered_where_it_was_asked_for()
    {
        await Slack.CommandAsync("/rookery", "ask", "C74", "U1", Ct);
        await TestHost.EventuallyAsync(() => Task.FromResult(Forms("C74").Count == 1), "the form is open");

        var form = Forms("C74")[0];
        form["title"]!["text"]!.GetValue<string>().ShouldBe("Who comes?");
        form["blocks"]!.AsArray().Select(b => b!["type"]!.GetValue<string>()).ShouldBe(["section", "input", "input", "input"]);
        form["blocks"]![1]!["optional"]!.GetValue<bool>().ShouldBeFalse();
        form["blocks"]![2]!["element"]!["initial_value"]!.GetValue<string>().ShouldBe("because");

        await Slack.SubmitAsync(
            form["callback_id"]!.GetValue<string>(), "U1", [("name", "Ada"), ("why", "a=b"), ("cake", "scone"), ("cake", "tart")], Ct);
        var id = form["callback_id"]!.GetValue<string>();
        await fixture.SaysAsync("C74", $"modal_submit {id} name=Ada|why=a=b|cake=scone|cake=tart");
    }

    [Fact]
    public async Task A_form_that_Slack_will_not_open_any_more_is_told_to_the_one_who_asked()
    {
        Slack.Fail("views.open", new SlackFailure(200, "expired_trigger_id"));

        await Slack.CommandAsync("/rookery", "ask", "C75", "U1", Ct);

        await TestHost.EventuallyAsync(() => Task.FromResult(Slack.Ledger.All.Any(e => e.Channel == "C75")), "he is told");
        var told = Slack.Ledger.All.Single(e => e.Channel == "C75");
        told.Text.ShouldBe("The form could not be opened in time. Please try again.");
        told.Private.ShouldBeTrue();
    }

    [Fact]
    public async Task What_is_written_into_a_form_is_moderated_like_what_is_said()
    {
        await Slack.CommandAsync("/rookery", "ask", "C79", "U1", Ct);
        await TestHost.EventuallyAsync(() => Task.FromResult(Forms("C79").Count == 1), "the form is open");
        var id = Forms("C79")[0]["callback_id"]!.GetValue<string>();

        await Slack.SubmitAsync(id, "U1", [("name", "Ada"), ("why", "buy spam")], Ct);

        await TestHost.EventuallyAsync(
            () => Task.FromResult(Slack.Ledger.All.Any(e => e is { Channel: "C79", Private: true, Text: "No spam here." })), "who wrote it is told");
        await fixture.SettledAsync();
        Slack.Ledger.Said("C79").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_card_over_the_limits_is_not_sent_and_the_field_is_named()
    {
        var sent = await SendAsync("C76", "x", new RichContent([new Embed(new string('t', 257))]));

        sent.ShouldBe(Sent.Failed("response_data.embeds[0].title has 257 characters; at most 256 are allowed."));
        Slack.Ledger.Said("C76").ShouldBeEmpty();
    }

    [Fact]
    public async Task What_Slack_shows_less_of_is_cut_and_what_comes_back_is_not()
    {
        var (label, value) = (new string('l', 80), new string('v', 100));
        var rows = new RichContent(Components:
        [
            [.. Enumerable.Range(0, 5).Select(i => new Component("button", $"tests:{i}:{new string('x', 80)}", label, Disabled: i == 4))],
            [new Component("select", "tests:pick:1", Placeholder: new string('p', 150), Options: [new(value, value, value)])],
        ]);

        (await SendAsync("C77", new string('t', 3900), rows)).Error.ShouldBeNull();

        var blocks = Slack.BlocksIn("C77")!;
        blocks.Select(b => b!["type"]!.GetValue<string>()).ShouldBe(["section", "section", "actions", "actions"]);
        blocks[2]!["elements"]!.AsArray().Count.ShouldBe(4);
        blocks[2]!["elements"]![0]!["action_id"]!.GetValue<string>().ShouldBe($"tests:0:{new string('x', 80)}");
        blocks[3]!["elements"]![0]!["options"]![0]!["value"]!.GetValue<string>().ShouldBe(value);
    }

    [Fact]
    public async Task The_address_for_answers_stands_nowhere()
    {
        await Slack.CommandAsync("/rookery", "quick secretly", "C78", "U1", Ct);
        await fixture.SaysAsync("C78", "You said secretly.");
        await fixture.SettledAsync();

        var stored = await fixture.Host.Get<Database>().Write.ListAsync(
            $"select event_data::text from slack.slack_events where event_data::text like '%secretly%'", r => r.GetString(0), Ct);
        stored.ShouldHaveSingleItem().ShouldNotContain("/respond/");
        stored[0].ShouldContain("response_url");
        fixture.Witness.Events.ShouldAllBe(e => e.ReplyHandle == null || !e.ReplyHandle.Contains("/respond/", StringComparison.Ordinal));
    }

    private Task<Sent> SendAsync(string channel, string text, RichContent content) => fixture.Host.Get<SlackSender>().SendAsync(
        new SendMessage(new ChannelId(Platform.Slack, "T1", channel), new ModuleResponse("m", true, "chat", text, ResponseData: content.ToJson())),
        $"reply:{channel}:0",
        Ct).AsTask();

    private List<JsonObject> Forms(string channel) => [.. Slack.Views.Where(v =>
        v["private_metadata"]?.GetValue<string>().StartsWith($"{channel}\n", StringComparison.Ordinal) == true)];
}

public sealed class SocketInteractionTests(SocketHost fixture) : InteractionTests(fixture), IClassFixture<SocketHost>;

public sealed class WebhookInteractionTests(EventsHost fixture) : InteractionTests(fixture), IClassFixture<EventsHost>;

public sealed class InteractionRestartTests(SocketHost fixture) : IClassFixture<SocketHost>
{
    [Fact]
    public async Task A_button_works_although_nobody_remembers_the_message_it_stands_under()
    {
        var ct = TestContext.Current.CancellationToken;
        await fixture.Slack.CommandAsync("/rookery", "card", "C80", "U1", ct);
        await fixture.SaysAsync("C80", "A card", "Tea");

        await fixture.RestartAsync();
        await TestHost.EventuallyAsync(() => Task.FromResult(fixture.Slack.Sockets == 1), "the socket is open again");
        await fixture.Slack.ClickAsync("C80", "U2", "tests:yes:1", ct);

        await fixture.SaysAsync("C80", "A card", "Tea", "button_click tests:yes:1");
    }
}
