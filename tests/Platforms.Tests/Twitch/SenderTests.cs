using Microsoft.Extensions.DependencyInjection;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;
using Rookery.Platforms.Twitch;

namespace Rookery.Platforms.Tests.Twitch;

/// <summary>What the bot does at Twitch, and what it makes of Twitch's answers.</summary>
public sealed class SenderTests(TwitchHost twitch) : IClassFixture<TwitchHost>
{
    private static readonly ChannelId Channel = new(Platform.Twitch, null, TwitchHost.Channel);

    private ISender Sender => twitch.Host.Services.GetServices<ISender>().Single(s => s.Name == "twitch");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_long_answer_becomes_messages_of_at_most_500_characters()
    {
        var text = string.Join(' ', Enumerable.Repeat("wordy", 150));

        (await SayAsync(text)).Ok.ShouldBeTrue();

        var said = twitch.Twitch.Ledger.Said(TwitchHost.Channel).Where(s => s.StartsWith("wordy", StringComparison.Ordinal)).ToList();
        said.Count.ShouldBe(2);
        string.Join(' ', said).ShouldBe(text);
    }

    [Fact]
    public async Task A_key_is_said_once()
    {
        (await SayAsync("only once", "post:1")).Ok.ShouldBeTrue();
        (await SayAsync("only once", "post:1")).Ok.ShouldBeTrue();
        twitch.Count("only once").ShouldBe(1);
    }

    [Theory]
    [InlineData(429, 1)]
    [InlineData(500, 1)]
    [InlineData(503, 1)]
    public async Task What_Twitch_cannot_do_now_is_to_be_tried_again(int status, int times)
    {
        var (text, key) = ($"after {status}", $"post:{status}");
        twitch.Twitch.Chat.Fail(status, times);

        var first = await SayAsync(text, key);
        first.Ok.ShouldBeFalse();
        first.RetryAfter.ShouldNotBeNull();
        twitch.Count(text).ShouldBe(0);

        await TestHost.EventuallyAsync(async () => (await SayAsync(text, key)).Ok, "Twitch takes it");
        twitch.Count(text).ShouldBe(1);
    }

    [Fact]
    public async Task After_429_nothing_is_sent_before_Twitch_takes_calls_again()
    {
        twitch.Twitch.Chat.Fail(429, 1);
        var refused = await SayAsync("too early");
        refused.RetryAfter!.Value.ShouldBeInRange(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(3));

        (await SayAsync("still too early")).RetryAfter.ShouldNotBeNull();

        await TestHost.EventuallyAsync(async () => (await SayAsync("late enough", "post:late")).Ok, "Twitch takes it");
        twitch.Count("too early").ShouldBe(0);
    }

    [Fact]
    public async Task An_interactive_reply_whose_answer_was_lost_is_not_said_again()
    {
        twitch.Twitch.Chat.Fail(500, 1, butSaid: true);
        var sent = await SayAsync("said or not?", "reply:x:0");

        (sent.Ok, sent.RetryAfter).ShouldBe((false, null));
        twitch.Count("said or not?").ShouldBe(1);
    }

    [Fact]
    public async Task A_refused_token_is_renewed_once_and_the_call_repeated()
    {
        var refreshes = twitch.Twitch.Accounts.Grants.Count(g => g == "refresh_token");
        twitch.Twitch.Accounts.Expire();

        (await SayAsync("with a new token")).Ok.ShouldBeTrue();

        twitch.Count("with a new token").ShouldBe(1);
        twitch.Twitch.Accounts.Grants.Count(g => g == "refresh_token").ShouldBeGreaterThan(refreshes);
    }

    [Fact]
    public async Task An_answer_to_a_message_that_is_gone_addresses_the_person_instead()
    {
        var response = new ModuleResponse("test", true, "chat", ChatMessage: "for you");
        var sent = await Sender.SendAsync(new SendMessage(Channel, response, "200", "ada", "gone"), "post:gone", Ct);

        sent.Ok.ShouldBeTrue();
        twitch.Count("@ada for you").ShouldBe(1);
    }

