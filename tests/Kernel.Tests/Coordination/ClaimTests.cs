using Rookery.Kernel.Chat;
using Rookery.Kernel.Coordination;
using Rookery.Kernel.Data;

namespace Rookery.Kernel.Tests.Coordination;

/// <summary>Who gets what, and for how long.</summary>
public sealed class ClaimTests(FreshDatabase database) : IClassFixture<FreshDatabase>, IAsyncLifetime
{
    private readonly StepClock _clock = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private Session Db => database.Db.Write;

    public async ValueTask InitializeAsync()
    {
        await Db.ExecuteAsync($"delete from kernel.coordination", Ct);
        await Db.ExecuteAsync($"delete from kernel.collector_modules", Ct);
        await Db.ExecuteAsync($"delete from kernel.servers", Ct);
    }

    public ValueTask DisposeAsync() => default;

    [Fact]
    public async Task Two_nodes_never_share_an_identity()
    {
        await using var one = await Worker.StartAsync(database, _clock);
        await using var two = await Worker.StartAsync(database, _clock);
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
        await using var worker = await Worker.StartAsync(database, _clock);
        await OfferAsync(worker, 5);

        await worker.RunAsync();

        worker.Claimant.Running.Select(c => c.EntityId).Order(StringComparer.Ordinal)
            .ShouldBe((await HoldersAsync()).Where(h => h.Value == worker.Name).Select(h => h.Key).Order(StringComparer.Ordinal));
        worker.Claimant.Running.Count.ShouldBe(5);
        worker.Claims.Find(Channel(1))!.Token.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_heartbeat_alone_keeps_the_claims()
    {
        await using var holder = await Worker.StartAsync(database, _clock);
        await OfferAsync(holder, 3);
        await holder.RunAsync();
        await using var other = await Worker.StartAsync(database, _clock);

        for (var i = 0; i < 20; i++)
        {
            _clock.Advance(TimeSpan.FromMinutes(5));
            await holder.RunAsync();
            (await other.Store.ClaimAsync(Platform.Twitch, 10, [], Ct)).ShouldBeEmpty();
        }

        holder.Claimant.Running.Count.ShouldBe(3);
        holder.Claimant.Stopped.ShouldBeEmpty();
    }

    [Fact]
    public async Task Live_comes_first_then_priority_then_viewers_then_who_was_quiet_longest()
    {
        await using var worker = await Worker.StartAsync(database, _clock);
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
            await Db.ExecuteAsync($"update kernel.coordination set retry_at = {_clock.GetUtcNow().AddDays(1)} where entity_id = {row.EntityId}", Ct);
        }

        order.ShouldBe(["5", "4", "3", "2", "1", "6"]);
    }

    [Fact]
    public async Task A_node_never_holds_more_than_its_limit_however_often_it_claims()
    {
        await using var worker = await Worker.StartAsync(database, _clock, new CoordinationOptions { MaxClaims = 3 });
        await OfferAsync(worker, 10);

        await worker.RunAsync();
        await worker.RunAsync();

        worker.Claimant.Running.Count.ShouldBe(3);
        (await HoldersAsync()).Values.Count(v => v == worker.Name).ShouldBe(3);
    }

    [Fact]
    public async Task Nodes_share_evenly_and_one_that_joins_gets_its_part()
    {
        await using var one = await Worker.StartAsync(database, _clock);
        await OfferAsync(one, 7);
        await one.RunAsync();
        one.Claimant.Running.Count.ShouldBe(7);

        await using var two = await Worker.StartAsync(database, _clock);
        await RoundsAsync(one, two);
        await using var three = await Worker.StartAsync(database, _clock);
        await RoundsAsync(one, two, three);

        Worker[] all = [one, two, three];
        all.Select(w => w.Claimant.Running.Count).Order().ShouldBe([2, 2, 3]);
        (await HoldersAsync()).Values.ShouldNotContain("");
        all.SelectMany(w => w.Claimant.Running).Select(c => c.EntityId).Distinct(StringComparer.Ordinal).Count().ShouldBe(7);
    }

