using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Simulators;
using Rookery.Simulators.Discord;

namespace Rookery.Platforms.Tests.Discord;

public sealed class InteractionTests(InteractionHost bot) : IClassFixture<InteractionHost>
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    private InteractionSide Interactions => bot.Discord.Interactions;

    [Fact]
    public async Task A_slash_command_is_answered_in_time_with_what_was_typed_after_it()
    {
        var id = await Interactions.RunAsync("s1", "42", "quick", "add \"two words\"");

        (await AnsweredAsync(id, 1)).ShouldBe(["You said add \"two words\"."]);
        Interactions.History(id).ShouldBe(["answered 4"]);
    }

    [Fact]
    public async Task A_slow_command_is_put_off_and_filled_in()
    {
        var id = await Interactions.RunAsync("s2", "42", "slow");

        (await AnsweredAsync(id, 1)).ShouldBe(["At last."]);
        Interactions.History(id).ShouldBe(["answered 5", "filled"]);
    }

    [Fact]
    public async Task A_no_is_for_one_person_only_also_after_it_was_put_off()
    {
        var (quick, slow) = (await Interactions.RunAsync("s3", "42", "no"), await Interactions.RunAsync("s4", "42", "slowno"));

        (await AnsweredAsync(quick, 1)).ShouldBe(["Not you."]);
        (await AnsweredAsync(slow, 1)).ShouldBe(["No, after all."]);
        Entries(quick).Concat(Entries(slow)).ShouldAllBe(e => e.Private);
        Interactions.History(slow).ShouldBe(["answered 5", "deleted", "followed"]);
    }

    [Fact]
    public async Task Several_answers_and_long_ones_follow_the_first()
    {
        var (many, tall) = (await Interactions.RunAsync("s5", "42", "many"), await Interactions.RunAsync("s6", "42", "long"));

        (await AnsweredAsync(many, 3)).ShouldBe(["one", "two", "three"]);
        (await AnsweredAsync(tall, 3)).Sum(t => t.Length).ShouldBe(4500);
        Interactions.History(many).ShouldBe(["answered 4", "followed", "followed"]);
    }

    [Theory]
    [InlineData("hush", "Done.")]
    [InlineData("unheard-of", "There is no command !unheard-of. Use /help to see what there is.")]
    public async Task A_command_that_says_nothing_is_ended_for_the_one_who_typed_it(string command, string said)
    {
        var id = await Interactions.RunAsync("s7", "42", command);

        (await AnsweredAsync(id, 1)).ShouldBe([said]);
        Entries(id).Single().Private.ShouldBeTrue();
    }

    [Fact]
    public async Task Cards_buttons_and_selections_are_Discords_own()
    {
        var id = await Interactions.RunAsync("s8", "42", "card");
        await AnsweredAsync(id, 1);

        var data = Interactions.Answer(id)!["data"]!;
        data["embeds"]![0]!["author"]!["name"]!.GetValue<string>().ShouldBe("Ada");
        data["components"]![0]!["components"]![1]!["style"]!.GetValue<int>().ShouldBe(5);
        data["components"]![1]!["components"]![0]!["options"]!.AsArray().Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_card_over_the_limits_is_not_sent_and_the_execution_says_which_field_is_wrong()
    {
        var id = await Interactions.RunAsync("s9", "42", "bad");

        (await AnsweredAsync(id, 1)).ShouldBe(["The answer cannot be shown here."]);
        var delivery = await bot.Host.Get<Database>().Write.ValueAsync<string>(
            $"select delivery from router.command_executions where message_content = '!bad'", Ct);
        delivery.ShouldBe("response_data.embeds[0].title has 257 characters; at most 256 are allowed.");
    }

    [Fact]
    public async Task A_button_a_selection_and_a_form_reach_the_module_that_made_them()
    {
        var button = await Interactions.PressAsync("s10", "42", "tests:yes:1");
        var choice = await Interactions.ChooseAsync("s11", "42", "tests:cake:1", "scone", "none");
        var form = await Interactions.SubmitAsync("s12", "42", "tests:form:1", ("name", "Ada"), ("why", "a=b"));

        (await AnsweredAsync(button, 1)).ShouldBe(["button_click tests:yes:1"]);
        (await AnsweredAsync(choice, 1)).ShouldBe(["select_menu tests:cake:1 scone|none"]);
        (await AnsweredAsync(form, 1)).ShouldBe(["modal_submit tests:form:1 name=Ada|why=a=b"]);
    }

    [Fact]
    public async Task A_button_that_causes_nothing_to_be_said_is_acknowledged_unseen()
    {
        var id = await Interactions.PressAsync("s13", "42", "tests:quiet:1");

        await TestHost.EventuallyAsync(() => Task.FromResult(Interactions.History(id).Count > 0), "it is acknowledged");
        Interactions.History(id).ShouldBe(["answered 6"]);
    }

    [Fact]
    public async Task A_form_opens_as_a_modal()
    {
        var id = await Interactions.RunAsync("s14", "42", "ask");
        await TestHost.EventuallyAsync(() => Task.FromResult(Interactions.Answer(id) is not null), "it is answered");

        var modal = Interactions.Answer(id)!;
        modal["type"]!.GetValue<int>().ShouldBe(9);
        modal["data"]!["custom_id"]!.GetValue<string>().ShouldStartWith("tests:form:");
        modal["data"]!["components"]!.AsArray().Select(c => c!["type"]!.GetValue<int>()).ShouldBe([10, 18, 18, 18]);
    }

    [Fact]
    public async Task What_could_be_typed_next_is_suggested()
    {
        var id = await Interactions.TypeAsync("s15", "42", "quick", "re");
        await TestHost.EventuallyAsync(() => Task.FromResult(Interactions.Answer(id) is not null), "it is suggested");

        var choice = Interactions.Answer(id)!["data"]!["choices"]!.AsArray().ShouldHaveSingleItem()!;
        choice["name"]!.GetValue<string>().ShouldBe("remove <what> [why]");
        choice["value"]!.GetValue<string>().ShouldBe("remove");
    }

    [Fact]
    public async Task An_interaction_that_is_told_again_is_not_answered_again()
    {
        var id = await Interactions.RunAsync("s16", "42", "quick", "once");
        await AnsweredAsync(id, 1);
        await Interactions.RepeatAsync(id);
        var next = await Interactions.RunAsync("s16", "42", "quick", "twice");
        await AnsweredAsync(next, 1);

        Interactions.History(id).ShouldBe(["answered 4"]);
    }

    [Fact]
    public async Task An_answer_that_is_in_doubt_is_given_again_and_seen_once()
    {
        bot.Discord.Rest.FailNext(1, 502);
        var id = await Interactions.RunAsync("s17", "42", "quick", "twice");

        (await AnsweredAsync(id, 1)).ShouldBe(["You said twice."]);
    }

    [Fact]
    public async Task The_token_of_an_interaction_stands_nowhere()
    {
        var id = await Interactions.RunAsync("s18", "42", "quick", "hello");
        await AnsweredAsync(id, 1);

        var database = bot.Host.Get<Database>().Write;
        var stored = await database.ValueAsync<string>(
            $"select event_data::text from discord.discord_events where event_id = {id}", Ct);
        var run = await database.ListAsync(
            $"select to_jsonb(e)::text from router.command_executions e where message_content = '!quick hello'", r => r.GetString(0), Ct);
        stored.ShouldNotContain(Interactions.TokenOf(id));
        run.ShouldHaveSingleItem().ShouldNotContain(Interactions.TokenOf(id));
        run[0].ShouldNotContain("sealed_token");
    }

    [Fact]
    public async Task A_remote_module_makes_a_button_and_hears_of_it_without_what_would_let_it_speak_as_the_bot()
    {
        await using var module = await LoopbackServer.StartAsync();
        module.Json(
            """
            {"success": true, "response_action": "chat", "chat_message": "Which?", "response_data":
                {"components": [[{"type": "button", "custom_id": "poll:yes:1", "label": "Yes"}]]}}
            """);
        using var made = await bot.Host.Http.PostAsJsonAsync(
            "/api/v1/commands",
            new
            {
                command = "poll",
                prefix = "#",
                location_url = module.Address,
                type = "webhook",
                module_type = "core",
                trigger_type = "both",
                event_types = new[] { "button_click" },
            },
            Ct);
        made.IsSuccessStatusCode.ShouldBeTrue(await made.Content.ReadAsStringAsync(Ct));
        await TestHost.EventuallyAsync(
            () => Task.FromResult(bot.Host.Get<ICommandList>().Typed.Any(c => c.Name == "poll")), "the command is known");

        var asked = await Interactions.RunAsync("s19", "42", "poll", "now");
        (await AnsweredAsync(asked, 1)).ShouldBe(["Which?"]);
        Interactions.Answer(asked)!["data"]!["components"]![0]!["components"]![0]!["custom_id"]!.GetValue<string>().ShouldBe("poll:yes:1");
        var pressed = await Interactions.PressAsync("s19", "42", "poll:yes:1");
        await AnsweredAsync(pressed, 1);

        var heard = JsonNode.Parse(module.Last.Body)!;
        heard["event_type"]!.GetValue<string>().ShouldBe("button_click");
        heard["event_data"]!.ToJsonString().ShouldBe("""{"custom_id":"poll:yes:1","values":[]}""");
        module.Requests.ShouldAllBe(r => !r.Body.Contains("token", StringComparison.Ordinal) && !r.Query.Contains("token", StringComparison.Ordinal));
    }

    private async Task<IReadOnlyList<string>> AnsweredAsync(string id, int count)
    {
        await TestHost.EventuallyAsync(
            () => Task.FromResult(Entries(id).Count >= count), $"{count} answers ({string.Join(", ", Interactions.History(id))})");
        return [.. Entries(id).Select(e => e.Text)];
    }

    private IReadOnlyList<LedgerEntry> Entries(string id) =>
        [.. bot.Discord.Ledger.All.Where(e => e.Kind == "answered" && e.MessageId == id)];
}