    [Fact]
    public async Task The_same_again_is_said_where_the_bot_is_no_moderator_too()
    {
        var elsewhere = new ChannelId(Platform.Twitch, null, "777");
        for (var i = 0; i < 2; i++)
        {
            (await Sender.SendAsync(new SendMessage(elsewhere, new("t", true, "chat", ChatMessage: "again")), $"post:again{i}", Ct)).Ok.ShouldBeTrue();
        }

        twitch.Twitch.Ledger.Said("777").Count.ShouldBe(2);
    }

    [Fact]
    public async Task The_twenty_first_message_in_a_channel_waits()
    {
        var busy = new ChannelId(Platform.Twitch, null, "778");
        for (var i = 0; i < RateLimits.AsViewer; i++)
        {
            (await Sender.SendAsync(new SendMessage(busy, new("t", true, "chat", ChatMessage: $"line {i}")), $"busy:{i}", Ct)).Ok.ShouldBeTrue();
        }

        var sent = await Sender.SendAsync(new SendMessage(busy, new("t", true, "chat", ChatMessage: "too much")), "busy:last", Ct);

        sent.RetryAfter!.Value.ShouldBeInRange(TimeSpan.FromSeconds(1), RateLimits.Window);
        twitch.Twitch.Ledger.Said("778").Count.ShouldBe(RateLimits.AsViewer);
    }

    [Fact]
    public async Task Members_are_timed_out_banned_and_warned()
    {
        (await RestrictAsync(Restriction.Timeout, TimeSpan.FromMinutes(5), "31")).Ok.ShouldBeTrue();
        (await RestrictAsync(Restriction.Timeout, TimeSpan.FromDays(400), "32")).Ok.ShouldBeTrue();
        (await RestrictAsync(Restriction.Ban, null, "33")).Ok.ShouldBeTrue();
        (await RestrictAsync(Restriction.Ban, null, "33")).Ok.ShouldBeTrue();
        (await RestrictAsync(Restriction.Warn, null, "34")).Ok.ShouldBeTrue();

        twitch.Twitch.Ledger.All.Where(e => e.Kind == "restricted").Select(e => e.Text).ShouldBe(
            ["31 timeout 300", "32 timeout 1209600", "33 ban", "34 warning"]);
    }

    [Fact]
    public async Task What_cannot_be_done_is_told_and_not_tried_again()
    {
        var foreign = new ChannelId(Platform.Twitch, null, "779");
        OutboundAction[] impossible =
        [
            new SendMessage(new ChannelId(Platform.Twitch, "server", "1"), new("t", true, "chat", ChatMessage: "x")),
            new SendMessage(Channel, new("t", true, "chat", ChatMessage: " ")),
            new SendMessage(Channel, new("t", true, "form")),
            new DeleteMessage(Channel, "no such message", "why"),
            new DeleteMessage(foreign, "x", "the bot does not moderate there"),
            new RestrictMember(Channel, "1", Restriction.Kick, null, "why"),
            new RestrictMember(Channel, "1", Restriction.Timeout, null, "why"),
            new CallWebhook(new Uri("https://example.org"), "{}", new Dictionary<string, string>(StringComparer.Ordinal)),
        ];
        foreach (var action in impossible)
        {
            var sent = await Sender.SendAsync(action, Guid.NewGuid().ToString(), Ct);
            (sent.Ok, sent.RetryAfter).ShouldBe((false, null), action.ToString());
        }
    }

    [Fact]
    public async Task A_whisper_reaches_one_person_alone()
    {
        (await WhisperAsync("200", "psst", "dm:1")).Ok.ShouldBeTrue();
        (await WhisperAsync("200", "psst", "dm:1")).Ok.ShouldBeTrue();

        twitch.Twitch.Ledger.All.Single(e => e is { Channel: "200", Text: "psst" }).Private.ShouldBeTrue();
    }

    [Fact]
    public async Task Whispers_never_overrun_Twitch()
    {
        await TestHost.EventuallyAsync(
            async () =>
            {
                var sent = new List<Sent>();
                for (var i = 0; i < 7; i++)
                {
                    sent.Add(await WhisperAsync("201", $"whisper {i}", $"dm:many:{i}"));
                }

                sent.Where(s => !s.Ok).ShouldAllBe(s => s.RetryAfter <= TimeSpan.FromSeconds(1.5) && s.Error!.StartsWith("The bot has whispered", StringComparison.Ordinal));
                return sent.TrueForAll(s => s.Ok);
            },
            "all are whispered");
        twitch.Twitch.Ledger.Said("201").Count.ShouldBe(7);
    }

