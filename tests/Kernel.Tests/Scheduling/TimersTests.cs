using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Data;
using Rookery.Kernel.Scheduling;

namespace Rookery.Kernel.Tests.Scheduling;

/// <summary>Each test begins without timers, since a runner claims whatever is there.</summary>
public sealed class TimersTests(FreshDatabase database) : IClassFixture<FreshDatabase>, IAsyncLifetime
{
    private const string Kind = "test";
    private readonly ManualClock _clock = new();
    private readonly FakeHandler _handler = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await database.Db.Write.ExecuteAsync($"create table if not exists public.effect (key text)", Ct);
        await database.Db.Write.ExecuteAsync($"truncate public.effect, kernel.timers", Ct);
    }

    public ValueTask DisposeAsync() => default;

    [Fact]
    public async Task A_timer_runs_when_it_is_due_and_not_before()
    {
        await SetAsync("k", TimeSpan.FromMinutes(5));
        _clock.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromMilliseconds(1));
        (await Runner().RunDueAsync(Ct)).ShouldBe(0);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        (await Runner().RunDueAsync(Ct)).ShouldBe(1);
        (await Runner().RunDueAsync(Ct)).ShouldBe(0);

        var ran = _handler.Ran.Single();
        ran.Key.ShouldBe("k");
        ran.Due.ShouldBe(ran.Now);
        ran.Payload.ShouldBe("""{"n": 1}""");
        ran.Community.ShouldBe(1);
    }

    [Fact]
    public async Task A_timer_set_again_under_its_key_is_moved()
    {
        await SetAsync("k", TimeSpan.FromMinutes(1));
        await SetAsync("k", TimeSpan.FromMinutes(10));
        _clock.Advance(TimeSpan.FromMinutes(2));
        (await Runner().RunDueAsync(Ct)).ShouldBe(0);
        _clock.Advance(TimeSpan.FromMinutes(8));
        (await Runner().RunDueAsync(Ct)).ShouldBe(1);
    }

    [Fact]
    public async Task A_cancelled_timer_does_not_run()
    {
        await SetAsync("k", TimeSpan.Zero);
        (await Timers().CancelAsync(database.Db.Write, Kind, "k", Ct)).ShouldBeTrue();
        (await Timers().CancelAsync(database.Db.Write, Kind, "k", Ct)).ShouldBeFalse();
        (await Runner().RunDueAsync(Ct)).ShouldBe(0);
    }

    [Fact]
    public async Task A_timer_moved_while_its_batch_runs_keeps_its_new_time()
    {
        await SetAsync("first", TimeSpan.Zero);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await SetAsync("second", TimeSpan.Zero);
        _handler.Do = async (timer, t) =>
        {
            if (timer.Key == "first")
            {
                await SetAsync("second", TimeSpan.FromMinutes(30), t);
            }
        };
        (await Runner().RunDueAsync(Ct)).ShouldBe(2);
        _handler.Ran.Select(r => r.Key).ShouldBe(["first"]);

        _clock.Advance(TimeSpan.FromMinutes(30));
        await Runner().RunDueAsync(Ct);
        _handler.Ran.Select(r => r.Key).ShouldBe(["first", "second"]);
    }

    [Fact]
    public async Task A_handler_may_set_its_own_key_again()
    {
        await SetAsync("daily", TimeSpan.Zero);
        _handler.Do = (timer, t) => SetAsync(timer.Key, TimeSpan.FromDays(1), t);
        for (var day = 0; day < 3; day++)
        {
            (await Runner().RunDueAsync(Ct)).ShouldBe(1);
            _clock.Advance(TimeSpan.FromDays(1));
        }

        _handler.Ran.Select(r => r.Attempt).ShouldBe([1, 1, 1]);
    }

    [Fact]
    public async Task A_handler_that_fails_leaves_no_effect_and_is_tried_again()
    {
        await SetAsync("k", TimeSpan.Zero);
        _handler.Do = async (timer, t) =>
        {
            await EffectAsync(timer, t);
            if (timer.Attempt < 3)
            {
                throw new InvalidOperationException($"try {timer.Attempt}");
            }
        };
        for (var i = 0; i < 3; i++)
        {
            (await Runner().RunDueAsync(Ct)).ShouldBe(1);
            (await Runner().RunDueAsync(Ct)).ShouldBe(0);
            (await EffectsAsync()).ShouldBe(i < 2 ? [] : ["k"]);
            _clock.Advance(TimeSpan.FromSeconds(61));
        }

        (await CountAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task A_timer_that_always_fails_is_laid_aside_with_its_last_error()
    {
        await SetAsync("k", TimeSpan.Zero);
        _handler.Do = (timer, _) => throw new InvalidOperationException($"try {timer.Attempt}");
        for (var i = 0; i < 10; i++)
        {
            await Runner(maxAttempts: 3).RunDueAsync(Ct);
            _clock.Advance(TimeSpan.FromMinutes(2));
        }

        _handler.Ran.Count.ShouldBe(3);
        (await database.Db.Write.ValueAsync<string>($"select last_error from kernel.timers where failed_at is not null", Ct)).ShouldBe("try 3");

        // Setting it again gives it a new life.
        _handler.Do = (_, _) => Task.CompletedTask;
        await SetAsync("k", TimeSpan.Zero);
        (await Runner().RunDueAsync(Ct)).ShouldBe(1);
    }

    [Fact]
    public async Task A_timer_whose_node_died_is_run_by_another_once_the_lease_is_over()
    {
        await SetAsync("k", TimeSpan.Zero);
        using var dying = new CancellationTokenSource();
        _handler.Do = async (timer, t) =>
        {
            await EffectAsync(timer, t);
            if (timer.Attempt == 1)
            {
                await dying.CancelAsync();
                throw new OperationCanceledException(dying.Token);
            }
        };
        await Should.ThrowAsync<OperationCanceledException>(Runner().RunDueAsync(dying.Token));
        (await Runner().RunDueAsync(Ct)).ShouldBe(0);
        _clock.Advance(TimeSpan.FromSeconds(61));
        (await Runner().RunDueAsync(Ct)).ShouldBe(1);
        (await EffectsAsync()).ShouldBe(["k"]);
    }

    [Fact]
    public async Task A_new_timer_wakes_the_loop_before_its_poll()
    {
        var feed = await database.ListenAsync();
        using var runner = Runner(feed: feed, clock: TimeProvider.System, poll: TimeSpan.FromMinutes(9));
        await runner.StartAsync(Ct);
        await new Timers(TimeProvider.System).SetAsync(
            database.Db.Write, Kind, "now", TimeProvider.System.GetUtcNow(), "{}", null, Ct);
        await TestHost.EventuallyAsync(() => Task.FromResult(!_handler.Ran.IsEmpty), "the timer ran");
        await runner.StopAsync(Ct);
        await feed.StopAsync(Ct);
    }

    private TimerRunner Runner(
        int batch = 64, int maxAttempts = 10, ChangeFeed? feed = null, TimeProvider? clock = null, TimeSpan? poll = null) => new(
        database.Db,
        [_handler],
        feed ?? new ChangeFeed(database.Source, database.Node, _clock, NullLogger<ChangeFeed>.Instance),
        clock ?? _clock,
        Options.Create(
            new TimerOptions { BatchSize = batch, MaxAttempts = maxAttempts, Poll = poll ?? TimeSpan.FromSeconds(30) }),
        NullLogger<TimerRunner>.Instance);

    private Timers Timers() => new(_clock);

    private Task SetAsync(string key, TimeSpan after, Session? session = null) =>
        Timers().SetAsync(session ?? database.Db.Write, Kind, key, _clock.GetUtcNow() + after, """{"n": 1}""", 1, Ct);

    private static Task EffectAsync(DueTimer timer, Transaction transaction) =>
        transaction.ExecuteAsync($"insert into public.effect values ({timer.Key})", Ct);

    private Task<IReadOnlyList<string>> EffectsAsync() =>
        database.Db.Write.ListAsync($"select key from public.effect", r => r.GetString(0), Ct);

    private Task<long> CountAsync() => database.Db.Write.ValueAsync<long>($"select count(*) from kernel.timers", Ct);

    private sealed class FakeHandler : ITimerHandler
    {
        public string Kind => TimersTests.Kind;

        public ConcurrentQueue<DueTimer> Ran { get; } = new();

        public Func<DueTimer, Transaction, Task> Do { get; set; } = (_, _) => Task.CompletedTask;

        public Task RunAsync(DueTimer timer, Transaction transaction, CancellationToken ct)
        {
            Ran.Enqueue(timer);
            return Do(timer, transaction);
        }
    }
}
