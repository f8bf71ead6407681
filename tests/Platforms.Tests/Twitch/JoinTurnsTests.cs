using FsCheck;
using FsCheck.Fluent;
using Rookery.Platforms.Twitch.Irc;

namespace Rookery.Platforms.Tests.Twitch;

/// <summary>How fast channels are entered.</summary>
public sealed class JoinTurnsTests
{
    [Fact]
    public void However_they_are_asked_for_no_window_holds_more_turns_than_Twitch_allows()
    {
        var pauses = Gen.ListOf(Gen.Choose(0, 3000)).ToArbitrary();

        Check.QuickThrowOnFailure(Prop.ForAll(pauses, some =>
        {
            var clock = new ManualClock();
            var turns = new JoinTurns(clock);
            var taken = new List<DateTimeOffset>();
            foreach (var pause in some.Concat(Enumerable.Repeat(0, 50)))
            {
                clock.Advance(TimeSpan.FromMilliseconds(pause));
                clock.Advance(turns.Take());
                taken.Add(clock.GetUtcNow());
            }

            return taken.Zip(taken.Skip(JoinTurns.Most)).All(t => t.Second - t.First >= JoinTurns.Window);
        }));
    }

    [Fact]
    public void The_first_of_them_need_not_wait()
    {
        var turns = new JoinTurns(new ManualClock());

        Enumerable.Range(0, JoinTurns.Most + 1).Select(_ => turns.Take()).ShouldBe(
            [.. Enumerable.Repeat(TimeSpan.Zero, JoinTurns.Most), JoinTurns.Window]);
    }
}
