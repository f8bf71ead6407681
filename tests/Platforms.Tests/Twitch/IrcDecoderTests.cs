using Rookery.Kernel.Chat;
using Rookery.Kernel.Delivery;
using Rookery.Platforms.Twitch;
using Rookery.Platforms.Twitch.Irc;

namespace Rookery.Platforms.Tests.Twitch;

/// <summary>What a line of IRC tells.</summary>
public sealed class IrcDecoderTests
{
    private const string Sub = "@badges=subscriber/3;display-name=Ada;id=n1;room-id=1;user-id=2;login=ada;tmi-sent-ts=1772366400000;";

    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly IrcChannel Silent = new("1", "streamer", new HashSet<string>(StringComparer.Ordinal));
    private static readonly IrcChannel Open = Silent with
    {
        Scopes = Platforms.Twitch.EventSub.Catalog.ChannelScopes.ToHashSet(StringComparer.Ordinal),
    };

    public static TheoryData<string, string, Fact, string> Facts { get; } = new()
    {
        { $"{Sub}msg-id=sub;msg-param-sub-plan=Prime :tmi.twitch.tv USERNOTICE #streamer", "subscription", new Subscribed(1, 1, false), "2" },
        { $"{Sub}msg-id=resub;msg-param-sub-plan=3000;msg-param-cumulative-months=19 :tmi.twitch.tv USERNOTICE #streamer :hey", "resub", new Subscribed(3, 19, false, "hey"), "2" },
        { $"{Sub}msg-id=submysterygift;msg-param-sub-plan=1000;msg-param-mass-gift-count=5 :tmi.twitch.tv USERNOTICE #streamer", "subgift", new SubscriptionsGiven(5, 1, false), "2" },
        { $"{Sub}msg-id=subgift;msg-param-community-gift-id=9;msg-param-sub-plan=1000;msg-param-recipient-id=7;msg-param-recipient-display-name=Bob :tmi.twitch.tv USERNOTICE #streamer", "gift_subscription", new Subscribed(1, 1, true), "7" },
        { "@room-id=1;target-user-id=7;tmi-sent-ts=1772366400000 :tmi.twitch.tv CLEARCHAT #streamer :bob", "ban", new Restricted(Restriction.Ban, null, null, null), "7" },
        { "@ban-duration=600;room-id=1;target-user-id=7;tmi-sent-ts=1772366400000 :tmi.twitch.tv CLEARCHAT #streamer :bob", "timeout", new Restricted(Restriction.Timeout, Noon.AddMinutes(10), null, null), "7" },
    };

    [Theory]
    [MemberData(nameof(Facts))]
    public void A_fact_is_told_where_the_broadcaster_let_EventSub_tell_nothing_and_else_left_to_it(string line, string type, Fact fact, string user)
    {
        var e = Read(Silent, line).ShouldHaveSingleItem();

        (e.Type, e.Fact, e.UserId, e.Channel.Channel, e.OccurredAt).ShouldBe((type, fact, user, "1", Noon));
        MessageTypes.All.ShouldContain(e.Type);
        Read(Open, line).ShouldBeEmpty();
    }

    [Fact]
    public void Talk_has_the_id_that_EventSub_knows_it_by_and_its_sender_the_role_of_the_badges()
    {
        var e = Read(Open, "@badges=vip/1,moderator/1;display-name=Ada;id=m;room-id=1;user-id=2;tmi-sent-ts=1772366400000 :ada!ada@x PRIVMSG #streamer :!ping  x")
            .ShouldHaveSingleItem();

        e.ShouldBe(new InboundEvent
        {
            Channel = new ChannelId(Platform.Twitch, null, "1"),
            Type = "chatMessage",
            UserId = "2",
            UserName = "Ada",
            UserRole = Role.Moderator,
            MessageId = "m",
            Text = "!ping  x",
            OccurredAt = Noon,
            ReplyPath = ReplyPath.Sender,
        });
    }

    [Fact]
    public void Bits_are_talk_and_a_cheer_unless_EventSub_tells_of_the_cheer()
    {
        const string Line = "@bits=100;id=m;room-id=1;user-id=2 :ada!ada@x PRIVMSG #streamer :cheer100 go";

        Read(Silent, Line).Select(e => (e.Type, e.Fact)).ShouldBe([("chatMessage", null), ("cheer", new Cheered(100, false))]);
        Read(Open, Line).Select(e => e.Type).ShouldBe(["chatMessage"]);
    }

    [Fact]
    public void One_gift_is_a_giving_and_a_receiving_and_has_an_id_for_each()
    {
        var raw = Raw(Silent, $"{Sub}msg-id=subgift;msg-param-sub-plan=2000;msg-param-recipient-id=7 :tmi.twitch.tv USERNOTICE #streamer");

        raw.Select(r => r.EventId).Distinct(StringComparer.Ordinal).Count().ShouldBe(2);
        raw.Select(r => TwitchDecoder.Decode(r)!).Select(e => (e.UserId, e.Fact)).ShouldBe(
            [("7", new Subscribed(2, 1, true)), ("2", (Fact)new SubscriptionsGiven(1, 2, false))]);
    }

    [Fact]
    public void A_deleted_message_is_told_though_the_line_names_no_channel_by_number()
    {
        var e = Read(Open, "@login=bob;room-id=;target-msg-id=m9;tmi-sent-ts=1772366400000 :tmi.twitch.tv CLEARMSG #streamer :bad").ShouldHaveSingleItem();

        (e.Type, e.Fact, e.Channel.Channel).ShouldBe(("message_delete", new MessageDeleted("m9"), "1"));
    }

    [Theory]
    [InlineData("@id=m;room-id=1;user-id=2;source-room-id=5 :ada!ada@x PRIVMSG #streamer :hi")]
    [InlineData("@room-id=1 :ada!ada@x PRIVMSG #streamer :hi")]
    [InlineData("@room-id=1 :tmi.twitch.tv CLEARCHAT #streamer")]
    [InlineData("@id=n;room-id=1;user-id=2;msg-id=announcement :tmi.twitch.tv USERNOTICE #streamer :x")]
    [InlineData(":tmi.twitch.tv 353 bot = #streamer :bot")]
    public void Other_lines_tell_nothing(string line) => Read(Silent, line).ShouldBeEmpty();

    [Theory]
    [InlineData("@badges=moderator/1;mod=0 :tmi.twitch.tv USERSTATE #streamer", true)]
    [InlineData("@badges=;mod=1 :tmi.twitch.tv USERSTATE #streamer", true)]
    [InlineData("@badges=broadcaster/1;mod=0 :tmi.twitch.tv USERSTATE #streamer", true)]
    [InlineData("@badges=vip/1;mod=0 :tmi.twitch.tv USERSTATE #streamer", false)]
    [InlineData("@badges=moderator/1;mod=1 :tmi.twitch.tv GLOBALUSERSTATE", null)]
    public void What_the_bot_is_in_a_channel_its_state_says(string line, bool? moderates) =>
        IrcDecoder.Moderates(IrcLine.Parse(line)!).ShouldBe(moderates);

    private static IReadOnlyList<RawEvent> Raw(IrcChannel channel, string line) => IrcDecoder.Read(channel, IrcLine.Parse(line)!, line, Noon);

    private static List<InboundEvent> Read(IrcChannel channel, string line) =>
        [.. Raw(channel, line).Select(r => TwitchDecoder.Decode(r)!).Select(e => e with { Payload = null })];
}
