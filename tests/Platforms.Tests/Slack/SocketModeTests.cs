using System.Net;
using System.Text.Json.Nodes;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Simulators.Slack;

namespace Rookery.Platforms.Tests.Slack;

public sealed class SocketModeTests(SocketHost fixture) : IClassFixture<SocketHost>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_command_is_answered_once()
    {
        await fixture.Slack.SayAsync("C10", "U1", "!ping", null, Ct);

        await fixture.SaysAsync("C10", "Pong!");
    }

    [Fact]
    public async Task The_same_event_again_is_not_answered_again()
    {
        var id = await fixture.Slack.EventAsync("T1", Message("C11", "U1", "!ping", "1700000000.000001"), Ct);
        await fixture.SaysAsync("C11", "Pong!");

        (await fixture.Slack.RedeliverAsync(id, Ct)).ShouldBeTrue();
        await fixture.Slack.SayAsync("C11", "U1", "!ping", null, Ct);
        await fixture.SettledAsync();

        fixture.Slack.Ledger.Said("C11").ShouldBe(["Pong!", "Pong!"]);
    }

    [Fact]
    public async Task An_event_whose_acknowledgement_got_lost_comes_again_and_is_answered_once()
    {
        fixture.Slack.AnswerWithin = TimeSpan.FromMilliseconds(300);
        fixture.Slack.Deafen(1);
        var stored = await fixture.StoredAsync();

        await fixture.Slack.SayAsync("C12", "U1", "!ping", null, Ct);
        await fixture.SettledAsync();

        fixture.Slack.AnswerWithin = TimeSpan.FromSeconds(3);
        fixture.Slack.Ledger.Said("C12").ShouldBe(["Pong!"]);
        (await fixture.StoredAsync()).ShouldBe(stored + 1);
    }

    [Fact]
    public async Task A_slash_command_is_answered_where_it_was_typed_and_an_unknown_one_privately()
    {
        await fixture.Slack.CommandAsync("/rookery", "ping", "C13", "U1", Ct);
        await fixture.SaysAsync("C13", "Pong!");

        await fixture.Slack.CommandAsync("/rookery", "nonsense", "C13", "U1", Ct);
        await fixture.SettledAsync();

        var whispered = fixture.Slack.Ledger.All.Single(e => e is { Channel: "C13", Private: true });
        whispered.Text.ShouldContain("There is no command !nonsense.");
        fixture.Slack.Ledger.Said("C13").ShouldBe(["Pong!"]);
    }

    [Fact]
    public async Task Moderation_looks_at_slash_commands_too()
    {
        await fixture.Slack.CommandAsync("/rookery", "ping spam", "C14", "U1", Ct);
        await fixture.SettledAsync();

        fixture.Slack.Ledger.Said("C14").ShouldBeEmpty();
        fixture.Slack.Ledger.All.Single(e => e.Channel == "C14").Text.ShouldBe("No spam here.");
    }

    [Fact]
    public async Task An_answer_stays_in_the_thread_of_its_question()
    {
        var first = await fixture.Slack.SayAsync("C15", "U2", "Somebody there?", null, Ct);
        await fixture.Slack.SayAsync("C15", "U1", "!ping", first, Ct);
        await fixture.SaysAsync("C15", "Pong!");

        using var http = new HttpClient { BaseAddress = fixture.Slack.Address };
        http.DefaultRequestHeaders.Add("Authorization", $"Bearer {fixture.Slack.BotToken}");
        using var answer = await http.PostAsync(
            new Uri("api/conversations.replies", UriKind.Relative),
            new FormUrlEncodedContent(new Dictionary<string, string> { ["channel"] = "C15", ["ts"] = first }),
            Ct);
        (await answer.Content.ReadAsStringAsync(Ct)).ShouldContain("Pong!");
    }

    [Fact]
    public async Task Names_and_roles_come_from_Slack_and_text_is_readable()
    {
        await fixture.Slack.SayAsync("C16", "U2", "hello", null, Ct);
        await fixture.Witness.SawAsync(e => e.Channel.Channel == "C16");
        await fixture.Slack.SayAsync("C16", "U1", "a &lt; b &amp;amp; c, <@U2>, <http://example.com|example.com>", null, Ct);

        var seen = await fixture.Witness.SawAsync(e => e.Channel.Channel == "C16" && e.UserId == "U1");

        seen.UserName.ShouldBe("Ada");
        seen.UserRole.ShouldBe(Role.Admin);
        seen.Text.ShouldBe("a < b &amp; c, @Bob, example.com");
    }

    [Fact]
    public async Task The_order_of_a_channel_holds_although_names_are_asked_for()
    {
        for (var i = 0; i < 20; i++)
        {
            await fixture.Slack.SayAsync("C17", $"UNEW{i % 7}", $"line {i}", null, Ct);
        }

        await fixture.SettledAsync();

        fixture.Witness.Events.Where(e => e.Channel.Channel == "C17").Select(e => e.Text)
            .ShouldBe(Enumerable.Range(0, 20).Select(i => $"line {i}"));
    }

    [Fact]
    public async Task What_bots_say_is_left_alone()
    {
        var message = Message("C18", "U1", "!ping", "1700000000.000002");
        message["bot_id"] = "B9";
        await fixture.Slack.EventAsync("T1", message, Ct);
        await fixture.SettledAsync();

        fixture.Slack.Ledger.Said("C18").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_button_becomes_a_fact_and_its_answer_goes_to_the_channel()
    {
        await fixture.Slack.InteractAsync(
            new JsonObject
            {
                ["type"] = "block_actions",
                ["team"] = new JsonObject { ["id"] = "T1" },
                ["user"] = new JsonObject { ["id"] = "U1", ["username"] = "ada" },
                ["actions"] = new JsonArray(new JsonObject { ["type"] = "button", ["action_id"] = "giveaways:enter:7", ["value"] = "yes" }),
            },
            "C19",
            Ct);

        var pressed = await fixture.Witness.SawAsync(e => e.Channel.Channel == "C19");

        pressed.Type.ShouldBe("button_click");
        pressed.Fact.ShouldBeOfType<Interacted>().CustomId.ShouldBe("giveaways:enter:7");
        ((Interacted)pressed.Fact!).Values.ShouldBe(["yes"]);
    }

    [Fact]
    public async Task Without_a_signing_secret_webhooks_are_off()
    {
        using var http = fixture.Host.Client(null);
        using var answer = await http.PostAsync(
            new Uri("platforms/slack/events", UriKind.Relative), new StringContent("{}"), Ct);

        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await answer.Content.ReadAsStringAsync(Ct)).ShouldContain("Platforms:Slack:SigningSecret");
    }

    internal static JsonObject Message(string channel, string user, string text, string ts) => new()
    {
        ["type"] = "message",
        ["channel"] = channel,
        ["user"] = user,
        ["text"] = text,
        ["ts"] = ts,
        ["event_ts"] = ts,
    };

    [Fact]
    public async Task What_somebody_caused_is_in_the_export_and_gone_after_an_erasure()
    {
        fixture.Slack.AddUser(new SlackUser("U77", "Eve"));
        await fixture.Slack.SayAsync("C77", "U77", "!ping", null, Ct);
        await fixture.SaysAsync("C77", "Pong!");
        await fixture.SettledAsync();

        (await DataAsync("export")).ShouldContain("!ping");
        await DataAsync("erase");
        (await DataAsync("export")).ShouldNotContain("!ping");
        (await fixture.Host.Get<Database>().Write.ValueAsync<long>(
            $"select count(*) from slack.slack_events where event_data::text like '%U77%'", Ct)).ShouldBe(0);
    }

    private async Task<string> DataAsync(string what)
    {
        using var answer = await fixture.Host.Http.PostAsync($"/api/v1/personal-data/slack/U77/{what}", null, Ct);
        var text = await answer.Content.ReadAsStringAsync(Ct);
        answer.IsSuccessStatusCode.ShouldBeTrue(text);
        return text;
    }
}
