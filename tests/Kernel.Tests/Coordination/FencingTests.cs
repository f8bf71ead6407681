using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Coordination;
using Rookery.Kernel.Delivery;

namespace Rookery.Kernel.Tests.Coordination;

/// <summary>Only who holds a claim has an effect, whatever the others believe.</summary>
public sealed class FencingTests(FreshDatabase database) : IClassFixture<FreshDatabase>
{
    private const int Rows = 4;
    private readonly StepClock _clock = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_comes_under_a_lost_claim_is_not_stored_and_the_new_holder_may_store_it()
    {
        await ResetAsync();
        await using var old = await Worker.StartAsync(database, _clock);
        await using var heir = await Worker.StartAsync(database, _clock);
        await using var intake = Intake(old);
        await old.Claims.OfferAsync(Platform.Twitch, [Channel(1)], Ct);
        await old.RunAsync();
        var stale = old.Claimant.Running.Single();
        await old.DieAsync();
        await heir.RunAsync();
        var e = Event();

        stale.IsHeld.ShouldBeTrue("it has not heard of it");
        await Should.ThrowAsync<ClaimLostException>(intake.AcceptAsync(e with { Claim = stale }));
        stale.IsHeld.ShouldBeFalse("now it has");
        (await StoredAsync(e)).ShouldBe(0);
        (await intake.AcceptAsync(e with { Claim = heir.Claimant.Running.Single() })).ShouldBeTrue();

        (await StoredAsync(e)).ShouldBe(1);
        (await intake.AcceptAsync(e)).ShouldBeFalse("webhooks need no claim");
    }

    [Fact]
    public async Task A_claim_is_not_taken_over_between_the_look_at_it_and_the_commit_under_it()
    {
        await ResetAsync();
        await using var old = await Worker.StartAsync(database, _clock);
        await using var heir = await Worker.StartAsync(database, _clock);
        await old.Claims.OfferAsync(Platform.Twitch, [Channel(1)], Ct);
        await old.RunAsync();
        var claim = old.Claimant.Running.Single();
        await old.DieAsync();
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var connection = await source.OpenConnectionAsync(Ct);
        await using var transaction = await connection.BeginTransactionAsync(Ct);
        var e = Event();
        var claims = new InboxClaims([new InboxClaim(e.Platform, e.EventId, Guid.NewGuid(), e.At, claim.Token)]);
        await using (var batch = new NpgsqlBatch(connection, transaction) { BatchCommands = { claims.Command() } })
        {
            await using var reader = await batch.ExecuteReaderAsync(Ct);
            (await reader.ReadAsync(Ct)).ShouldBeTrue("the claim holds when it is looked at");
        }

        await heir.RunAsync();
        heir.Claimant.Running.ShouldBeEmpty("what was looked at is not committed yet");
        await transaction.CommitAsync(Ct);
        await heir.RunAsync();

        heir.Claimant.Running.Single().Token.ShouldBeGreaterThan(claim.Token);
    }

    [Fact]
    public async Task Storing_under_many_claims_and_checking_in_for_them_never_wait_for_each_other_for_ever()
    {
        await ResetAsync();
        await using var worker = await Worker.StartAsync(database, _clock);
        await using var intake = Intake(worker);
        await worker.Claims.OfferAsync(Platform.Twitch, [.. Enumerable.Range(0, 40).Select(Channel)], Ct);
        await worker.RunAsync();
        var claims = worker.Claimant.Running.ToArray();

        var storing = Task.WhenAll(Enumerable.Range(0, 600).Select(i => Game.TryAsync(intake, Event() with { Claim = claims[i * 7 % 40] })));
        for (var i = 0; i < 60; i++)
        {
            Random.Shared.Shuffle(claims);
            (await worker.Store.CheckInAsync([.. claims.Select(c => new ClaimNews(c.Token, $$"""{"n": {{i}}}"""))], Ct)).Count.ShouldBe(40);
            await worker.Claims.SetLiveAsync([.. claims.Select(c => new LiveState(c, IsLive: true, i))], Ct);
        }

        (await storing).ShouldAllBe(taken => taken);
    }