    [Fact]
    public async Task What_a_killed_node_held_is_taken_over_at_the_next_look()
    {
        await using var dead = await Worker.StartAsync(database, _clock);
        await OfferAsync(dead, 4);
        await dead.RunAsync();
        await using var heir = await Worker.StartAsync(database, _clock);

        await dead.DieAsync();
        await heir.RunAsync();

        heir.Claimant.Running.Count.ShouldBe(4);
        var tokens = dead.Claimant.Running.ToDictionary(c => c.EntityId, c => c.Token, StringComparer.Ordinal);
        heir.Claimant.Running.ShouldAllBe(c => c.Token > tokens[c.EntityId]);
    }

    [Fact]
    public async Task A_holder_that_is_silent_stops_by_itself_before_another_begins()
    {
        await using var silent = await Worker.StartAsync(database, _clock);
        await OfferAsync(silent, 1);
        await silent.RunAsync();
        var claim = silent.Claimant.Running.Single();
        await using var other = await Worker.StartAsync(database, _clock);

        _clock.Advance(TimeSpan.FromMinutes(6) - TimeSpan.FromSeconds(1));
        claim.IsHeld.ShouldBeTrue();
        (await other.Store.ClaimAsync(Platform.Twitch, 1, [], Ct)).ShouldBeEmpty();
        _clock.Advance(TimeSpan.FromSeconds(1));
        claim.IsHeld.ShouldBeFalse();
        _clock.Advance(TimeSpan.FromSeconds(1));

        (await other.Store.ClaimAsync(Platform.Twitch, 1, [], Ct)).Count.ShouldBe(1);
        await silent.RunAsync();
        silent.Claimant.Stopped.ShouldBe(["twitch:1"]);
        (await HoldersAsync())["twitch:1"].ShouldBe(other.Name);
    }

    [Fact]
    public async Task A_row_says_how_often_its_holder_checks_in()
    {
        await using var worker = await Worker.StartAsync(database, _clock);
        await OfferAsync(worker, 1);
        await Db.ExecuteAsync($"update kernel.coordination set heartbeat_interval = 1200", Ct);
        await worker.RunAsync();
        await using var other = await Worker.StartAsync(database, _clock);

        _clock.Advance(TimeSpan.FromMinutes(19));
        await worker.RunAsync();
        (await LastCheckinAsync()).ShouldBe(_clock.GetUtcNow() - TimeSpan.FromMinutes(19));
        (await other.Store.ClaimAsync(Platform.Twitch, 1, [], Ct)).ShouldBeEmpty();
        _clock.Advance(TimeSpan.FromMinutes(1));
        await worker.RunAsync();

        (await LastCheckinAsync()).ShouldBe(_clock.GetUtcNow());
    }

    [Fact]
    public async Task What_fails_waits_longer_each_time_and_is_never_dead()
    {
        await using var worker = await Worker.StartAsync(database, _clock);
        await OfferAsync(worker, 1);
        worker.Claimant.Failure = new InvalidOperationException("no such channel");
        var waits = new List<double>();
        for (var i = 0; i < 12; i++)
        {
            await worker.RunAsync();
            await worker.RunAsync();
            var retry = await Db.ValueAsync<DateTimeOffset>($"select retry_at from kernel.coordination", Ct);
            waits.Add((retry - _clock.GetUtcNow()).TotalSeconds);
            (await worker.Store.ClaimAsync(Platform.Twitch, 1, [], Ct)).ShouldBeEmpty();
            _clock.Advance(retry - _clock.GetUtcNow());
        }

        waits[0].ShouldBe(11.25, 0.01);
        waits[1].ShouldBe(22.5, 0.01);
        waits[^1].ShouldBe(2700, 0.01);
        (await Db.ValueAsync<string>($"select last_error from kernel.coordination", Ct)).ShouldBe("no such channel");

        worker.Claimant.Failure = null;
        await worker.RunAsync();
        worker.Claimant.Running.Last().Touch();
        _clock.Advance(TimeSpan.FromMinutes(1));
        await worker.RunAsync();
        (await Db.ValueAsync<int>($"select error_count from kernel.coordination", Ct)).ShouldBe(0);
    }

