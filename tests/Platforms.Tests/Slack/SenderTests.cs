using System.Text.Json;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;
using Rookery.Platforms.Slack;
using Rookery.Simulators.Slack;

namespace Rookery.Platforms.Tests.Slack;

public sealed class SenderTests(SocketHost fixture) : IClassFixture<SocketHost>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private SlackSender Sender => fixture.Host.Get<SlackSender>();

    [Fact]
    public async Task Nothing_in_a_text_becomes_markup()
    {
        (await Sender.SendAsync(Say("C40", "<!channel> & <@U1>"), "reply:1:0", Ct)).Ok.ShouldBeTrue();

        fixture.Slack.Ledger.Said("C40").ShouldBe(["<!channel> & <@U1>"]);
    }

    [Fact]
    public async Task A_long_text_goes_in_parts_that_Slack_takes()
    {
        var words = string.Join(' ', Enumerable.Range(0, 2500).Select(i => $"<{i}>"));

        (await Sender.SendAsync(Say("C41", words), "reply:2:0", Ct)).Ok.ShouldBeTrue();

        var said = fixture.Slack.Ledger.Said("C41");
        said.Count.ShouldBeGreaterThan(5);
        string.Join(' ', said).ShouldBe(words);
    }

    [Fact]
    public async Task A_refusal_is_for_the_caller_alone()
    {
        var refused = new ModuleResponse("m", false, "chat", ChatMessage: "You may not.");

        (await Sender.SendAsync(new SendMessage(Channel("C42"), refused, "U1", "Ada", "C42/1.1"), "reply:3:0", Ct)).Ok.ShouldBeTrue();

        fixture.Slack.Ledger.Said("C42").ShouldBeEmpty();
        fixture.Slack.Ledger.All.Single(e => e.Channel == "C42").Private.ShouldBeTrue();
    }

    [Fact]
    public async Task Over_the_limit_the_sender_says_how_long_to_wait_and_waits()
    {
        fixture.Slack.Fail("chat.postMessage", new SlackFailure(429, "ratelimited", RetryAfter: 1));

        var first = await Sender.SendAsync(Say("C43", "one"), "reply:4:0", Ct);
        var second = await Sender.SendAsync(Say("C43", "one"), "reply:4:0", Ct);

        first.RetryAfter.ShouldBe(TimeSpan.FromSeconds(1));
        second.Ok.ShouldBeTrue();
        fixture.Slack.Ledger.Said("C43").ShouldBe(["one"]);
    }

    [Fact]
    public async Task Many_posts_in_one_channel_never_meet_the_limit_of_Slack()
    {
        var before = fixture.Slack.Calls("429");

        var sent = await Task.WhenAll(Enumerable.Range(0, 7).Select(i => Sender.SendAsync(Say("C44", $"{i}"), $"reply:5:{i}", Ct).AsTask()));

        sent.ShouldAllBe(s => s.Ok);
        fixture.Slack.Calls("429").ShouldBe(before);
    }

    [Fact]
    public async Task A_reply_that_may_stand_is_not_said_again()
    {
        fixture.Slack.Fail("chat.postMessage", new SlackFailure(500, Acts: true));

        var sent = await Sender.SendAsync(Say("C45", "once"), "reply:6:0", Ct);

        sent.Ok.ShouldBeFalse();
        sent.RetryAfter.ShouldBeNull();
        fixture.Slack.Ledger.Said("C45").ShouldBe(["once"]);
    }

    [Fact]
    public async Task A_post_of_the_outbox_whose_answer_got_lost_stands_once()
    {
        fixture.Slack.Fail("chat.postMessage", new SlackFailure(500, Acts: true));
        var (db, outbox) = (fixture.Host.Get<Database>(), fixture.Host.Get<Outbox>());

        await outbox.AddAsync(db.Write, "post:7", "slack", null, null, Say("C46", "a post"), Ct);
        await TestHost.EventuallyAsync(
            async () => (await db.Write.ListAsync(
                $"select status from kernel.outbox where idempotency_key = 'post:7'", r => r.GetString(0), Ct)).Single() == "sent",
            "the post is sent");

        fixture.Slack.Ledger.Said("C46").ShouldBe(["a post"]);
    }

    [Fact]
    public async Task A_post_that_may_stand_waits_until_it_can_be_looked_for()
    {
        (await Sender.SendAsync(Say("C49", "a post"), "post:9", Ct)).Ok.ShouldBeTrue();
        var again = new ActionKey("post:9", TimeProvider.System.GetUtcNow());
        fixture.Slack.Fail("conversations.history", new SlackFailure(429, "ratelimited", RetryAfter: 1));

        var first = await Sender.SendAsync(Say("C49", "a post"), again, Ct);
        var second = await Sender.SendAsync(Say("C49", "a post"), again, Ct);

        first.RetryAfter.ShouldNotBeNull();
        first.MayStand.ShouldBeTrue();
        second.Ok.ShouldBeTrue();
        fixture.Slack.Ledger.Said("C49").ShouldBe(["a post"]);
    }

    [Fact]
    public async Task Refusals_name_the_cure()
    {
        fixture.Slack.Close("C47");

        var sent = await Sender.SendAsync(Say("C47", "x"), "reply:8:0", Ct);

        sent.ShouldBe(Sent.Failed("chat.postMessage: not_in_channel. Invite the bot into the channel."));
    }

    [Fact]
    public async Task An_answer_whose_address_is_used_up_goes_to_the_channel()
    {
        fixture.Slack.Fail("response_url", new SlackFailure(404, "expired_url"));

        await fixture.Slack.CommandAsync("/rookery", "ping", "C48", "U1", Ct);

        await fixture.SaysAsync("C48", "Pong!");
    }

    [Fact]
    public async Task Messages_of_others_take_the_token_of_an_admin()
    {
        var ts = await fixture.Slack.SayAsync("C49", "U2", "hm", null, Ct);

        var kept = await Sender.SendAsync(new DeleteMessage(Channel("C49"), $"C49/{ts}", "Rule 1"), "delete:1", Ct);
        var gone = await Sender.SendAsync(new DeleteMessage(Channel("C49"), "C49/1.1", "Rule 1"), "delete:2", Ct);

        kept.RetryAfter.ShouldBeNull();
        kept.Error!.ShouldContain("Platforms:Slack:UserScopes=chat:write");
        gone.Ok.ShouldBeTrue();
    }

    [Fact]
    public async Task Slack_knows_no_time_outs_but_removals()
    {
        var kick = new RestrictMember(Channel("C50"), "U2", Restriction.Kick, null, "Rule 1");

        (await Sender.SendAsync(kick, "k:1", Ct)).Ok.ShouldBeTrue();
        (await Sender.SendAsync(kick with { Restriction = Restriction.Timeout }, "k:2", Ct)).Ok.ShouldBeFalse();

        fixture.Slack.Ledger.All.Single(e => e.Channel == "C50").Kind.ShouldBe("restricted");
    }

    [Fact]
    public async Task A_card_fits_into_Slacks_blocks()
    {
        var data = JsonSerializer.SerializeToElement(new
        {
            title = new string('t', 400),
            content = string.Join(' ', Enumerable.Repeat("word", 3000)),
            fields = new[] { new { name = "a", value = "b" } },
            image_url = "https://example.com/a.png",
            footer = "foot",
        });

        var sent = await Sender.SendAsync(
            new SendMessage(Channel("C51"), new ModuleResponse("m", true, "general", ResponseData: data)), "reply:9:0", Ct);

        sent.Error.ShouldBeNull();
        fixture.Slack.Ledger.Said("C51").Count.ShouldBe(1);
    }

    [Fact]
    public async Task Cards_stand_under_the_text_of_an_answer()
    {
        var content = new RichContent([new Embed("Tea", "At four", Fields: [new EmbedField("Where", "Here")]), new Embed("Cake")]);

        var sent = await Sender.SendAsync(
            new SendMessage(Channel("C53"), new ModuleResponse("m", true, "chat", "Come!", ResponseData: content.ToJson())), "reply:11:0", Ct);

        sent.Error.ShouldBeNull();
        fixture.Slack.Ledger.Said("C53").ShouldBe(["Come!", "Tea", "Cake"]);
    }

    [Fact]
    public async Task A_message_of_its_own_accord_mentions_whom_it_is_for()
    {
        await Sender.SendAsync(Say("C52", "tea") with { MentionUserId = "U1" }, "reply:10:0", Ct);

        fixture.Slack.Ledger.Said("C52").ShouldBe(["@U1 tea"]);
    }

    [Fact]
    public async Task A_direct_message_reaches_one_person_alone_and_a_lost_answer_says_it_once()
    {
        var (db, outbox, opened) = (fixture.Host.Get<Database>(), fixture.Host.Get<Outbox>(), fixture.Slack.Calls("conversations.open"));
        (await Sender.SendAsync(Whisper("U1", "psst"), "dm:1", Ct)).Ok.ShouldBeTrue();
        fixture.Slack.Fail("chat.postMessage", new SlackFailure(500, Acts: true));

        await outbox.AddAsync(db.Write, "dm:2", "slack", null, null, Whisper("U1", "again"), Ct);
        await TestHost.EventuallyAsync(
            async () => (await db.Write.ListAsync(
                $"select status from kernel.outbox where idempotency_key = 'dm:2'", r => r.GetString(0), Ct)).Single() == "sent",
            "the message is sent");

        fixture.Slack.Ledger.Said("U1").ShouldBe(["psst", "again"]);
        fixture.Slack.Ledger.All.Where(e => e.Channel == "U1").ShouldAllBe(e => e.Private);
        fixture.Slack.Calls("conversations.open").ShouldBe(opened + 1);
    }

    [Theory]
    [InlineData("UNKNOWN", "user_not_found")]
    [InlineData("U1,U2", "user_not_found")]
    [InlineData("", "user_not_found")]
    public async Task A_direct_message_to_nobody_fails_for_good(string user, string error)
    {
        var sent = await Sender.SendAsync(Whisper(user, "psst"), $"dm:none:{user}", Ct);

        sent.RetryAfter.ShouldBeNull();
        sent.Error!.ShouldStartWith($"conversations.open: {error}.");
    }

    private static SendDirectMessage Whisper(string user, string text) =>
        SendDirectMessage.From(Channel("C1"), user, new ModuleResponse("m", true, "chat", ChatMessage: text));

    private static ChannelId Channel(string channel) => new(Platform.Slack, "T1", channel);

    private static SendMessage Say(string channel, string text) =>
        new(Channel(channel), new ModuleResponse("m", true, "chat", ChatMessage: text));
}
