using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;

namespace Rookery.Kernel.Tests.Delivery;

public sealed class IntakeTests(FreshDatabase database) : IClassFixture<FreshDatabase>
{
    private readonly Handler _handler = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_accepted_is_stored_handled_once_and_marked()
    {
        await using var intake = Make(Guid.NewGuid());
        var e = Event();

        (await intake.AcceptAsync(e)).ShouldBeTrue();
        (await intake.AcceptAsync(e with { At = e.At.AddSeconds(3) })).ShouldBeFalse();

        await ProcessedAsync(e);
        _handler.Seen.ShouldBe([e.EventId]);
        (await CountAsync(e.EventId)).ShouldBe(1);
    }

    [Fact]
    public async Task A_repeat_that_comes_at_the_same_moment_is_stored_once()
    {
        await using var one = Make(Guid.NewGuid());
        await using var two = Make(Guid.NewGuid());
        var e = Event();

        var first = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => (i % 2 == 0 ? one : two).AcceptAsync(e)));

        first.Count(f => f).ShouldBe(1);
        (await CountAsync(e.EventId)).ShouldBe(1);
        await ProcessedAsync(e);
        _handler.Seen.ShouldBe([e.EventId]);
    }

    [Fact]
    public async Task Events_are_handled_in_the_order_they_came()
    {
        await using var intake = Make(Guid.NewGuid());
        var events = Enumerable.Range(0, 300).Select(_ => Event()).ToList();

        await Task.WhenAll(events.Select(intake.AcceptAsync));

        _handler.Seen.ShouldBe(events.Select(e => e.EventId));
    }

    [Fact]
    public async Task What_a_node_had_not_ended_when_it_died_is_gone_on_with_elsewhere()
    {
        var e = Event();
        _handler.Again = TimeSpan.FromDays(1);
        await using (var dead = Make(Guid.NewGuid()))
        {
            await dead.AcceptAsync(e);
        }

        _handler.Again = null;
        var node = new Node(Guid.NewGuid(), ["test"]);
        await using var alive = Make(node.Id, new ManualClock());
        await alive.RunAsync(Ct);

        await ProcessedAsync(e);
        _handler.Seen.Count(id => id == e.EventId).ShouldBe(2);
    }

    [Fact]
    public async Task What_a_living_node_handles_is_left_to_it()
    {
        var node = new Node(Guid.NewGuid(), ["test"]);
        var feed = await database.ListenAsync(node);
        _handler.Again = TimeSpan.FromDays(1);
        var slow = Make(node.Id);
        await slow.AcceptAsync(Event());

        await using var other = Make(Guid.NewGuid(), new ManualClock());
        await other.RunAsync(Ct);

        _handler.Seen.Count.ShouldBe(1);
        await slow.DisposeAsync();
        await feed.StopAsync(Ct);
    }

    [Fact]
    public async Task An_event_that_cannot_be_handled_is_tried_again_then_given_up_with_its_reason()
    {
        _handler.Failure = new FormatException("no such thing");
        await using var intake = Make(Guid.NewGuid());
        var e = Event();
        await intake.AcceptAsync(e);

        await TestHost.EventuallyAsync(
            async () => (await RowAsync(e)) is (false, 5, "no such thing"), "the event is given up");
        _handler.Seen.Count.ShouldBe(5);
    }

    private Intake Make(Guid node, TimeProvider? clock = null) => new(
        database.Db,
        new Node(node, ["test"]),
        new ServiceCollection().AddSingleton<IIntakeHandler>(_handler).BuildServiceProvider(),
        clock ?? TimeProvider.System,
        NullLogger<Intake>.Instance);

    private static RawEvent Event() =>
        new(Platform.Twitch, $"{Guid.NewGuid()}", "channel.follow", "{}", """{"a": 1}""", new ManualClock().GetUtcNow());

    private Task ProcessedAsync(RawEvent e) =>
        TestHost.EventuallyAsync(async () => (await RowAsync(e)).Processed, "the event is processed");

    private async Task<(bool Processed, int Attempts, string? Error)> RowAsync(RawEvent e) =>
        (await database.Db.Write.ListAsync(
            $"select processed, attempts, error from twitch.twitch_events where event_id = {e.EventId}",
            r => (r.GetBoolean(0), r.GetInt32(1), r.IsDBNull(2) ? null : r.GetString(2)),
            Ct)).Single();

    private Task<long> CountAsync(string id) =>
        database.Db.Write.ValueAsync<long>($"select count(*) from twitch.twitch_events where event_id = {id}", Ct);

    private sealed class Handler : IIntakeHandler
    {
        public Platform Platform => Platform.Twitch;

        public ConcurrentQueue<string> Seen { get; } = new();

        public TimeSpan? Again { get; set; }

        public Exception? Failure { get; set; }

        public ValueTask<TimeSpan?> HandleAsync(RawEvent e, CancellationToken ct)
        {
            Seen.Enqueue(e.EventId);
            return Failure is { } failure ? throw failure : new(Again);
        }
    }
}
