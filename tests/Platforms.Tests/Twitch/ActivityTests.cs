using System.Text.Json.Nodes;

namespace Rookery.Platforms.Tests.Twitch;

public sealed class ActivityTests(TwitchHost twitch) : IClassFixture<TwitchHost>
{
    private readonly string _user = $"u{Guid.NewGuid():N}";
    private readonly ActivityBook _book = new(twitch.Host);

    public static TheoryData<string, string, string, int> Facts => new()
    {
        { "channel.follow", """{"followed_at":"2026-03-01T11:00:00Z"}""", "follow", 10 },
        { "channel.subscribe", """{"tier":"1000","is_gift":false}""", "sub", 50 },
        { "channel.subscription.message", """{"tier":"1000","message":{"text":"hey"},"cumulative_months":19}""", "resub", 30 },
        { "channel.subscription.gift", """{"tier":"1000","total":5,"is_anonymous":false}""", "subgift", 60 },
        { "channel.cheer", """{"is_anonymous":false,"message":"go","bits":250}""", "cheer", 250 },
        { "channel.ban", """{"moderator_user_id":"8","reason":"","banned_at":"2026-03-01T11:00:00Z","ends_at":null,"is_permanent":true}""", "ban", -10 },
        { "channel.ban", """{"moderator_user_id":"8","reason":"","banned_at":"2026-03-01T11:00:00Z","ends_at":"2026-03-01T11:10:00Z","is_permanent":false}""", "timeout", -10 },
    };

    [Theory]
    [MemberData(nameof(Facts))]
    public async Task Every_scored_event_of_Twitch_becomes_an_activity_with_its_points(
        string type, string fields, string activity, int points)
    {
        await EmitAsync(type, JsonNode.Parse(fields)!.AsObject());

        await _book.HasAsync("twitch", _user, activity, points);
    }

    [Fact]
    public async Task A_raid_scores_the_raider()
    {
        await twitch.SubscribedAsync("channel.raid");
        await twitch.Twitch.Events.EmitAsync("channel.raid", new JsonObject
        {
            ["from_broadcaster_user_id"] = _user,
            ["from_broadcaster_user_name"] = "raider",
            ["to_broadcaster_user_id"] = TwitchHost.Channel,
            ["viewers"] = 42,
        });

        await _book.HasAsync("twitch", _user, "raid", 30);
    }

    [Fact]
    public async Task A_hype_train_scores_when_it_begins_and_not_as_it_rolls()
    {
        foreach (var stage in new[] { "begin", "progress", "end" })
        {
            await EmitAsync($"channel.hype_train.{stage}", new JsonObject
            {
                ["id"] = _user,
                ["level"] = 1,
                ["total"] = 100,
                ["started_at"] = "2026-03-01T11:00:00Z",
            });
        }

        await _book.HasAsync("twitch", TwitchHost.Channel, "hypetrain", 25);
        await twitch.SettledAsync();
        (await _book.RowsAsync("twitch", TwitchHost.Channel)).Where(r => r.Type == "hypetrain")
            .Select(r => (r.Points, r.HasReputation)).ShouldBe([(25m, true)]);
    }

    [Fact]
    public async Task Chat_is_scored_once_although_it_comes_under_a_twin_id()
    {
        await twitch.SubscribedAsync();
        (twitch.Twitch.Events.Copies, twitch.Twitch.Events.Twins) = (2, 2);
        await twitch.Twitch.Chat.SayAsync(TwitchHost.Channel, _user, "hello");
        (twitch.Twitch.Events.Copies, twitch.Twitch.Events.Twins) = (1, 1);

        await _book.HasAsync("twitch", _user, "message", 5);
    }

    [Fact]
    public async Task Gifts_without_a_name_are_activities_of_nobody_and_raise_no_score()
    {
        var gift = new JsonObject { ["user_id"] = null, ["user_name"] = null, ["tier"] = "1000", ["total"] = 5, ["is_anonymous"] = true };
        await twitch.SubscribedAsync("channel.subscription.gift");
        gift["broadcaster_user_id"] = TwitchHost.Channel;
        await twitch.Twitch.Events.EmitAsync("channel.subscription.gift", gift);

        await _book.HasAsync("twitch", "274598607", "subgift", 60, counts: false);
    }

    private async Task EmitAsync(string type, JsonObject e)
    {
        await twitch.SubscribedAsync(type);
        e["broadcaster_user_id"] = TwitchHost.Channel;
        e["broadcaster_user_name"] = "streamer";
        e["user_id"] = _user;
        e["user_name"] = "Ada";
        (await twitch.Twitch.Events.EmitAsync(type, e)).ShouldBe(1);
    }
}
