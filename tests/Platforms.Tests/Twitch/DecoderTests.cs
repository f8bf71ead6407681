using System.Text.Json;
using System.Text.Json.Nodes;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Delivery;
using Rookery.Platforms.Twitch;

namespace Rookery.Platforms.Tests.Twitch;

/// <summary>What Twitch tells becomes what happened.</summary>
public sealed class DecoderTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>The types that mean something here, and how they are called here.</summary>
    private static readonly Dictionary<string, string[]> Known = new(StringComparer.Ordinal)
    {
        ["channel.chat.message"] = ["chatMessage"],
        ["channel.follow"] = ["follow"],
        ["channel.subscribe"] = ["subscription", "gift_subscription"],
        ["channel.subscription.gift"] = ["subgift"],
        ["channel.subscription.message"] = ["resub"],
        ["channel.cheer"] = ["cheer"],
        ["channel.raid"] = ["raid"],
        ["stream.online"] = ["stream_online"],
        ["stream.offline"] = ["stream_offline"],
        ["channel.update"] = ["channel_update"],
        ["channel.channel_points_custom_reward_redemption.add"] = ["redemption"],
        ["channel.hype_train.begin"] = ["hype_train"],
        ["channel.hype_train.progress"] = ["hype_train"],
        ["channel.hype_train.end"] = ["hype_train"],
        ["channel.ban"] = ["ban", "timeout"],
        ["channel.unban"] = ["unban"],
        ["channel.moderator.add"] = ["role_change"],
        ["channel.moderator.remove"] = ["role_change"],
    };

    [Fact]
    public void Every_recorded_body_decodes_and_unknown_types_are_passed_over()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var body in Bodies())
        {
            var notification = body.Deserialize(TwitchJson.Default.Notification)!;
            if (notification.Event.ValueKind != JsonValueKind.Object)
            {
                continue;
            }

            var type = notification.Subscription.Type;
            var decoded = TwitchDecoder.Decode(Raw(type, body.GetRawText()));
            if (!Known.TryGetValue(type, out var names))
            {
                decoded.ShouldBeNull(type);
                continue;
            }

            seen.Add(type);
            decoded.ShouldNotBeNull(type);
            names.ShouldContain(decoded.Type);
            MessageTypes.All.ShouldContain(decoded.Type);
            decoded.Channel.Channel.ShouldNotBeEmpty();
            decoded.UserId.ShouldNotBeEmpty();
            (decoded.Fact is not null).ShouldBe(decoded.Type != MessageTypes.Chat, type);
        }

        seen.ShouldBe(Known.Keys, ignoreOrder: true);
    }

    [Theory]
    [InlineData("moderator,subscriber,sub-gifter", Role.Moderator)]
    [InlineData("broadcaster,subscriber", Role.Owner)]
    [InlineData("lead_moderator", Role.Moderator)]
    [InlineData("vip,founder", Role.Subscriber)]
    [InlineData("vip", Role.Vip)]
    [InlineData("premium", Role.Member)]
    [InlineData("", Role.Member)]
    public void The_role_is_that_of_the_highest_badge(string badges, Role role) =>
        TwitchDecoder.RoleOf(badges.Split(',')).ShouldBe(role);

    [Fact]
    public void A_chat_message_is_known_by_its_own_id_and_answered_through_the_sender()
    {
        var e = Decode("channel.chat.message", """
            {"broadcaster_user_id":"1","chatter_user_id":"2","chatter_user_name":"Ada","message_id":"m","new_field":{"x":[1]},
             "message":{"text":"Hi chat","fragments":[]},"badges":[{"set_id":"vip","id":"1","info":""}]}
            """);

        e.ShouldBe(new InboundEvent
        {
            Channel = new ChannelId(Platform.Twitch, null, "1"),
            Type = "chatMessage",
            UserId = "2",
            UserName = "Ada",
            UserRole = Role.Vip,
            MessageId = "m",
            Text = "Hi chat",
            OccurredAt = Noon,
            ReplyPath = ReplyPath.Sender,
        });
    }

    public static TheoryData<string, string, Fact, string> Facts { get; } = new()
    {
        { "channel.follow", """{"followed_at":"2026-03-01T11:00:00Z"}""", new Followed(), "2" },
        { "channel.subscribe", """{"tier":"2000","is_gift":true}""", new Subscribed(2, 1, true), "2" },
        { "channel.subscribe", """{"tier":"Prime","is_gift":false}""", new Subscribed(1, 1, false), "2" },
        { "channel.subscription.message", """{"tier":"3000","message":{"text":"hey"},"cumulative_months":19,"streak_months":null}""", new Subscribed(3, 19, false, "hey"), "2" },
        { "channel.subscription.gift", """{"user_id":null,"user_name":null,"tier":"1000","total":5,"is_anonymous":true}""", new SubscriptionsGiven(5, 1, true), "274598607" },
        { "channel.cheer", """{"user_id":null,"user_name":null,"is_anonymous":true,"message":"go","bits":250}""", new Cheered(250, true), "407665396" },
        { "channel.raid", """{"from_broadcaster_user_id":"7","from_broadcaster_user_name":"raider","to_broadcaster_user_id":"1","viewers":42}""", new Raided(42), "7" },
        { "stream.online", """{"id":"9001","type":"live","started_at":"2026-03-01T11:00:00Z"}""", new StreamStarted("9001", Noon.AddHours(-1)), "1" },
        { "stream.offline", "{}", new StreamEnded(), "1" },
        { "channel.update", """{"title":"T","language":"en","category_id":"5","category_name":"Chess"}""", new ChannelUpdated("T", "5", "Chess", "en"), "1" },
        { "channel.channel_points_custom_reward_redemption.add", """{"id":"r","user_input":"","reward":{"id":"w","title":"Water","cost":100,"prompt":""},"redeemed_at":"2026-03-01T11:00:00Z"}""", new Redeemed("r", "w", "Water", 100, ""), "2" },
        { "channel.hype_train.end", """{"id":"h","level":3,"total":700,"started_at":"2026-03-01T11:00:00Z"}""", new HypeTrainMoved("end", 3, 700), "1" },
        { "channel.ban", """{"moderator_user_id":"8","reason":"spam","banned_at":"2026-03-01T11:00:00Z","ends_at":"2026-03-01T11:10:00Z","is_permanent":false}""", new Restricted(Restriction.Timeout, Noon.AddMinutes(-50), "spam", "8"), "2" },
        { "channel.unban", """{"moderator_user_id":"8"}""", new Pardoned(Restriction.Ban, "8"), "2" },
        { "channel.moderator.add", "{}", new RoleChanged(Role.Moderator, true), "2" },
        { "channel.moderator.remove", "{}", new RoleChanged(Role.Moderator, false), "2" },
    };

    [Theory]
    [MemberData(nameof(Facts))]
    public void Each_type_becomes_its_fact_about_the_right_person(string type, string fields, Fact fact, string user)
    {
        var e = JsonNode.Parse(fields)!.AsObject();
        foreach (var (name, value) in new[] { ("broadcaster_user_id", "1"), ("broadcaster_user_name", "streamer"), ("user_id", "2"), ("user_name", "Ada") })
        {
            if (!e.ContainsKey(name))
            {
                e[name] = value;
            }
        }

        var decoded = Decode(type, e.ToJsonString())!;

        decoded.Fact.ShouldBe(fact);
        decoded.UserId.ShouldBe(user);
        decoded.Channel.Channel.ShouldBe("1");
    }

    [Theory]
    [InlineData("channel.follow", "{}")]
    [InlineData("channel.raid", """{"to_broadcaster_user_id":"1","from_broadcaster_user_id":"2","from_broadcaster_user_name":"x","viewers":"many"}""")]
    [InlineData("channel.chat.message", """{"broadcaster_user_id":null,"chatter_user_id":"2","chatter_user_name":"x","message_id":"m","message":{"text":"x"}}""")]
    public void An_event_without_what_its_type_always_has_is_an_error(string type, string e) =>
        Should.Throw<JsonException>(() => Decode(type, e));

    [Fact]
    public void Events_with_an_id_of_their_own_are_known_by_it_whatever_message_brings_them()
    {
        var redemption = JsonElement.Parse("""{"id":"r-1"}""");
        var cheer = JsonElement.Parse("""{"bits":1}""");

        TwitchDecoder.EventId("channel.channel_points_custom_reward_redemption.add", redemption, "a")
            .ShouldBe(TwitchDecoder.EventId("channel.channel_points_custom_reward_redemption.add", redemption, "b"));
        TwitchDecoder.EventId("channel.cheer", cheer, "a").ShouldNotBe(TwitchDecoder.EventId("channel.cheer", cheer, "b"));
        TwitchDecoder.EventId("channel.hype_train.begin", redemption, "a")
            .ShouldNotBe(TwitchDecoder.EventId("channel.hype_train.end", redemption, "a"));
    }

    private static InboundEvent? Decode(string type, string e) => TwitchDecoder.Decode(Raw(type, $$"""{"event":{{e}}}"""));

    private static RawEvent Raw(string type, string data) => new(Platform.Twitch, "m", type, "{}", data, Noon);

    private static IEnumerable<JsonElement> Bodies()
    {
        var folder = Path.Combine(TestPostgres.RepositoryRoot(), "..", "shared", "data");
        var (lines, chat) = (Path.Combine(folder, "twitch-cli-events.ndjson"), Path.Combine(folder, "twitch-channel.chat.message.json"));
        if (!File.Exists(lines) || !File.Exists(chat))
        {
            Assert.Skip($"The recorded events are not in {folder}.");
        }

        return File.ReadLines(lines).Select(l => JsonElement.Parse(l).GetProperty("body")).Append(JsonElement.Parse(File.ReadAllText(chat)));
    }
}
