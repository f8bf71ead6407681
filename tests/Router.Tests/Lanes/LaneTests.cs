using Microsoft.Extensions.Options;
using Rookery.Kernel.Chat;
using Rookery.Router.Lanes;

namespace Rookery.Router.Tests.Lanes;

public sealed class LaneTests
{
    private static readonly ChannelId Lobby = new(Platform.Sandbox, null, "lobby");
    private static readonly ChannelId Garden = new(Platform.Sandbox, null, "garden");

    [Fact]
    public async Task Turns_are_given_in_the_order_they_were_asked_for_and_one_at_a_time()
    {
        var lane = new Lane(1000, 0);
        var order = new List<int>();
        var inside = 0;
        await Task.WhenAll(Enumerable.Range(0, 500).Select(async i =>
        {
            lane.TryEnter(i, out var turn).ShouldBeTrue();
            await turn;
            Interlocked.Increment(ref inside).ShouldBe(1);
            order.Add(i);
            await Task.Yield();
            Interlocked.Decrement(ref inside);
            lane.Leave();
        }));
        order.ShouldBe(Enumerable.Range(0, 500));
        lane.IsIdle.ShouldBeTrue();
    }

    [Fact]
    public void Beyond_the_bound_no_turn_is_promised()
    {
        var lane = new Lane(2, 0);
        lane.TryEnter(1, out var first).ShouldBeTrue();
        first.IsCompleted.ShouldBeTrue();
        lane.TryEnter(2, out var second).ShouldBeTrue();
        lane.TryEnter(3, out var third).ShouldBeTrue();
        lane.TryEnter(4, out _).ShouldBeFalse();

        lane.Leave();
        second.IsCompleted.ShouldBeTrue();
        third.IsCompleted.ShouldBeFalse();
        lane.TryEnter(5, out _).ShouldBeTrue();
    }

    [Fact]
    public async Task Leaving_a_turn_twice_lets_only_one_in()
    {
        var table = Table();
        var turn = (await table.EnterAsync(Lobby))!;
        var (second, third) = (table.EnterAsync(Lobby).AsTask(), table.EnterAsync(Lobby).AsTask());
        turn.Leave();
        turn.Leave();
        await second;
        third.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task A_slow_channel_holds_up_only_itself()
    {
        var table = Table();
        (await table.EnterAsync(Lobby)).ShouldNotBeNull();
        var waiting = table.EnterAsync(Lobby).AsTask();
        (await table.EnterAsync(Garden)).ShouldNotBeNull();
        waiting.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task All_lanes_together_have_a_bound_and_a_refused_entry_leaves_no_trace()
    {
        var table = Table(maxInFlight: 2);
        (await table.EnterAsync(Lobby))!.Leave();
        (await table.EnterAsync(Garden)).ShouldNotBeNull();
        (await table.EnterAsync(Lobby)).ShouldBeNull();
        table.InFlight.ShouldBe(2);
        table.Done();
        (await table.EnterAsync(Lobby)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_full_lane_does_not_use_up_the_bound_of_all()
    {
        var table = Table(capacity: 1);
        (await table.EnterAsync(Lobby)).ShouldNotBeNull();
        _ = table.EnterAsync(Lobby).AsTask();
        for (var i = 0; i < 10; i++)
        {
            (await table.EnterAsync(Lobby)).ShouldBeNull();
        }

        table.InFlight.ShouldBe(2);
    }

    [Fact]
    public async Task Only_idle_lanes_are_forgotten()
    {
        var clock = new StampClock();
        var table = Table(clock: clock);
        (await table.EnterAsync(Lobby)).ShouldNotBeNull();
        (await table.EnterAsync(Garden))!.Leave();
        clock.Now += TimeSpan.FromMinutes(6);
        await table.RunAsync(TestContext.Current.CancellationToken);
        table.Count.ShouldBe(1);
        (await table.EnterAsync(Garden)).ShouldNotBeNull();
    }

    private static LaneTable Table(int capacity = 1024, int maxInFlight = 16_384, TimeProvider? clock = null) =>
        new(
            Options.Create(new RouterOptions { LaneCapacity = capacity, MaxInFlight = maxInFlight }),
            clock ?? TimeProvider.System);

    private sealed class StampClock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
