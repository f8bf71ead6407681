using System.Net.Http.Json;
using System.Text;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;
using Rookery.Platforms.Discord.Interactions;
using Rookery.Simulators.Discord;

namespace Rookery.Platforms.Tests.Discord;

/// <summary>Interactions whose node died, and those that Discord gave up.</summary>
public sealed class InteractionRestartTests : IClassFixture<InteractionHost>
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    private static readonly string[] Field = ["arrived_at"];

    private readonly InteractionHost _bot;

    public InteractionRestartTests(InteractionHost bot)
    {
        _bot = bot;
        (Interactions.IsSilent, Interactions.AnswerWithin) = (true, TimeSpan.FromSeconds(3));
    }

    private InteractionSide Interactions => _bot.Discord.Interactions;

    [Fact]
    public async Task One_that_was_stored_and_not_answered_is_answered_by_the_next_node()
    {
        var id = await Interactions.RunAsync("r1", "42", "quick", "later");
        await TakeOverAsync(id, TimeSpan.Zero);

        await AnsweredAsync(id, "You said later.");
        Interactions.History(id).ShouldBe(["answered 4"]);
    }

    [Fact]
    public async Task One_that_was_put_off_is_filled_in_by_the_next_node()
    {
        var id = await Interactions.RunAsync("r2", "42", "many");
        await AcknowledgeAsync(id, 5);
        await TakeOverAsync(id, TimeSpan.FromMinutes(2));

        await AnsweredAsync(id, "three");
        Interactions.History(id).ShouldBe(["answered 5", "filled", "followed", "followed"]);
    }

    [Fact]
    public async Task A_button_that_was_put_off_is_followed_up_by_the_next_node()
    {
        var id = await Interactions.PressAsync("r3", "42", "tests:yes:1");
        await AcknowledgeAsync(id, 6);
        await TakeOverAsync(id, TimeSpan.FromMinutes(2));

        await AnsweredAsync(id, "button_click tests:yes:1");
        Interactions.History(id).ShouldBe(["answered 6", "followed"]);
    }

    [Fact]
    public async Task One_that_is_too_old_is_answered_in_the_channel_but_a_no_is_given_up()
    {
        var (said, refused) = (await Interactions.RunAsync("r4", "42", "quick", "late"), await Interactions.RunAsync("r5", "42", "no"));
        await TakeOverAsync(said, TimeSpan.FromMinutes(16));
        await TakeOverAsync(refused, TimeSpan.FromMinutes(16));

        await _bot.SaidAsync("r4", "<@42> You said late.");
        await OverAsync(refused);
        _bot.Discord.Ledger.Said("r5").ShouldBeEmpty();
        Interactions.History(said).ShouldBeEmpty();
    }

    [Fact]
    public async Task One_that_Discord_gave_up_before_it_was_answered_is_answered_in_the_channel()
    {
        (Interactions.IsSilent, Interactions.AnswerWithin) = (false, TimeSpan.Zero);
        await Interactions.RunAsync("r6", "42", "quick", "so");

        await _bot.SaidAsync("r6", "<@42> You said so.");
    }

    [Fact]
    public async Task One_whose_command_had_been_run_is_told_its_answer_and_the_command_is_not_run_again()
    {
        var id = await Interactions.RunAsync("r7", "42", "quick", "first");
        await TakeOverAsync(id, TimeSpan.Zero);
        await AnsweredAsync(id, "You said first.");
        await OverAsync(id);
        await _bot.Host.Get<Database>().Write.ExecuteAsync(
            $"update discord.discord_events set processed = false, node_id = {Guid.NewGuid()} where event_id = {id}", Ct);
        await _bot.Host.Get<Intake>().RunAsync(Ct);

        await TestHost.EventuallyAsync(() => Task.FromResult(Interactions.History(id).Count == 2), "it is told again");
        Interactions.History(id).ShouldBe(["answered 4", "filled"]);
        _bot.Discord.Ledger.All.Where(e => e.MessageId == id).Select(e => e.Text).ShouldBe(["You said first.", "You said first."]);
        (await _bot.Host.Get<Database>().Write.ValueAsync<long>(
            $"select count(*) from router.command_executions where message_id = {id}", Ct)).ShouldBe(1);
    }

    private async Task AcknowledgeAsync(string id, int type)
    {
        using var http = new HttpClient();
        using var answer = await http.PostAsJsonAsync(
            new Uri(_bot.Discord.Address, $"/api/v10/interactions/{id}/{Interactions.TokenOf(id)}/callback"), new { type }, Ct);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Puts it where a node left it that died, and has this node look for such.</summary>
    private async Task TakeOverAsync(string id, TimeSpan age)
    {
        var taken = _bot.Host.Get<InteractionIntake>().Read(Encoding.UTF8.GetBytes(Interactions.BodyOf(id)));
        var at = taken.Event.ArrivedAt!.Value - age;
        await _bot.Host.Get<Database>().Write.ExecuteAsync(
            $"""
            insert into discord.discord_events (event_id, event_type, event_data, created_at, node_id)
            values ({id}, {taken.Raw.EventType}, jsonb_set({taken.Raw.Data}::jsonb, {Field}, to_jsonb({at}::timestamptz)), {at}, {Guid.NewGuid()})
            """,
            Ct);
        await _bot.Host.Get<Intake>().RunAsync(Ct);
    }

    private Task OverAsync(string id) => TestHost.EventuallyAsync(
        async () => await _bot.Host.Get<Database>().Write.ValueAsync<bool>(
            $"select processed from discord.discord_events where event_id = {id}", Ct),
        $"{id} is over");

    private Task AnsweredAsync(string id, string text) => TestHost.EventuallyAsync(
        () => Task.FromResult(_bot.Discord.Ledger.All.Any(e => e.Kind == "answered" && e.MessageId == id && e.Text == text)),
        $"{text} ({string.Join(", ", Interactions.History(id))})");
}
