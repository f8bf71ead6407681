using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Security;

namespace Rookery.Reputation.Tests;

public sealed class ReputationApiTests(ReputationHost host) : IClassFixture<ReputationHost>
{
    private readonly string _channel = $"c{Guid.NewGuid():N}";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_leaderboard_has_a_writer_and_ranks_by_score()
    {
        await host.HappensAsync(_channel, "raid", "ada", new Raided(3));
        await host.HappensAsync(_channel, "follow", "bob");
        await host.HappensAsync(_channel, "follow", "cid");
        await host.HappensAsync(_channel, "ban", "dan", new Restricted(Restriction.Ban, null, null, null));

        var items = (await host.ReadAsync($"{await host.PathAsync(_channel)}/leaderboard"))["items"]!.AsArray();

        items.Select(i => (i!["rank"]!.GetValue<int>(), i["user_id"]!.GetValue<string>(), i["score"]!.GetValue<decimal>()))
            .ShouldBe([(1, "ada", 30m), (2, "bob", 10m), (2, "cid", 10m), (4, "dan", -50m)]);
        (await host.ReadAsync($"{await host.PathAsync(_channel)}/leaderboard?limit=1"))["items"]!.AsArray().Count.ShouldBe(1);
        (await StatusAsync("leaderboard?limit=0")).ShouldBe(HttpStatusCode.BadRequest);
        (await StatusAsync("leaderboard?limit=101")).ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task The_history_tells_the_score_before_and_after_newest_first_page_by_page()
    {
        await host.HappensAsync(_channel, "follow", "ada");
        await host.HappensAsync(_channel, "raid", "ada", new Raided(1));
        await host.HappensAsync(_channel, "follow", "bob");
        var path = $"{await host.PathAsync(_channel)}/events?platform=sandbox&user_id=ada&limit=1";

        var first = await host.ReadAsync(path);
        var second = await host.ReadAsync($"{path}&cursor={first["next_cursor"]}");

        Event(first).ShouldBe(("raid", 30m, 10m, 40m));
        Event(second).ShouldBe(("follow", 10m, 0m, 10m));
        second["next_cursor"].ShouldBeNull();
        (await StatusAsync("events?user_id=ada")).ShouldBe(HttpStatusCode.BadRequest);
        (await StatusAsync("events?activity_type=Follow")).ShouldBe(HttpStatusCode.BadRequest);

        static (string, decimal, decimal, decimal) Event(JsonObject page)
        {
            var e = page["items"]!.AsArray().ShouldHaveSingleItem()!;
            return (e["activity_type"]!.GetValue<string>(), e["points"]!.GetValue<decimal>(),
                e["previous_score"]!.GetValue<decimal>(), e["new_score"]!.GetValue<decimal>());
        }
    }

    [Fact]
    public async Task An_adjustment_has_a_reason_and_is_in_the_audit_log()
    {
        using var response = await AdjustAsync("ada", new JsonObject { ["points"] = -2.25m, ["reason"] = "spam in #art" });

        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Ct));
        (await host.ScoreAsync(_channel, "ada")).ShouldBe(-2.25m);
        (await host.AskAsync("!reputation history", _channel)).ShouldContain("adjustment -2.25 → -2.25 (spam in #art)");
        (await host.Get<Database>().Read.ValueAsync<long>(
            $"select count(*) from kernel.audit_log where action = 'reputation.adjusted' and details ->> 'reason' = 'spam in #art'", Ct)).ShouldBe(1);
    }

    [Theory]
    [InlineData("""{"reason":"x"}""", "points")]
    [InlineData("""{"points":0,"reason":"x"}""", "points")]
    [InlineData("""{"points":1.001,"reason":"x"}""", "points")]
    [InlineData("""{"points":1000001,"reason":"x"}""", "points")]
    [InlineData("""{"points":1}""", "reason")]
    public async Task A_wrong_adjustment_is_refused_by_its_field_and_changes_nothing(string body, string field)
    {
        using var response = await AdjustAsync("ada", JsonNode.Parse(body)!.AsObject());

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.Content.ReadFromJsonAsync<JsonObject>(Ct))!["errors"]![0]!["field"]!.GetValue<string>().ShouldBe(field);
        (await host.ScoreAsync(_channel, "ada")).ShouldBe(0);
    }

    [Fact]
    public async Task A_community_that_does_not_exist_is_not_found()
    {
        using var adjusted = await host.Http.PostAsJsonAsync(
            "/api/v1/communities/999999/reputation/members/sandbox/ada/adjustments", new { points = 1, reason = "x" }, Ct);
        adjusted.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        using var scoring = await host.Http.PutAsJsonAsync(
            "/api/v1/communities/999999/reputation/scoring", new { items = new[] { new { activity_type = "follow", points = 1 } } }, Ct);
        scoring.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_key_of_another_community_sees_nothing_and_a_reader_changes_nothing()
    {
        await host.HappensAsync(_channel, "follow", "ada");
        var path = await host.PathAsync(_channel);
        using var stranger = host.Client((await KeyAsync([Scopes.ReputationRead], 1)).Secret);
        using var reader = host.Client((await KeyAsync([Scopes.ReputationRead], null)).Secret);

        foreach (var route in new[] { "members/sandbox/ada", "leaderboard", "events", "scoring", "stats" })
        {
            using var hidden = await stranger.GetAsync($"{path}/{route}", Ct);
            hidden.StatusCode.ShouldBe(HttpStatusCode.NotFound, route);
            using var shown = await reader.GetAsync($"{path}/{route}", Ct);
            shown.StatusCode.ShouldBe(HttpStatusCode.OK, route);
        }

        using var refused = await reader.PostAsJsonAsync($"{path}/members/sandbox/ada/adjustments", new { points = 1, reason = "x" }, Ct);
        refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task The_stats_sum_up_scores_and_what_was_scored()
    {
        await host.HappensAsync(_channel, "follow", "ada");
        await host.HappensAsync(_channel, "follow", "bob");
        await host.HappensAsync(_channel, "raid", "bob", new Raided(1));

        var stats = await host.ReadAsync($"{await host.PathAsync(_channel)}/stats");

        stats["members"]!.GetValue<int>().ShouldBe(2);
        stats["total_score"]!.GetValue<decimal>().ShouldBe(50);
        stats["average_score"]!.GetValue<decimal>().ShouldBe(25);
        var follows = stats["by_type"]!.AsArray().Single(t => t!["activity_type"]!.GetValue<string>() == "follow")!;
        (follows["events"]!.GetValue<int>(), follows["points"]!.GetValue<decimal>()).ShouldBe((2, 20m));
    }

    [Fact]
    public async Task A_person_is_exported_and_erased_and_nobody_else()
    {
        var person = $"u{_channel}";
        await host.HappensAsync(_channel, "follow", person);
        await host.HappensAsync(_channel, "follow", "bob");
        var db = host.Get<Database>();
        (await host.PersonalData.ExportAsync(db.Write, Platform.Sandbox, person, Ct)).Count.ShouldBe(2);

        (await db.TransactionAsync(t => host.PersonalData.EraseAsync(t, Platform.Sandbox, person, Ct), Ct)).ShouldBe(2);

        (await host.PersonalData.ExportAsync(db.Write, Platform.Sandbox, person, Ct)).ShouldBeEmpty();
        (await host.ScoreAsync(_channel, person)).ShouldBe(0);
        (await host.ScoreAsync(_channel, "bob")).ShouldBe(10);
    }

    private Task<(ApiKey Key, string Secret)> KeyAsync(string[] scopes, long? community) =>
        host.Get<ApiKeys>().CreateAsync($"k{Guid.NewGuid():N}", scopes, community, 0, null, "test", Ct);

    private async Task<HttpStatusCode> StatusAsync(string route)
    {
        using var response = await host.Http.GetAsync($"{await host.PathAsync(_channel)}/{route}", Ct);
        return response.StatusCode;
    }

    private async Task<HttpResponseMessage> AdjustAsync(string user, JsonObject body) => await host.Http.PostAsJsonAsync(
        $"{await host.PathAsync(_channel)}/members/sandbox/{user}/adjustments", body, Ct);
}