    [Fact]
    public async Task A_node_that_stops_gives_everything_back_with_what_it_takes_to_go_on()
    {
        await using var worker = await Worker.StartAsync(database, _clock);
        await OfferAsync(worker, 3);
        await worker.RunAsync();
        worker.Claimant.LastNote = """{"at": 7}""";

        await worker.Keeper.StopAsync(Ct);

        worker.Claimant.Running.ShouldBeEmpty();
        (await HoldersAsync()).Values.ShouldAllBe(holder => holder == "");
        await using var heir = await Worker.StartAsync(database, _clock);
        await heir.RunAsync();
        heir.Claimant.Running.ShouldAllBe(c => c.Metadata.GetProperty("at").GetInt32() == 7);
        heir.Claimant.Running.Count.ShouldBe(3);
    }

    [Fact]
    public async Task What_an_operator_takes_away_is_stopped_and_may_be_claimed_again()
    {
        await using var worker = await Worker.StartAsync(database, _clock);
        await OfferAsync(worker, 1);
        await worker.RunAsync();
        var first = worker.Claimant.Running.Single();
        await Db.ExecuteAsync($"update kernel.coordination set claimed_by = null, fencing_token = null", Ct);

        await TestHost.EventuallyAsync(
            async () =>
            {
                await worker.RunAsync();
                return worker.Claimant.Stopped.Count == 1 && worker.Claimant.Running is [var now] && now != first;
            },
            "the feed tells the holder, which claims anew");
    }

    [Fact]
    public async Task What_is_no_longer_offered_is_taken_back_and_what_is_switched_off_is_not_put_up()
    {
        await using var worker = await Worker.StartAsync(database, _clock);
        var servers = new Servers(database.Db, _clock);
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
        await using var worker = await Worker.StartAsync(database, _clock);
        await OfferAsync(worker, 1);
        await worker.RunAsync();
        var claim = worker.Claims.Find(Channel(1))!;

        await worker.Claims.SetLiveAsync(Channel(1), _clock.GetUtcNow(), Ct);
        await worker.Claims.SetLiveAsync([new LiveState(claim, IsLive: false)], Ct);
        (await LiveAsync()).ShouldBe("live 0 ", "a stream that has just begun is not ended by asking");
        await worker.Claims.SetLiveAsync([new LiveState(claim, true, 42, _clock.GetUtcNow(), """{"title": "Chess"}""")], Ct);
        (await LiveAsync()).ShouldBe("live 42 Chess");
        _clock.Advance(TimeSpan.FromMinutes(4));
        await worker.Claims.SetLiveAsync([new LiveState(claim, IsLive: false)], Ct);
        (await LiveAsync()).ShouldBe("offline 0 Chess");
    }

    private static ChannelId Channel(int n) => new(Platform.Twitch, null, $"{n}");

    private static Task OfferAsync(Worker worker, int rows) =>
        worker.Claims.OfferAsync(Platform.Twitch, [.. Enumerable.Range(1, rows).Select(Channel)], Ct);

    private static async Task RoundsAsync(params Worker[] workers)
    {
        for (var i = 0; i < 3; i++)
        {
            foreach (var worker in workers)
            {
                await worker.RunAsync();
            }
        }
    }

    private Task SetAsync(int n, int priority, int viewers, int quiet, bool live = false) => Db.ExecuteAsync(
        $"""
        update kernel.coordination set priority = {priority}, viewer_count = {viewers}, is_live = {live},
            last_activity = {_clock.GetUtcNow().AddHours(-quiet)}
        where entity_id = {Channel(n).ToString()}
        """,
        Ct);

    private async Task<Dictionary<string, string>> HoldersAsync() => (await Db.ListAsync(
        $"select entity_id, coalesce(claimed_by, '') from kernel.coordination", r => (r.GetString(0), r.GetString(1)), Ct))
        .ToDictionary(r => r.Item1, r => r.Item2, StringComparer.Ordinal);

    private Task<DateTimeOffset> LastCheckinAsync() =>
        Db.ValueAsync<DateTimeOffset>($"select last_checkin from kernel.coordination", Ct);

    private Task<string> LiveAsync() => Db.ValueAsync<string>(
        $"select status || ' ' || viewer_count || ' ' || coalesce(metadata ->> 'title', '') from kernel.coordination", Ct);
}