    [Fact]
    public async Task In_one_commit_each_row_has_its_own_fence()
    {
        await ResetAsync();
        await using var worker = await Worker.StartAsync(database, _clock);
        await using var intake = Intake(worker);
        await worker.Claims.OfferAsync(Platform.Twitch, [Channel(1), Channel(2)], Ct);
        await worker.RunAsync();
        var (good, bad) = (worker.Claimant.Running[0], worker.Claimant.Running[1]);
        await database.Db.Write.ExecuteAsync($"update kernel.coordination set fencing_token = null where entity_id = {bad.EntityId}", Ct);
        var events = Enumerable.Range(0, 90)
            .Select(i => Event() with { Claim = (i % 3) switch { 0 => good, 1 => null, _ => bad } }).ToList();

        var taken = await Task.WhenAll(events.Select(e => Game.TryAsync(intake, e)));

        taken.ShouldBe(events.Select(e => e.Claim != bad));
        (await Task.WhenAll(events.Select(StoredAsync))).Sum().ShouldBe(60);
    }

    [Fact]
    public async Task Many_that_claim_at_once_get_every_row_once()
    {
        await ResetAsync();
        var workers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Worker.StartAsync(database, _clock)));
        await workers[0].Claims.OfferAsync(Platform.Twitch, [.. Enumerable.Range(0, 60).Select(Channel)], Ct);

        var won = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => workers[i % 6].Store.ClaimAsync(Platform.Twitch, 5, [.. Enumerable.Range(0, 10_000).Select(n => (long)n)], Ct)));

        won.SelectMany(w => w).Select(r => r.EntityId).Distinct(StringComparer.Ordinal).Count().ShouldBe(won.Sum(w => w.Count));
        won.SelectMany(w => w).Select(r => r.Token).Distinct().Count().ShouldBe(won.Sum(w => w.Count));
        foreach (var worker in workers)
        {
            await worker.DisposeAsync();
        }
    }

    /// <summary>
    /// Whatever is done in whatever order: a row takes effects from one node at most, its tokens only rise, and a node that
    /// lives and checks in keeps what it has.
    /// </summary>
    [Fact]
    public void Never_do_two_hold_a_row_with_a_valid_token() =>
        Prop.ForAll(Gen.Choose(0, 599).ListOf(30).ToArbitrary(), PlayAsync)
            .Check(Config.QuickThrowOnFailure.WithMaxTest(25));

    private async Task PlayAsync(List<int> steps)
    {
        await ResetAsync();
        var workers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Worker.StartAsync(database, _clock)));
        var game = new Game(workers, _clock);
        await using var intake = Intake(workers[0]);
        await workers[0].Claims.OfferAsync(Platform.Twitch, [.. Enumerable.Range(0, Rows).Select(Channel)], Ct);
        foreach (var step in steps)
        {
            await game.PlayAsync(step % 6, step / 6 % 3, step / 18, Ct);
            await game.CheckAsync(intake, Event, Ct);
        }

        foreach (var worker in workers)
        {
            await worker.DisposeAsync();
        }
    }

    private Intake Intake(Worker worker) => new(
        database.Db,
        worker.Node,
        new ServiceCollection().AddSingleton<IIntakeHandler>(new Handler()).BuildServiceProvider(),
        _clock,
        NullLogger<Intake>.Instance);

    private static ChannelId Channel(int n) => new(Platform.Twitch, null, $"{n}");

    private static RawEvent Event() =>
        new(Platform.Twitch, $"{Guid.NewGuid()}", "channel.follow", "{}", "{}", new ManualClock().GetUtcNow());

    private Task<long> StoredAsync(RawEvent e) =>
        database.Db.Write.ValueAsync<long>($"select count(*) from twitch.twitch_events where event_id = {e.EventId}", Ct);

    private async Task ResetAsync()
    {
        await database.Db.Write.ExecuteAsync($"delete from kernel.coordination", Ct);
        await database.Db.Write.ExecuteAsync($"delete from kernel.collector_modules", Ct);
    }

    private sealed class Handler : IIntakeHandler
    {
        public Platform Platform => Platform.Twitch;

        public ValueTask<TimeSpan?> HandleAsync(RawEvent e, CancellationToken ct) => default;
    }
}