    [Fact]
    public async Task A_reply_whispered_whose_answer_was_lost_is_not_whispered_again()
    {
        twitch.Twitch.Whispers.Fail(500, 1, acts: true);
        Sent? sent = null;
        await TestHost.EventuallyAsync(
            async () => (sent = await WhisperAsync("202", "one", "reply:dm")).RetryAfter is null, "Twitch is asked");

        (sent!.Ok, sent.MayStand).ShouldBe((false, true));
        twitch.Twitch.Ledger.Said("202").ShouldBe(["one"]);
    }

    [Fact]
    public async Task A_whisper_that_Twitch_cannot_take_now_is_tried_again()
    {
        twitch.Twitch.Whispers.Fail(503, 1);
        await TestHost.EventuallyAsync(async () => (await WhisperAsync("205", "later", "dm:later")).Ok, "Twitch takes it");
        twitch.Twitch.Ledger.Said("205").ShouldBe(["later"]);
    }

    [Fact]
    public async Task Who_takes_no_whispers_or_is_nobody_is_not_tried_again()
    {
        twitch.Twitch.Whispers.TakesNone["203"] = true;
        Sent? closed = null;
        await TestHost.EventuallyAsync(
            async () => (closed = await WhisperAsync("203", "psst", Guid.NewGuid().ToString())).RetryAfter is null, "Twitch is asked");
        closed!.Error!.ShouldContain("doesn't allow whisper messages");
        (await WhisperAsync("ada", "psst", "dm:name")).ShouldBe(Sent.Failed("\"ada\" is no id of a Twitch user; it is a number."));
        (await WhisperAsync(TwitchHost.Bot, "psst", "dm:self")).RetryAfter.ShouldBeNull();
    }

    [Fact]
    public async Task Without_the_scope_a_whisper_says_how_to_get_it()
    {
        var tokens = twitch.Host.Get<Rookery.Platforms.Twitch.Auth.Tokens>();
        var token = (await tokens.UserAsync(TwitchHost.Bot, Ct))!;
        await tokens.SaveAsync(
            twitch.Host.Get<Database>().Write, token with { Scopes = token.Scopes.Where(s => s != WhisperSender.Scope).ToHashSet(StringComparer.Ordinal) }, Ct);

        var sent = await WhisperAsync("204", "psst", "dm:scope");
        await tokens.SaveAsync(twitch.Host.Get<Database>().Write, token, Ct);

        sent.ShouldBe(Sent.Failed("The token of the bot lacks the scope user:manage:whispers; log the bot in again at /platforms/twitch/login?as=bot."));
    }

    private ValueTask<Sent> WhisperAsync(string user, string text, string key) =>
        Sender.SendAsync(SendDirectMessage.From(Channel, user, new("m", true, "chat", ChatMessage: text)), key, Ct);

    [Fact]
    public async Task What_the_outbox_holds_is_said_although_Twitch_fails_at_first()
    {
        twitch.Twitch.Chat.Fail(503, 1);
        await twitch.Host.Get<Outbox>().AddAsync(
            twitch.Host.Get<Database>().Write, "post:outbox", "twitch", null, Channel.ToString(),
            new SendMessage(Channel, new("news", true, "chat", ChatMessage: "from the outbox")), Ct);

        await twitch.SaysAsync("from the outbox", 1);
    }

    private ValueTask<Sent> SayAsync(string text, string? key = null) => Sender.SendAsync(
        new SendMessage(Channel, new ModuleResponse("test", true, "chat", ChatMessage: text)), key ?? $"post:{Guid.NewGuid()}", Ct);

    private ValueTask<Sent> RestrictAsync(Restriction restriction, TimeSpan? time, string user) =>
        Sender.SendAsync(new RestrictMember(Channel, user, restriction, time, "Rule 1"), Guid.NewGuid().ToString(), Ct);
}
