using Rookery.Kernel.Chat;
using Rookery.Kernel.Coordination;

namespace Rookery.Kernel.Tests.Coordination;

/// <summary>Who gets what.</summary>
public sealed class ClaimTests(FreshDatabase database) : CoordinationTest(database)
{
    [Fact]
    public async Task Two_nodes_never_share_an_identity()
    {
        await using var one = await StartAsync();
        await using var two = await StartAsync();
        await OfferAsync(one, 2);

        await one.RunAsync();
        await two.RunAsync();
        await one.RunAsync();
        await two.RunAsync();

        (await HoldersAsync()).Values.Order(StringComparer.Ordinal).ShouldBe(new[] { one.Name, two.Name }.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_claim_says_what_it_took()
    {
        await using var worker = await StartAsync();
        await OfferAsync(worker, 5);

        await worker.RunAsync();

        worker.Claimant.Running.Select(c => c.EntityId).Order(StringComparer.Ordinal)
            .ShouldBe((await HoldersAsync()).Where(h => h.Value == worker.Name).Select(h => h.Key).Order(StringComparer.Ordinal));
        worker.Claimant.Running.Count.ShouldBe(5);
        worker.Claims.Find(Channel(1))!.Token.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Live_comes_first_then_priority_then_viewers_then_who_was_quiet_longest()
    {
        await using var worker = await StartAsync();
        await OfferAsync(worker, 6);
        await SetAsync(1, priority: 100, viewers: 5, quiet: 1);
        await SetAsync(2, priority: 100, viewers: 5, quiet: 2);
        await SetAsync(3, priority: 100, viewers: 9, quiet: 1);
        await SetAsync(4, priority: 50, viewers: 0, quiet: 1);
        await SetAsync(5, priority: 900, viewers: 0, quiet: 1, live: true);
        await SetAsync(6, priority: 900, viewers: 0, quiet: 9);

        var order = new List<string>();
        while (await worker.Store.ClaimAsync(Platform.Twitch, 1, [], Ct) is [var row])
        {
            order.Add(row.Channel);
            await Db.ExecuteAsync($"update kernel.coordination set retry_at = {Clock.GetUtcNow().AddDays(1)} where entity_id = {row.EntityId}", Ct);
        }

        order.ShouldBe(["5", "4", "3", "2", "1", "6"]);
    }

    [Fact]
    public async Task A_node_never_holds_more_than_its_limit_however_often_it_claims()
    {
        await using var worker = await StartAsync(new CoordinationOptions { MaxClaims = 3 });
        await OfferAsync(worker, 10);

        await worker.RunAsync();
        await worker.RunAsync();

        worker.Claimant.Running.Count.ShouldBe(3);
        (await HoldersAsync()).Values.Count(v => v == worker.Name).ShouldBe(3);
    }

    [Fact]
    public async Task Nodes_share_evenly_and_one_that_joins_gets_its_part()
    {
        await using var one = await StartAsync();
        await OfferAsync(one, 7);
        await one.RunAsync();
        one.Claimant.Running.Count.ShouldBe(7);

        await using var two = await StartAsync();
        await RoundsAsync(one, two);
        await using var three = await StartAsync();
        await RoundsAsync(one, two, three);

        Worker[] all = [one, two, three];
        all.Select(w => w.Claimant.Running.Count).Order().ShouldBe([2, 2, 3]);
        (await HoldersAsync()).Values.ShouldNotContain("");
        all.SelectMany(w => w.Claimant.Running).Select(c => c.EntityId).Distinct(StringComparer.Ordinal).Count().ShouldBe(7);
    }

    [Fact]
    public async Task What_is_no_longer_offered_is_taken_back_and_what_is_switched_off_is_not_put_up()
    {
        await using var worker = await StartAsync();
        var servers = new Servers(Database.Db, Clock);
        await servers.SeenAsync(Platform.Twitch, null, "2", "key:me", Ct);
        await servers.GoneAsync(Platform.Twitch, null, "2", Ct);

        await worker.Claims.OfferAsync(Platform.Twitch, [Channel(1), Channel(2), Channel(3)], Ct);
        (await HoldersAsync()).Keys.Order(StringComparer.Ordinal).ShouldBe(["twitch:1", "twitch:3"]);
        await worker.RunAsync();
        await worker.Claims.OfferAsync(Platform.Twitch, [Channel(2), Channel(3)], Ct);

        (await HoldersAsync()).ShouldBe(new Dictionary<string, string>(StringComparer.Ordinal) { ["twitch:3"] = worker.Name });
        await TestHost.EventuallyAsync(
            async () =>
            {
                await worker.RunAsync();
                return worker.Claimant.Stopped is ["twitch:1"];
            },
            "its holder stops");
    }

    [Fact]
    public async Task The_live_page_has_a_writer()
    {
        await using var worker = await StartAsync();
        await OfferAsync(worker, 1);
        await worker.RunAsync();
        var claim = worker.Claims.Find(Channel(1))!;

        await worker.Claims.SetLiveAsync(Channel(1), Clock.GetUtcNow(), Ct);
        await worker.Claims.SetLiveAsync([new LiveState(claim, IsLive: false)], Ct);
        (await LiveAsync()).ShouldBe("live 0 ", "a stream that has just begun is not ended by asking");
        await worker.Claims.SetLiveAsync([new LiveState(claim, true, 42, Clock.GetUtcNow(), """{"title": "Chess"}""")], Ct);
        (await LiveAsync()).ShouldBe("live 42 Chess");
        Clock.Advance(TimeSpan.FromMinutes(4));
        await worker.Claims.SetLiveAsync([new LiveState(claim, IsLive: false)], Ct);
        (await LiveAsync()).ShouldBe("offline 0 Chess");
    }

    [Fact]
    public async Task What_a_node_must_give_up_is_what_matters_least_and_was_quiet_longest()
    {
        await using var one = await StartAsync();
        await OfferAsync(one, 6);
        await one.RunAsync();
        await SetAsync(1, priority: 100, viewers: 0, quiet: 1);
        await SetAsync(2, priority: 100, viewers: 0, quiet: 9);
        await SetAsync(3, priority: 100, viewers: 7, quiet: 9);
        await SetAsync(4, priority: 900, viewers: 50, quiet: 1);
        await SetAsync(5, priority: 900, viewers: 0, quiet: 20, live: true);
        await SetAsync(6, priority: 10, viewers: 0, quiet: 20);

        await using var two = await StartAsync();
        await RoundsAsync(two, one, two);

        one.Claimant.Stopped.Order(StringComparer.Ordinal).ShouldBe(["twitch:1", "twitch:2", "twitch:4"]);
        two.Claimant.Running.Select(c => c.EntityId).Order(StringComparer.Ordinal).ShouldBe(["twitch:1", "twitch:2", "twitch:4"]);
    }

    private Task<string> LiveAsync() => Db.ValueAsync<string>(
        $"select status || ' ' || viewer_count || ' ' || coalesce(metadata ->> 'title', '') from kernel.coordination", Ct);
}
