using Rookery.Kernel.Data;
using Rookery.Platforms.Discord.Interactions;
using Rookery.Simulators.Discord;

namespace Rookery.Platforms.Tests.Discord;

/// <summary>What a remote module says long after it was called goes where it was asked.</summary>
public sealed class LateAnswerTests(InteractionHost bot) : IClassFixture<InteractionHost>
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    private InteractionSide Interactions => bot.Discord.Interactions;

    [Fact]
    public async Task It_takes_the_place_of_what_was_put_off()
    {
        await using var module = await RemoteModule.StartAsync(bot.Host, "map", 202);
        var id = await Interactions.RunAsync("l1", "42", "map");
        await DidAsync(id, "answered 5");

        await module.AnswerAsync("Here it is.");

        await DidAsync(id, "answered 5", "filled");
        Said(id).ShouldBe(["Here it is."]);
    }

    [Fact]
    public async Task It_does_so_from_a_node_that_never_heard_of_the_interaction()
    {
        await using var module = await RemoteModule.StartAsync(bot.Host, "chart", 202);
        var id = await Interactions.RunAsync("l2", "42", "chart");
        await DidAsync(id, "answered 5");
        bot.Host.Get<OpenInteractions>().Forget(id);

        await module.AnswerAsync("Drawn.");

        await DidAsync(id, "answered 5", "filled");
        Said(id).ShouldBe(["Drawn."]);
    }

    [Fact]
    public async Task An_answer_that_had_to_be_put_into_the_outbox_is_the_only_one()
    {
        bot.Discord.Rest.FailNext(1000, 502, acts: false, "Pong!");
        await Interactions.RunAsync("l9", "42", "ping");
        await TestHost.EventuallyAsync(
            () => bot.Host.Get<Database>().Write.ValueAsync<bool>(
                $"select exists (select from router.command_executions e join kernel.entities c on c.id = e.entity_id where c.entity_id like '%l9' and e.delivery = 'outbox')", Ct),
            "the answer waits in the outbox");
        bot.Discord.Rest.FailNext(0, 0);

        await TestHost.EventuallyAsync(
            () => bot.Host.Get<Database>().Write.ValueAsync<bool>(
                $"select status = 'sent' from kernel.outbox where entity_id like '%l9'", Ct), "it is sent");
        bot.Discord.Ledger.All.Where(e => e.Channel == "l9").Select(e => e.Text).ShouldBe(["Pong!"]);
    }

    [Fact]
    public async Task After_an_answer_it_is_a_further_one()
    {
        await using var module = await RemoteModule.StartAsync(bot.Host, "song", 200);
        var id = await Interactions.RunAsync("l3", "42", "song");
        await DidAsync(id, "answered 4");

        await module.AnswerAsync("La la la.");

        await DidAsync(id, "answered 4", "followed");
        Said(id).ShouldBe(["Done.", "La la la."]);
    }

    [Fact]
    public async Task When_Discord_takes_no_more_answers_it_goes_to_the_channel_but_a_no_does_not()
    {
        await using var module = await RemoteModule.StartAsync(bot.Host, "film", 200);
        var id = await Interactions.RunAsync("l4", "42", "film");
        await DidAsync(id, "answered 4");
        await bot.Host.Get<Database>().Write.ExecuteAsync(
            $"""
            update router.reply_handles
            set reply_handle = jsonb_set(reply_handle::jsonb, array['arrived_at'], to_jsonb(now() - interval '16 minutes'))::text
            """,
            Ct);

        await module.AnswerAsync("Not for you.", success: false);
        await module.AnswerAsync("Cut.");

        await bot.SaidAsync("l4", "<@42> Cut.");
        Interactions.History(id).ShouldBe(["answered 4"]);
    }

    [Fact]
    public async Task Its_place_is_kept_without_what_would_let_a_reader_speak_as_the_bot()
    {
        await using var module = await RemoteModule.StartAsync(bot.Host, "poem", 202);
        var id = await Interactions.RunAsync("l5", "42", "poem");
        await DidAsync(id, "answered 5");

        var kept = await bot.Host.Get<Database>().Write.ListAsync(
            $"select reply_handle from router.reply_handles where reply_handle like {$"%{id}%"}", r => r.GetString(0), Ct);

        kept.ShouldHaveSingleItem().ShouldNotContain(Interactions.TokenOf(id));
    }

    private Task DidAsync(string id, params string[] history) => TestHost.EventuallyAsync(
        () => Task.FromResult(Interactions.History(id).SequenceEqual(history, StringComparer.Ordinal)),
        $"{string.Join(", ", history)} (it was {string.Join(", ", Interactions.History(id))})");

    private IReadOnlyList<string> Said(string id) =>
        [.. bot.Discord.Ledger.All.Where(e => e.Kind == "answered" && e.MessageId == id).Select(e => e.Text)];
}
