using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Communities;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;
using Rookery.Platforms.Discord;
using Rookery.Platforms.Discord.Gateway;
using Rookery.Simulators.Discord;

namespace Rookery.Platforms.Tests.Discord;

public sealed class DiscordTalkTests(DiscordTalkTests.Host bot) : IClassFixture<DiscordTalkTests.Host>
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    private DiscordSimulator Discord => bot.Discord;

    [Fact]
    public async Task Talk_after_a_command_does_not_overtake_it()
    {
        var said = Enumerable.Range(0, 60).Select(i => i % 3 == 0 ? $"!hush {i}" : $"talk {i}").ToList();
        said.ForEach(text => Discord.Say("order", "42", text));

        await TestHost.EventuallyAsync(() => Task.FromResult(bot.Heard("order").Count == said.Count), "all is heard");
        bot.Heard("order").ShouldBe(said);
    }

    [Fact]
    public async Task Messages_deleted_at_once_are_each_known_to_be_gone_however_often_it_is_told()
    {
        Discord.Gateway.Dispatch("MESSAGE_DELETE_BULK", new JsonObject
        {
            ["ids"] = new JsonArray("bulk-1", "bulk-2", "bulk-3"),
            ["channel_id"] = "bulk",
            ["guild_id"] = DiscordSimulator.GuildId,
        });

        await TestHost.EventuallyAsync(async () => (await GoneAsync()).Count == 3, "all three are gone");
        (await GoneAsync()).ShouldBe(["bulk-1", "bulk-2", "bulk-3"]);

        Task<IReadOnlyList<string>> GoneAsync() => bot.Host.Get<Database>().Write.ListAsync(
            $"""
            select event_data ->> 'id' from discord.discord_events
            where event_type = 'MESSAGE_DELETE' and processed and event_data ->> 'channel_id' = 'bulk' order by 1
            """,
            r => r.GetString(0),
            Ct);
    }

    [Fact]
    public async Task A_message_that_is_gone_already_counts_as_deleted()
    {
        var delete = new DeleteMessage(new ChannelId(Platform.Discord, DiscordSimulator.GuildId, "gone"), "once", "Rule 1");
        var sender = bot.Host.Get<DiscordSender>();

        (await sender.SendAsync(delete, "delete:once", Ct)).Ok.ShouldBeTrue();
        (await sender.SendAsync(delete, "delete:again", Ct)).ShouldBe(new Sent("once"));

        Discord.Ledger.All.Count(e => e is { Kind: "deleted", MessageId: "once" }).ShouldBe(1);
    }

    [Fact]
    public async Task A_direct_message_reaches_one_person_alone_and_is_said_once()
    {
        var (sender, message) = (bot.Host.Get<DiscordSender>(), Whisper("43", "psst"));

        (await sender.SendAsync(message, "dm:1", Ct)).Ok.ShouldBeTrue();
        (await sender.SendAsync(message, "dm:1", Ct)).Ok.ShouldBeTrue();

        Discord.Ledger.All.Single(e => e.Channel == "43").Private.ShouldBeTrue();
        Discord.Rest.Calls.Count(c => c.Path.EndsWith("/users/@me/channels", StringComparison.Ordinal) && c.Body.Contains("\"43\"", StringComparison.Ordinal))
            .ShouldBe(1);
    }

    [Fact]
    public async Task Who_takes_no_direct_messages_is_not_tried_again()
    {
        Discord.Rest.TakesNone["44"] = true;

        (await bot.Host.Get<DiscordSender>().SendAsync(Whisper("44", "psst"), "dm:2", Ct)).ShouldBe(
            Sent.Failed("The bot cannot message this person: their settings forbid it, or they blocked the bot."));
        (await bot.Host.Get<DiscordSender>().SendAsync(Whisper("ada", "psst"), "dm:3", Ct)).RetryAfter.ShouldBeNull();
    }

    private static SendDirectMessage Whisper(string user, string text) => SendDirectMessage.From(
        new ChannelId(Platform.Discord, DiscordSimulator.GuildId, "c"), user, new ModuleResponse("m", true, "chat", ChatMessage: text));

    [Fact]
    public async Task An_edit_into_what_is_forbidden_deletes_the_message_once_and_an_edit_into_a_command_runs_nothing()
    {
        Discord.Say("edits", "42", "!ping");
        await bot.SaidAsync("edits", "Pong!");
        var community = await bot.Host.Get<Database>().Write.ValueAsync<long>(
            $"select community_id from kernel.entities where entity_id = {$"discord:{DiscordSimulator.GuildId}:edits"}", Ct);
        var rule = new { community_id = community, @string = "buy followers", match_type = "contains", action = "block" };
        using var made = await bot.Host.Http.PostAsJsonAsync("/api/v1/moderation/rules", rule, Ct);
        made.IsSuccessStatusCode.ShouldBeTrue(await made.Content.ReadAsStringAsync(Ct));

        var (first, second) = (Discord.Say("edits", "42", "hello"), Discord.Say("edits", "42", "hello again"));
        var at = TimeProvider.System.GetUtcNow();
        Discord.Edit("edits", "42", first, "!ping", at);
        Discord.Edit("edits", "42", second, "now buy followers", at);
        Discord.Edit("edits", "42", second, "now buy followers", at);
        Discord.Edit("edits", "42", first, "now buy followers", null);
        await TestHost.EventuallyAsync(() => Task.FromResult(Deleted().Count > 0), "the message is deleted");
        Discord.Say("edits", "42", "!ping");

        await bot.SaidAsync("edits", "Pong!", "Your message was removed: it breaks a rule of this channel.", "Pong!");
        Deleted().ShouldBe([second]);

        List<string?> Deleted() => [.. Discord.Ledger.All.Where(e => e.Kind == "deleted" && e.Channel == "edits").Select(e => e.MessageId)];
    }

    [Fact]
    public async Task A_command_with_a_word_that_is_warned_of_is_answered_and_then_the_member_is_warned()
    {
        Discord.Say("warned", "42", "!ping");
        await bot.SaidAsync("warned", "Pong!");
        var entity = $"discord:{DiscordSimulator.GuildId}:warned";
        var rule = new { @string = "rude", match_type = "word", action = "warn", warning_message = "Be kind.", enabled_entity_ids = new[] { entity } };
        using var made = await bot.Host.Http.PostAsJsonAsync("/api/v1/moderation/rules", rule, Ct);
        made.IsSuccessStatusCode.ShouldBeTrue(await made.Content.ReadAsStringAsync(Ct));

        Discord.Say("warned", "42", "!ping rude");

        await bot.SaidAsync("warned", "Pong!", "Pong!", "Be kind.");
    }

    [Fact]
    public async Task Talk_while_the_database_is_away_is_said_once_in_the_log_for_each_outage()
    {
        var (road, log) = (new Road(), new Notes());
        var guilds = new Guilds(TimeProvider.System);
        var dispatches = new DiscordDispatches(
            new DiscordDecoder(guilds, null!, TimeProvider.System), guilds, null!, null!, null!, null!, road, new Rookery.Kernel.Coordination.Servers(null!, TimeProvider.System), TimeProvider.System, log);

        foreach (var isAway in new[] { true, true, true, false, true, true })
        {
            road.IsAway = isAway;
            var talk = """{"id": "1", "channel_id": "c", "guild_id": "g", "author": {"id": "7", "username": "x"}, "content": "hello"}"""u8;
            await dispatches.TakeAsync(new Dispatch(EventTypes.MessageCreate, talk.ToArray(), "s", 1), Ct);
        }

        (road.Delivered, log.Lines.Count).ShouldBe((1, 2));
    }

    /// <summary>A bot that notes what it hears, in the order it is handled.</summary>
    public sealed class Host : DiscordHost
    {
        private readonly Hearing _hearing = new();

        public Host() => Configure = services => services.AddSingleton<IActivityHook>(_hearing);

        public IReadOnlyList<string> Heard(string channel) => [.. _hearing.Heard.Where(h => h.Channel == channel).Select(h => h.Text)];

        private sealed class Hearing : IActivityHook
        {
            public ConcurrentQueue<(string Channel, string Text)> Heard { get; } = new();

            public ValueTask RecordAsync(InboundEvent e, Entity entity, Member member, CancellationToken ct)
            {
                Heard.Enqueue((e.Channel.Channel, e.Text ?? ""));
                return default;
            }
        }
    }

    private sealed class Road : IEventTransport
    {
        public bool IsAway { get; set; }

        public int Delivered { get; private set; }

        public ValueTask<Routed> DeliverAsync(InboundEvent e, CancellationToken ct)
        {
            if (IsAway)
            {
                throw new StorageUnavailableException(new TimeoutException());
            }

            Delivered++;
            return ValueTask.FromResult(new Routed { EventId = Guid.Empty, EntityId = "", Outcome = Outcome.Ignored });
        }
    }

    private sealed class Notes : ILogger<DiscordDispatches>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));
    }
}
