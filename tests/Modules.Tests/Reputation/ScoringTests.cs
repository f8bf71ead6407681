using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Communities;
using Rookery.Kernel.Data;

namespace Rookery.Reputation.Tests;

public sealed class ScoringTests(ReputationHost host) : IClassFixture<ReputationHost>
{
    private async Task EveryLineAsync()
    {
        using var set = await host.Http.PutAsJsonAsync(
            $"/api/v1/settings/reputation/talk_every?community_id={await CommunityAsync()}", new JsonObject { ["value"] = 0 }, Ct);
        set.StatusCode.ShouldBe(HttpStatusCode.OK, await set.Content.ReadAsStringAsync(Ct));
    }

    private readonly string _channel = $"c{Guid.NewGuid():N}";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_happens_is_scored_once_however_often_it_is_told()
    {
        for (var i = 0; i < 3; i++)
        {
            await host.HappensAsync(_channel, "raid", "ada", new Raided(12), "raid-1" + _channel);
        }

        (await host.ScoreAsync(_channel, "ada")).ShouldBe(30);
    }

    [Fact]
    public async Task A_command_is_scored_when_it_is_told_again_after_its_node_died_in_between()
    {
        // The command's execution is on record, its points are not.
        var id = $"m{Guid.NewGuid():N}";
        await host.HappensAsync(_channel, MessageTypes.Chat, "ada", text: "!ping", id: id);
        await host.Get<Database>().Write.ExecuteAsync($"delete from kernel.inbox where event_key = {$"sandbox:activity:{id}"}", Ct);
        await host.Get<Database>().Write.ExecuteAsync($"delete from reputation.reputation_scores where user_id = 'ada' and community_id = {await CommunityAsync()}", Ct);

        await using var next = new ReputationHost { ConnectionString = host.Database };
        await next.InitializeAsync();
        var again = await next.Get<IEventTransport>().DeliverAsync(
            new InboundEvent
            {
                Channel = new ChannelId(Platform.Sandbox, null, _channel),
                Type = MessageTypes.Chat,
                UserId = "ada",
                UserName = "ada",
                MessageId = id,
                Text = "!ping",
                OccurredAt = TimeProvider.System.GetUtcNow(),
            },
            Ct);

        again.Outcome.ShouldBe(Outcome.Duplicate);
        (await host.ScoreAsync(_channel, "ada")).ShouldBe(5);
    }

    [Fact]
    public async Task Talk_is_scored_without_anybody_waiting_for_it()
    {
        await EveryLineAsync();
        for (var i = 0; i < 20; i++)
        {
            await host.HappensAsync(_channel, MessageTypes.Chat, "ada", text: $"line {i}");
        }

        await host.ScoresAsync(_channel, "ada", 100);
    }

    [Fact]
    public async Task Who_talks_much_is_scored_once_a_minute()
    {
        for (var i = 0; i < 20; i++)
        {
            await host.HappensAsync(_channel, MessageTypes.Chat, "ada", text: $"line {i}");
            await host.HappensAsync(_channel, MessageTypes.Chat, "ada", text: "!ping");
        }

        await host.HappensAsync(_channel, MessageTypes.Chat, "bob", text: "hello");
        await host.HappensAsync(_channel, "follow", "ada", new Followed());
        await host.ScoresAsync(_channel, "bob", 5);
        await host.ScoresAsync(_channel, "ada", 15);
    }

    [Fact]
    public async Task What_moderation_blocks_is_not_scored()
    {
        await host.HappensAsync(_channel, MessageTypes.Chat, "ada", text: "hello");
        using var rule = await host.Http.PostAsJsonAsync(
            "/api/v1/moderation/rules",
            new JsonObject
            {
                ["string"] = "slur",
                ["match_type"] = "contains",
                ["action"] = "block",
                ["enabled_entity_ids"] = new JsonArray($"sandbox:{_channel}"),
            },
            Ct);
        rule.StatusCode.ShouldBe(HttpStatusCode.Created, await rule.Content.ReadAsStringAsync(Ct));

        (await host.HappensAsync(_channel, MessageTypes.Chat, "ada", text: "!ping slur")).Outcome.ShouldBe(Outcome.Blocked);

        await host.ScoresAsync(_channel, "ada", 5);
    }

