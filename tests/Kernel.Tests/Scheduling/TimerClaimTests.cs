using System.Collections.Concurrent;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Data;
using Rookery.Kernel.Scheduling;

namespace Rookery.Kernel.Tests.Scheduling;

/// <summary>Many runners on the same timers, whose handlers fail and whose processes die in the middle of a run.</summary>
public sealed class TimerClaimTests(FreshDatabase database) : IClassFixture<FreshDatabase>
{
    private static readonly Gen<Play> Plays =
        from workers in Gen.Choose(1, 6)
        from batch in Gen.Choose(1, 9)
        from timers in
            (from due in Gen.Choose(0, 1200)
             from fates in Gen.Elements(Enum.GetValues<Fate>()).ListOf(3)
             from count in Gen.Choose(0, 3)
             select new Set(due, [.. fates.Take(count)])).ListOf(25)
        select new Play(workers, batch, [.. timers]);

    /// <summary>What a try comes to. When a timer has had its fates, it runs through.</summary>
    private enum Fate
    {
        ThrowsBefore,
        ThrowsAfter,
        DiesBefore,
        DiesAfter,
        OutlivesItsLease,
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void Every_timer_takes_effect_once_and_not_before_it_is_due_whoever_fails_or_dies() => Prop.ForAll(
        Plays.ToArbitrary(),
        RunAsync).Check(Config.QuickThrowOnFailure.WithMaxTest(15));

    private async Task RunAsync(Play play)
    {
        var clock = new ManualClock();
        await database.Db.Write.ExecuteAsync($"create table if not exists public.effect (key text, was_due boolean)", Ct);
        await database.Db.Write.ExecuteAsync($"truncate public.effect, kernel.timers", Ct);
        var fates = new Dictionary<string, IReadOnlyList<Fate>>(StringComparer.Ordinal);
        foreach (var (i, timer) in play.Timers.Index())
        {
            fates[$"timer{i}"] = timer.Fates;
            await new Timers(clock).SetAsync(
                database.Db.Write, "test", $"timer{i}", clock.GetUtcNow().AddSeconds(timer.Due), "{}", 1, Ct);
        }

        var tries = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        var enough = 30 + play.Timers.Sum(t => t.Fates.Count); // one worker alone dies once a round
        for (var round = 0; round < enough && await LeftAsync() > 0; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, play.Workers).Select(_ => WorkAsync(play.Batch, fates, tries, clock)));
            clock.Advance(TimeSpan.FromMinutes(10));
        }

        (await LeftAsync()).ShouldBe(0);
        (await database.Db.Write.ListAsync($"select key from public.effect where was_due", r => r.GetString(0), Ct))
            .ShouldBe(fates.Keys, ignoreOrder: true);
        (await database.Db.Write.ValueAsync<long>($"select count(*) from public.effect", Ct)).ShouldBe(fates.Count);
    }

    private Task<long> LeftAsync() => database.Db.Write.ValueAsync<long>($"select count(*) from kernel.timers", Ct);

    /// <summary>A process that works until nothing is due, or until it dies.</summary>
    private async Task WorkAsync(
        int batch, Dictionary<string, IReadOnlyList<Fate>> fates, ConcurrentDictionary<string, int> tries, ManualClock clock)
    {
        using var life = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        using var runner = new TimerRunner(
            database.Db,
            [new MortalHandler(fates, tries, clock, life)],
            new ChangeFeed(database.Source, database.Node, clock, NullLogger<ChangeFeed>.Instance),
            clock,
            Options.Create(new TimerOptions { BatchSize = batch, MaxAttempts = 100 }),
            NullLogger<TimerRunner>.Instance);
        try
        {
            while (await runner.RunDueAsync(life.Token) > 0)
            {
                // More are due.
            }
        }
        catch (Exception) when (life.IsCancellationRequested && !Ct.IsCancellationRequested)
        {
            // This one died.
        }
    }

    private sealed record Set(int Due, IReadOnlyList<Fate> Fates);

    private sealed record Play(int Workers, int Batch, IReadOnlyList<Set> Timers);

    private sealed class MortalHandler(
        Dictionary<string, IReadOnlyList<Fate>> fates, ConcurrentDictionary<string, int> tries, ManualClock clock,
        CancellationTokenSource life) : ITimerHandler
    {
        public string Kind => "test";

        public async Task RunAsync(DueTimer timer, Transaction transaction, CancellationToken ct)
        {
            var n = tries.AddOrUpdate(timer.Key, 1, (_, before) => before + 1);
            Fate? fate = n <= fates[timer.Key].Count ? fates[timer.Key][n - 1] : null;
            if (fate == Fate.OutlivesItsLease)
            {
                // The rest of its batch may be taken by others now.
                clock.Advance(TimeSpan.FromMinutes(2));
                await Task.Delay(5, Ct);
            }

            await FailAsync(fate, Fate.ThrowsBefore, Fate.DiesBefore);
            await transaction.ExecuteAsync($"insert into public.effect values ({timer.Key}, {timer.Now >= timer.Due})", Ct);
            await FailAsync(fate, Fate.ThrowsAfter, Fate.DiesAfter);
        }

        private async Task FailAsync(Fate? fate, Fate throws, Fate dies)
        {
            if (fate == throws)
            {
                throw new TimeoutException("no answer");
            }

            if (fate == dies)
            {
                await life.CancelAsync();
                life.Token.ThrowIfCancellationRequested();
            }
        }
    }
}
