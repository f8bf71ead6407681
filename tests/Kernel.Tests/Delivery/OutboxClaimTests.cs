using System.Collections.Concurrent;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;

namespace Rookery.Kernel.Tests.Delivery;

/// <summary>Many dispatchers on one outbox, whose sender fails and whose processes die in the middle of a sending.</summary>
public sealed class OutboxClaimTests(FreshDatabase database) : IClassFixture<FreshDatabase>
{
    private static readonly Gen<Play> Plays =
        from workers in Gen.Choose(1, 6)
        from batch in Gen.Choose(1, 9)
        from messages in
            (from channel in Gen.Choose(0, 4)
             from fates in Gen.Elements(Enum.GetValues<Fate>()).ListOf(3)
             from count in Gen.Choose(0, 3)
             select new Message(channel, [.. fates.Take(count)])).ListOf(25)
        select new Play(workers, batch, [.. messages]);

    /// <summary>What a try comes to. When a message has had its fates, it is sent.</summary>
    private enum Fate
    {
        Busy,
        Throws,
        DiesBefore,
        DiesAfter,
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void Every_key_is_sent_and_twice_only_when_its_dispatcher_died_and_the_row_says_so() => Prop.ForAll(
        Plays.ToArbitrary(),
        RunAsync).Check(Config.QuickThrowOnFailure.WithMaxTest(15));

    private async Task RunAsync(Play play)
    {
        var clock = new ManualClock();
        var world = new World(play);
        await database.Db.Write.ExecuteAsync($"truncate kernel.outbox", Ct);
        foreach (var (key, message) in world.Messages)
        {
            var action = new SendMessage(
                new ChannelId(Platform.Sandbox, null, $"c{message.Channel}"), new ModuleResponse("test", true, "chat", key));
            await new Outbox(clock).AddAsync(database.Db.Write, key, "fake", 1, $"sandbox:c{message.Channel}", action, Ct);
        }

        var enough = 25 + world.Messages.Values.Sum(m => m.Fates.Count); // one worker alone dies once a round
        for (var round = 0; round < enough && await LeftAsync() > 0; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, play.Workers).Select(_ => WorkAsync(world, clock)));
            clock.Advance(TimeSpan.FromMinutes(10));
        }

        (await LeftAsync()).ShouldBe(0);
        world.Overlaps.ShouldBe(0, "two dispatchers sent one key at the same time");
        foreach (var (key, inDoubt) in await database.Db.Write.ListAsync(
            $"select idempotency_key, in_doubt from kernel.outbox where status = 'sent'", r => (r.GetString(0), r.GetBoolean(1)), Ct))
        {
            var sent = world.Sendings.GetValueOrDefault(key);
            sent.ShouldBeGreaterThan(0, key);
            sent.ShouldBeLessThanOrEqualTo(1 + world.Messages[key].Fates.Count(f => f == Fate.DiesAfter) + world.Deaths, key);
            (sent > 1 && !inDoubt).ShouldBeFalse($"{key} was sent {sent} times and the row does not say that it is in doubt");
            (inDoubt && world.Deaths == 0).ShouldBeFalse($"{key} is in doubt, though nobody died");
        }
    }

    private Task<long> LeftAsync() =>
        database.Db.Write.ValueAsync<long>($"select count(*) from kernel.outbox where status <> 'sent'", Ct);

    /// <summary>A process that works until nothing is due, or until it dies.</summary>
    private async Task WorkAsync(World world, TimeProvider clock)
    {
        using var life = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var options = Options.Create(new OutboxOptions { InFlight = world.Play.Batch, MaxAttempts = 100 });
        await using var rows = new OutboxRows(database.Db, options, clock, NullLogger<OutboxRows>.Instance);
        using var dispatcher = new OutboxDispatcher(
            rows,
            [new MortalSender(world, life)],
            new ChangeFeed(database.Source, database.Node, clock, NullLogger<ChangeFeed>.Instance),
            clock,
            options,
            NullLogger<OutboxDispatcher>.Instance);
        try
        {
            while (await dispatcher.DispatchAsync(life.Token) > 0)
            {
                // More waits.
            }
        }
        catch (Exception) when (life.IsCancellationRequested && !Ct.IsCancellationRequested)
        {
            world.Died();
        }
    }

    private sealed record Message(int Channel, IReadOnlyList<Fate> Fates);

    private sealed record Play(int Workers, int Batch, IReadOnlyList<Message> Messages);

    private sealed class World(Play play)
    {
        private readonly ConcurrentDictionary<string, int> _tries = new(StringComparer.Ordinal);
        private readonly ConcurrentDictionary<string, bool> _underWay = new(StringComparer.Ordinal);
        private int _overlaps;
        private int _deaths;

        public Play Play => play;

        public Dictionary<string, Message> Messages { get; } =
            play.Messages.Select((m, i) => (Key: $"key{i}", m)).ToDictionary(x => x.Key, x => x.m, StringComparer.Ordinal);

        public ConcurrentDictionary<string, int> Sendings { get; } = new(StringComparer.Ordinal);

        public int Overlaps => _overlaps;

        public int Deaths => _deaths;

        public void Died() => Interlocked.Increment(ref _deaths);

        public async Task<Sent> TryAsync(string key, CancellationTokenSource life)
        {
            if (!_underWay.TryAdd(key, true))
            {
                Interlocked.Increment(ref _overlaps);
            }

            try
            {
                await Task.Yield();
                var n = _tries.AddOrUpdate(key, 1, (_, before) => before + 1);
                var fates = Messages[key].Fates;
                Fate? fate = n <= fates.Count ? fates[n - 1] : null;
                if (fate is null or Fate.DiesAfter)
                {
                    Sendings.AddOrUpdate(key, 1, (_, before) => before + 1);
                }

                if (fate is Fate.DiesBefore or Fate.DiesAfter)
                {
                    await life.CancelAsync();
                    life.Token.ThrowIfCancellationRequested();
                }

                return fate switch
                {
                    Fate.Busy => Sent.TryAgain("busy", TimeSpan.FromSeconds(1)),
                    Fate.Throws => throw new TimeoutException("no answer"),
                    _ => new Sent($"m-{key}"),
                };
            }
            finally
            {
                _underWay.TryRemove(key, out _);
            }
        }
    }

    private sealed class MortalSender(World world, CancellationTokenSource life) : ISender
    {
        public string Name => "fake";

        public async ValueTask<Sent> SendAsync(OutboundAction action, ActionKey key, CancellationToken ct) =>
            await world.TryAsync(key.Key, life);
    }
}
