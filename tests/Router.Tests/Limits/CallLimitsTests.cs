using FsCheck;
using FsCheck.Fluent;
using Rookery.Router.Limits;

namespace Rookery.Router.Tests.Limits;

public sealed class CallLimitsTests
{
    private static readonly DateTimeOffset Noon = new ManualClock().GetUtcNow();

    /// <summary>Calls as seconds since the one before, the user and the command.</summary>
    private static readonly Arbitrary<List<(int After, int User, int Command)>> Calls =
        (from after in Gen.Frequency((4, Gen.Choose(0, 3)), (1, Gen.Choose(20, 70)))
         from user in Gen.Choose(0, 2)
         from command in Gen.Choose(0, 1)
         select (after, user, command)).ListOf().Select(l => l.ToList()).ToArbitrary();

    [Fact]
    public void Exactly_as_many_calls_pass_as_a_naive_count_of_the_last_minute_lets_through() => Prop.ForAll(
        Calls,
        Gen.Choose(1, 5).ToArbitrary(),
        (calls, limit) =>
        {
            var limits = new CallLimits();
            var passed = new List<(DateTimeOffset At, int User, int Command)>();
            var now = Noon;
            foreach (var (after, user, command) in calls)
            {
                now = now.AddSeconds(after);
                var recent = passed.Count(
                    p => p.User == user && p.Command == command && p.At > now - CallLimits.Window);
                var wait = limits.TryTake(command, $"u{user}", limit, now);
                if (wait is null != recent < limit)
                {
                    return false;
                }

                if (wait is null)
                {
                    passed.Add((now, user, command));
                }
            }

            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void A_refused_caller_hears_how_long_to_wait_and_may_call_then()
    {
        var limits = new CallLimits();
        limits.TryTake(1, "ada", 2, Noon).ShouldBeNull();
        limits.TryTake(1, "ada", 2, Noon.AddSeconds(10)).ShouldBeNull();
        var wait = limits.TryTake(1, "ada", 2, Noon.AddSeconds(25));
        wait.ShouldBe(TimeSpan.FromSeconds(35));
        limits.TryTake(1, "ada", 2, Noon.AddSeconds(60) - TimeSpan.FromTicks(1)).ShouldNotBeNull();
        limits.TryTake(1, "ada", 2, Noon.AddSeconds(60)).ShouldBeNull();
        limits.TryTake(1, "ada", 2, Noon.AddSeconds(61)).ShouldBe(TimeSpan.FromSeconds(9));
    }

    [Fact]
    public void Lowering_a_limit_counts_the_calls_already_made()
    {
        var limits = new CallLimits();
        for (var i = 0; i < 5; i++)
        {
            limits.TryTake(1, "ada", 10, Noon.AddSeconds(i)).ShouldBeNull();
        }

        var wait = limits.TryTake(1, "ada", 2, Noon.AddSeconds(10));
        wait.ShouldNotBeNull();
        limits.TryTake(1, "ada", 2, Noon.AddSeconds(10) + wait.Value).ShouldBeNull();
    }
}
