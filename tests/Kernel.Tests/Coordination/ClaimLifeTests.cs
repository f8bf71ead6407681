using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Coordination;

namespace Rookery.Kernel.Tests.Coordination;

/// <summary>For how long a claim holds, and how it ends.</summary>
public sealed class ClaimLifeTests(FreshDatabase database) : CoordinationTest(database)
{
    [Fact]
    public async Task A_heartbeat_alone_keeps_the_claims()
    {
        await using var holder = await StartAsync();
        await OfferAsync(holder, 3);
        await holder.RunAsync();
        await using var other = await StartAsync();

        for (var i = 0; i < 20; i++)
        {
            Clock.Advance(TimeSpan.FromMinutes(5));
            await holder.RunAsync();
            (await other.Store.ClaimAsync(Platform.Twitch, 10, [], Ct)).ShouldBeEmpty();
        }

        holder.Claimant.Running.Count.ShouldBe(3);
        holder.Claimant.Stopped.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_a_killed_node_held_is_taken_over_at_the_next_look()
    {
        await using var dead = await StartAsync();
        await OfferAsync(dead, 4);
        await dead.RunAsync();
        await using var heir = await StartAsync();

        await dead.DieAsync();
        await heir.RunAsync();

        heir.Claimant.Running.Count.ShouldBe(4);
        var tokens = dead.Claimant.Running.ToDictionary(c => c.EntityId, c => c.Token, StringComparer.Ordinal);
        heir.Claimant.Running.ShouldAllBe(c => c.Token > tokens[c.EntityId]);
    }

    [Fact]
    public async Task A_holder_that_is_silent_stops_by_itself_before_another_begins()
    {
        await using var silent = await StartAsync();
        await OfferAsync(silent, 1);
        await silent.RunAsync();
        var claim = silent.Claimant.Running.Single();
        await using var other = await StartAsync();

        Clock.Advance(TimeSpan.FromMinutes(6) - TimeSpan.FromSeconds(1));
        claim.IsHeld.ShouldBeTrue();
        (await other.Store.ClaimAsync(Platform.Twitch, 1, [], Ct)).ShouldBeEmpty();
        Clock.Advance(TimeSpan.FromSeconds(1));
        claim.IsHeld.ShouldBeFalse();
        Clock.Advance(TimeSpan.FromSeconds(1));

        (await other.Store.ClaimAsync(Platform.Twitch, 1, [], Ct)).Count.ShouldBe(1);
        await silent.RunAsync();
        silent.Claimant.Stopped.ShouldBe(["twitch:1"]);
        (await HoldersAsync())["twitch:1"].ShouldBe(other.Name);
    }

    [Fact]
    public async Task A_row_says_how_often_its_holder_checks_in()
    {
        await using var worker = await StartAsync();
        await OfferAsync(worker, 1);
        await Db.ExecuteAsync($"update kernel.coordination set heartbeat_interval = 1200", Ct);
        await worker.RunAsync();
        await using var other = await StartAsync();

        Clock.Advance(TimeSpan.FromMinutes(19));
        await worker.RunAsync();
        (await LastCheckinAsync()).ShouldBe(Clock.GetUtcNow() - TimeSpan.FromMinutes(19));
        (await other.Store.ClaimAsync(Platform.Twitch, 1, [], Ct)).ShouldBeEmpty();
        Clock.Advance(TimeSpan.FromMinutes(1));
        await worker.RunAsync();

        (await LastCheckinAsync()).ShouldBe(Clock.GetUtcNow());
    }

    [Fact]
    public async Task What_fails_waits_longer_each_time_and_is_never_dead()
    {
        await using var worker = await StartAsync();
        await OfferAsync(worker, 1);
        worker.Claimant.Failure = new InvalidOperationException("no such channel");
        var waits = new List<double>();
        for (var i = 0; i < 12; i++)
        {
            await worker.RunAsync();
            await worker.RunAsync();
            var retry = await Db.ValueAsync<DateTimeOffset>($"select retry_at from kernel.coordination", Ct);
            waits.Add((retry - Clock.GetUtcNow()).TotalSeconds);
            (await worker.Store.ClaimAsync(Platform.Twitch, 1, [], Ct)).ShouldBeEmpty();
            Clock.Advance(retry - Clock.GetUtcNow());
        }

        waits[0].ShouldBe(11.25, 0.01);
        waits[1].ShouldBe(22.5, 0.01);
        waits[^1].ShouldBe(2700, 0.01);
        (await Db.ValueAsync<string>($"select last_error from kernel.coordination", Ct)).ShouldBe("no such channel");

        worker.Claimant.Failure = null;
        await worker.RunAsync();
        worker.Claimant.Running.Last().Touch();
        Clock.Advance(TimeSpan.FromMinutes(1));
        await worker.RunAsync();
        (await Db.ValueAsync<int>($"select error_count from kernel.coordination", Ct)).ShouldBe(0);
    }

    [Fact]
    public async Task A_node_that_stops_gives_everything_back_with_what_it_takes_to_go_on()
    {
        await using var worker = await StartAsync();
        await OfferAsync(worker, 3);
        await worker.RunAsync();
        worker.Claimant.LastNote = """{"at": 7}""";

        await worker.Keeper.StopAsync(Ct);

        worker.Claimant.Running.ShouldBeEmpty();
        (await HoldersAsync()).Values.ShouldAllBe(holder => holder == "");
        await using var heir = await StartAsync();
        await heir.RunAsync();
        heir.Claimant.Running.ShouldAllBe(c => c.Metadata.GetProperty("at").GetInt32() == 7);
        heir.Claimant.Running.Count.ShouldBe(3);
    }

    [Fact]
    public async Task What_an_operator_takes_away_is_stopped_and_may_be_claimed_again()
    {
        await using var worker = await StartAsync();
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
    public async Task Claims_takeovers_and_losses_are_counted()
    {
        var counted = new ConcurrentDictionary<string, long>(StringComparer.Ordinal);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Name.StartsWith("rookery_claim", StringComparison.Ordinal))
                {
                    l.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => counted.AddOrUpdate(
            $"{instrument.Name} {string.Join(' ', tags.ToArray().Select(t => t.Value))}", value, (_, n) => n + value));
        listener.Start();
        await using var dead = await StartAsync();
        await dead.Claims.OfferAsync(Platform.Twitch, [new ChannelId(Platform.Twitch, "counted", "1")], Ct);
        await dead.RunAsync();
        counted["rookery_claims_held twitch:counted"].ShouldBe(1);
        await dead.DieAsync();
        await using var heir = await StartAsync();
        await heir.RunAsync();

        counted["rookery_claim_takeovers twitch:counted"].ShouldBe(1);
        dead.Claimant.Running.Single().Refuse().ShouldBeOfType<ClaimLostException>();
        await dead.RunAsync();

        counted["rookery_claim_refusals twitch:counted"].ShouldBe(1);
        counted["rookery_claim_losses twitch:counted lost"].ShouldBe(1);
        counted["rookery_claims_held twitch:counted"].ShouldBe(1);
    }

    private Task<DateTimeOffset> LastCheckinAsync() =>
        Db.ValueAsync<DateTimeOffset>($"select last_checkin from kernel.coordination", Ct);
}