    [Fact]
    public async Task A_point_goes_to_the_community_of_the_channel_and_to_no_other()
    {
        await host.HappensAsync(_channel, "follow", "ada");
        await host.HappensAsync(_channel + "2", "follow", "ada");

        (await host.ScoreAsync(_channel, "ada")).ShouldBe(10);
        (await host.ScoreAsync(_channel + "2", "ada")).ShouldBe(10);
        (await host.Get<Database>().Read.ValueAsync<long>(
            $"select count(*) from reputation.reputation_scores where community_id = 1", Ct)).ShouldBe(0);
        (await EventsAsync("ada")).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Members_are_told_apart_by_account_and_never_by_name()
    {
        await host.HappensAsync(_channel, "follow", "id-1", name: "Ada");
        await host.HappensAsync(_channel, "follow", "id-2", name: "Ada");
        await host.HappensAsync(_channel, "raid", "id-1", new Raided(1), name: "Renamed");

        (await host.ScoreAsync(_channel, "id-1")).ShouldBe(40);
        (await host.ScoreAsync(_channel, "id-2")).ShouldBe(10);
    }

    [Fact]
    public async Task A_name_of_an_activity_counts_as_it_is_written()
    {
        await host.HappensAsync(_channel, "follow", "ada");
        (await PutAsync(("hypeTrain", 1m))).ShouldBe(HttpStatusCode.BadRequest);
        (await PutAsync(("Message", 1m))).ShouldBe(HttpStatusCode.BadRequest);
        (await PutAsync(("slash_command", 9m), ("message", 0.01m))).ShouldBe(HttpStatusCode.OK);

        await host.HappensAsync(_channel, MessageTypes.SlashCommand, "ada", text: "!ping");
        await host.HappensAsync(_channel, MessageTypes.Chat, "ada", text: "!ping");

        (await host.ScoreAsync(_channel, "ada")).ShouldBe(19.01m);
    }

    [Fact]
    public async Task Bits_and_minutes_count_each()
    {
        await PutAsync(("cheer", 0.01m));
        await host.HappensAsync(_channel, "cheer", "ada", new Cheered(107, false));
        await host.HappensAsync(_channel, "voice_time", "ada", new VoiceSpent("v", 3));

        (await host.ScoreAsync(_channel, "ada")).ShouldBe(4.07m);
    }

    [Fact]
    public async Task Who_gives_without_a_name_gets_no_score()
    {
        await host.HappensAsync(_channel, "cheer", "nobody", new Cheered(100, IsAnonymous: true));
        await host.HappensAsync(_channel, "subgift", "nobody", new SubscriptionsGiven(5, 1, IsAnonymous: true));

        (await host.ScoreAsync(_channel, "nobody")).ShouldBe(0);
    }

    [Theory]
    [InlineData("reaction_remove")]
    [InlineData("message_edit")]
    [InlineData("message_delete")]
    [InlineData("voice_leave")]
    [InlineData("stream_online")]
    public async Task What_is_no_activity_is_not_scored(string type)
    {
        await host.HappensAsync(_channel, type, "ada");

        (await host.ScoreAsync(_channel, "ada")).ShouldBe(0);
    }

    [Fact]
    public async Task A_community_sets_its_own_points_switches_activities_off_and_goes_back_to_the_defaults()
    {
        await PutAsync(("follow", 2.5m));
        await host.HappensAsync(_channel, "follow", "ada");
        (await host.ScoreAsync(_channel, "ada")).ShouldBe(2.5m);

        (await PutAsync(new JsonObject { ["activity_type"] = "follow", ["enabled"] = false })).ShouldBe(HttpStatusCode.OK);
        await host.HappensAsync(_channel, "follow", "ada");
        (await host.ScoreAsync(_channel, "ada")).ShouldBe(2.5m);
        (await ShownAsync("follow"))["enabled"]!.GetValue<bool>().ShouldBeFalse();

        (await PutAsync(Array.Empty<JsonObject>())).ShouldBe(HttpStatusCode.OK);
        await host.HappensAsync(_channel, "follow", "ada");
        (await host.ScoreAsync(_channel, "ada")).ShouldBe(12.5m);
        var shown = await ShownAsync("reaction");
        shown["points"].ShouldBeNull();
        shown["defaults"]!["slack"]!.GetValue<decimal>().ShouldBe(3);
        shown["defaults"]!["discord"]!.GetValue<decimal>().ShouldBe(2);
    }

    [Theory]
    [InlineData("""{"items":[{"activity_type":"follow","points":0.001}]}""", "items[0].points")]
    [InlineData("""{"items":[{"activity_type":"follow","points":10001}]}""", "items[0].points")]
    [InlineData("""{"items":[{"activity_type":"follow"}]}""", "items[0].points")]
    [InlineData("""{"items":[{"activity_type":"follow","points":1},{"activity_type":"follow","points":2}]}""", "items[1].activity_type")]
    [InlineData("{}", "items")]
    public async Task A_wrong_scoring_is_refused_by_its_field_and_changes_nothing(string body, string field)
    {
        using var response = await host.Http.PutAsync(
            $"{await host.PathAsync(_channel)}/scoring", new StringContent(body, System.Text.Encoding.UTF8, "application/json"), Ct);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.Content.ReadFromJsonAsync<JsonObject>(Ct))!["errors"]![0]!["field"]!.GetValue<string>().ShouldBe(field);
        (await ShownAsync("follow"))["points"].ShouldBeNull();
    }

    [Fact]
    public async Task A_community_may_switch_scoring_off()
    {
        await host.HappensAsync(_channel, "follow", "ada");
        var settings = host.Get<Kernel.Settings.SettingsStore>();
        await settings.SetAsync(
            settings.Find("reputation", "enabled")!, await CommunityAsync(), System.Text.Json.JsonElement.Parse("false"), "test", Ct);

        await host.HappensAsync(_channel, "follow", "ada");

        (await host.ScoreAsync(_channel, "ada")).ShouldBe(10);
    }

    private async Task<long> CommunityAsync() =>
        (await host.Get<EntityDirectory>().ResolveAsync(new ChannelId(Platform.Sandbox, null, _channel), Ct)).CommunityId;

    private async Task<JsonArray> EventsAsync(string user) =>
        (await host.ReadAsync($"{await host.PathAsync(_channel)}/events?platform=sandbox&user_id={user}"))["items"]!.AsArray();

    private Task<HttpStatusCode> PutAsync(params (string Type, decimal Points)[] scores) =>
        PutAsync([.. scores.Select(s => new JsonObject { ["activity_type"] = s.Type, ["points"] = s.Points })]);

    private async Task<HttpStatusCode> PutAsync(params JsonObject[] items)
    {
        using var response = await host.Http.PutAsJsonAsync(
            $"{await host.PathAsync(_channel)}/scoring", new JsonObject { ["items"] = new JsonArray([.. items]) }, Ct);
        return response.StatusCode;
    }

    private async Task<JsonNode> ShownAsync(string type) =>
        (await host.ReadAsync($"{await host.PathAsync(_channel)}/scoring"))["items"]!.AsArray()
            .Single(i => i!["activity_type"]!.GetValue<string>() == type)!;
}
