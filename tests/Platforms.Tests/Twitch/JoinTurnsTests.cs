using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Data;
using Rookery.Platforms.Twitch;
using Rookery.Platforms.Twitch.Irc;

namespace Rookery.Platforms.Tests.Twitch;

/// <summary>How fast channels are entered, by all nodes together.</summary>
public sealed class JoinTurnsTests(EmptyTwitchHost twitch) : IClassFixture<EmptyTwitchHost>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void However_nodes_ask_for_them_no_window_holds_more_turns_than_Twitch_allows() => Prop.ForAll(
        Gen.Choose(0, 3000).ListOf(40).ToArbitrary(), TakenAsync).Check(Config.QuickThrowOnFailure.WithMaxTest(20));

    [Fact]
    public async Task The_first_of_them_need_not_wait()
    {
        var turns = Node("first", new ManualClock());
        var waits = new List<TimeSpan>();
        for (var i = 0; i <= JoinTurns.Most; i++)
        {
            waits.Add(await turns.TakeAsync(Ct));
        }

        waits.ShouldBe([.. Enumerable.Repeat(TimeSpan.Zero, JoinTurns.Most), JoinTurns.Window]);
    }

    [Fact]
    public async Task Turns_that_two_nodes_take_at_once_are_counted_together()
    {
        var clock = new ManualClock();
        var (one, two) = (Node("together", clock), Node("together", clock));

        var waits = await Task.WhenAll(Enumerable.Range(0, JoinTurns.Most + 10).Select(i => (i % 2 == 0 ? one : two).TakeAsync(Ct)));

        waits.Count(w => w == TimeSpan.Zero).ShouldBe(JoinTurns.Most);
        waits.Count(w => w == JoinTurns.Window).ShouldBe(10);
    }

    private async Task TakenAsync(List<int> pauses)
    {
        var clock = new ManualClock();
        var account = $"{Guid.NewGuid()}";
        JoinTurns[] nodes = [Node(account, clock), Node(account, clock)];
        var taken = new List<DateTimeOffset>();
        foreach (var (pause, i) in pauses.Concat(Enumerable.Repeat(0, 30)).Select((p, i) => (p, i)))
        {
            clock.Advance(TimeSpan.FromMilliseconds(pause));
            taken.Add(clock.GetUtcNow() + await nodes[i % 2].TakeAsync(Ct));
        }

        taken.Order().Zip(taken.Order().Skip(JoinTurns.Most)).ShouldAllBe(t => t.Second - t.First >= JoinTurns.Window);
    }

    private JoinTurns Node(string account, TimeProvider clock) =>
        new(twitch.Host.Get<Database>(), Options.Create(new TwitchOptions { BotUserId = account }), clock);
}
