using System.Collections.Concurrent;
using Rookery.Kernel.Web;
using Rookery.Platforms.Discord;
using Rookery.Platforms.Discord.Rest;
using Rookery.Simulators.Discord;

namespace Rookery.Platforms.Tests.Discord;

public sealed class GlobalLimitTests
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public Task No_second_holds_more_than_fifty_calls_whenever_it_begins() => ApartAsync(
        async () =>
        {
            var (clock, went) = (new TimerClock(), new ConcurrentQueue<DateTimeOffset>());
            var limits = new PerSecond(50, clock);
            var calls = Enumerable.Range(0, 220).Select(_ => GoAsync(limits, clock, went)).ToList();
            clock.AdvanceUntil(() => went.Count == 220, Step);
            await Task.WhenAll(calls);

            var times = went.ToList();
            Enumerable.Range(0, 170).ShouldAllBe(i => times[i + 50] - times[i] > TimeSpan.FromSeconds(1));
            (times[^1] - times[0]).ShouldBeLessThan(TimeSpan.FromSeconds(5));
            times.Take(25).ShouldAllBe(at => at == times[0]);
            Enumerable.Range(51, 168).ShouldAllBe(i => times[i + 1] - times[i] < TimeSpan.FromMilliseconds(60));
        });

    [Fact]
    public Task Who_queued_before_everything_was_stopped_waits_like_who_comes_after() => ApartAsync(
        async () =>
        {
            var (clock, went) = (new TimerClock(), new ConcurrentQueue<DateTimeOffset>());
            var limits = new PerSecond(50, clock);
            var calls = Enumerable.Range(0, 90).Select(_ => GoAsync(limits, clock, went)).ToList();
            var stopped = clock.GetUtcNow();
            limits.Block(TimeSpan.FromSeconds(3));
            calls.AddRange(Enumerable.Range(0, 10).Select(_ => GoAsync(limits, clock, went)));
            clock.AdvanceUntil(() => went.Count == 100, Step);
            await Task.WhenAll(calls);

            went.Take(25).ShouldAllBe(at => at == stopped);
            went.Skip(25).ShouldAllBe(at => at >= stopped + TimeSpan.FromSeconds(3));
        });

    [Fact]
    public async Task After_the_first_refusal_nothing_is_sent_until_the_time_is_over()
    {
        await using var discord = new DiscordSimulator();
        await discord.StartAsync(0, Ct);
        discord.Rest.GlobalLimit = 3;
        using var rest = Rest(discord);

        var refused = new List<GuardedResponse>();
        for (var i = 0; i < 12; i++)
        {
            var answer = await rest.CallAsync(Post($"{i}"), Ct);
            if (!answer.Ok)
            {
                refused.Add(answer);
            }
        }

        // Each second ends with one that is too many, and no other follows that one.
        refused.Count.ShouldBeInRange(1, 3);
        refused.ShouldAllBe(r => r.Status == 429 && r.Headers["X-RateLimit-Global"] == "true" && r.Headers["X-RateLimit-Scope"] == "global");
        discord.Rest.GlobalOverruns.ShouldBe(refused.Count);
        discord.Ledger.All.Count(e => e.Kind == "said").ShouldBe(12 - refused.Count);
    }

    [Fact]
    public async Task A_share_of_the_calls_fails_half_of_them_when_the_work_is_done()
    {
        await using var discord = new DiscordSimulator();
        await discord.StartAsync(0, Ct);
        discord.Rest.FailRate = 0.5;
        using var http = new HttpClient { BaseAddress = discord.Address };
        http.DefaultRequestHeaders.Authorization = new("Bot", discord.Token);

        var answers = new List<int>();
        for (var i = 0; i < 400; i++)
        {
            using var answer = await http.PostAsync($"api/v10/channels/{i}/messages", new StringContent("""{"content": "x"}"""), Ct);
            answers.Add((int)answer.StatusCode);
        }

        answers.Distinct().Order().ShouldBe([200, 429, 500, 503]);
        answers.Count(a => a != 200).ShouldBeInRange(160, 240);
        (discord.Ledger.All.Count - answers.Count(a => a == 200)).ShouldBeInRange(60, 140);
        discord.Rest.Invalid.ShouldBe(0);
    }

    private static DiscordRest Rest(DiscordSimulator discord)
    {
        var options = new DiscordOptions { BotToken = discord.Token, ApiBaseUrl = new Uri(discord.Address, "api/v10/") };
        return new DiscordRest(
            Microsoft.Extensions.Options.Options.Create(options), new RateLimits(Microsoft.Extensions.Options.Options.Create(options), TimeProvider.System),
            TimeProvider.System);
    }

    private static Call Post(string channel) =>
        new(HttpMethod.Post, "channels/{channel}/messages", channel, $"channels/{channel}/messages") { Body = """{"content": "x"}""" };

    /// <summary>So that whom a timer wakes goes on at once, and not when it is the turn of another test.</summary>
    private static async Task ApartAsync(Func<Task> test)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await test();
    }

    private static async Task GoAsync(PerSecond limits, TimeProvider clock, ConcurrentQueue<DateTimeOffset> went)
    {
        await limits.WaitAsync(Ct);
        went.Enqueue(clock.GetUtcNow());
    }

    /// <summary>A clock that a test moves, its timers too.</summary>
    private sealed class TimerClock : TimeProvider
    {
        private readonly List<Timer> _timers = [];
        private DateTimeOffset _now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => _now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new Timer(_now + dueTime, () => callback(state));
            _timers.Add(timer);
            return timer;
        }

        public void AdvanceUntil(Func<bool> isDone, TimeSpan step)
        {
            for (var left = 10_000; !isDone(); left--)
            {
                left.ShouldBePositive("it takes no end");
                _now += step;
                foreach (var due in _timers.Where(t => t.Due <= _now).ToList())
                {
                    _timers.Remove(due);
                    due.Ring();
                }
            }
        }

        private sealed record Timer(DateTimeOffset Due, Action Ring) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => default;
        }
    }
}
