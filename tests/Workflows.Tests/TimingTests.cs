using FsCheck;
using FsCheck.Fluent;
using NodaTime;
using Rookery.Kernel.Scheduling;
using Rookery.Workflows.Schedules;

namespace Rookery.Workflows.Tests;

public sealed class TimingTests
{
    private static readonly DateTimeOffset Start = new(2026, 10, 20, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void What_is_due_is_what_a_walk_from_time_to_time_finds() => Check.QuickThrowOnFailure(Prop.ForAll(
        Gen.Choose(1, 500_000).ToArbitrary(),
        Gen.Choose(0, 2_000_000).ToArbitrary(),
        Gen.Choose(1, 120).ToArbitrary(),
        (interval, passed, most) =>
        {
            var timing = new Timing(null, TimeSpan.FromSeconds(interval), DateTimeZone.Utc);
            var (now, walked) = (Start.AddSeconds(passed), new List<DateTimeOffset>());
            for (var time = Start; time <= now; time = time.AddSeconds(interval))
            {
                walked.Add(time);
            }

            var due = timing.Due(Start, now, most);
            due.Count.ShouldBe(walked.Count);
            due.Latest.ShouldBe(walked.TakeLast(most));
            due.Next.ShouldBe(walked[^1].AddSeconds(interval));
            timing.Upcoming(Start, now).ShouldBe(due.Next);
        }));

    [Fact]
    public void Times_that_are_long_past_are_not_counted_and_the_beat_is_kept()
    {
        var timing = new Timing(null, TimeSpan.FromDays(7), DateTimeZone.Utc);
        var due = timing.Due(Start, Start.AddDays(100), 10);
        due.Latest.ShouldBe([Start.AddDays(77), Start.AddDays(84), Start.AddDays(91), Start.AddDays(98)]);
        due.Next.ShouldBe(Start.AddDays(105));
    }

    [Fact]
    public void One_time_is_due_however_long_it_is_past() =>
        new Timing(null, null, DateTimeZone.Utc).Due(Start, Start.AddDays(400), 10).ShouldSatisfyAllConditions(d => d.Latest.ShouldBe([Start]), d => d.Next.ShouldBeNull());

    [Fact]
    public void Catching_up_never_fails_and_starts_what_its_policy_says_however_long_no_server_ran() => Check.QuickThrowOnFailure(Prop.ForAll(
        Gen.Elements(Sparse).ToArbitrary(),
        Gen.Choose(0, 900 * 24 * 60).ToArbitrary(),
        Gen.Elements(CatchUp.Policies.ToArray()).ToArbitrary(),
        (timing, minutes, policy) =>
        {
            var first = timing.Upcoming(Start.AddSeconds(-1), Start) ?? Start;
            var (now, walked) = (first.AddMinutes(minutes), new List<DateTimeOffset>());
            for (DateTimeOffset? time = first; time <= now; time = timing.After(time.Value))
            {
                walked.Add(time.Value);
            }

            if (minutes % 3 == 0)
            {
                // As often as not within the time in which a late run still begins.
                now = walked[^1].AddMinutes(Math.Min(minutes % 31, (now - walked[^1]).TotalMinutes));
            }

            var recent = walked.Where(t => t > now - Timing.LookBack || (t == first && t == now - Timing.LookBack)).ToList();
            var counted = recent.Count > 0 ? recent : [walked[^1]];
            var due = timing.Due(first, now, CatchUp.Most);
            due.Count.ShouldBe(counted.Count);
            due.Next.ShouldBe(timing.After(walked[^1]));
            CatchUp.Choose(policy, due, now).ShouldBe(policy switch
            {
                CatchUp.All => counted.TakeLast(CatchUp.Most),
                CatchUp.Skip when now - walked[^1] > CatchUp.Grace => [],
                _ => [walked[^1]],
            });
        }));

    [Theory]
    [InlineData("skip", 0)]
    [InlineData("once", 1)]
    [InlineData("all", 1)]
    public void A_monthly_time_that_was_missed_is_known_when_the_server_comes_back_two_months_later(string policy, int runs)
    {
        var first = new DateTimeOffset(2026, 12, 1, 0, 0, 0, TimeSpan.Zero);
        var now = new DateTimeOffset(2027, 1, 31, 12, 0, 0, TimeSpan.Zero);
        var due = At("0 0 1 * *", "UTC").Due(first, now, CatchUp.Most);
        CatchUp.Choose(policy, due, now).ShouldBe(Enumerable.Repeat(new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero), runs));
        due.Next.ShouldBe(now.AddHours(12));
    }

    [Fact]
    public void An_hour_that_is_shown_twice_is_due_once()
    {
        var timing = At("30 2 * * *", "Europe/Berlin");
        var night = new DateTimeOffset(2026, 10, 25, 0, 30, 0, TimeSpan.Zero);
        timing.Due(night, night.AddHours(2), 10).Latest.ShouldBe([night]);
    }

    /// <summary>Of each kind, with times that lie hours to years apart.</summary>
    private static Timing[] Sparse { get; } =
    [
        At("0 */6 * * *", "UTC"), At("15 9 * * MON-FRI", "Europe/Berlin"), At("0 0 1 * *", "UTC"), At("0 0 1 1 *", "America/New_York"),
        At("0 12 1-5 12 *", "UTC"), At("30 2 31 */2 *", "Europe/Berlin"), At("0 0 29 2 *", "UTC"), Every(0.25), Every(29.5), Every(31), Every(365),
        new Timing(null, null, DateTimeZone.Utc),
    ];

    private static Timing Every(double days) => new(null, TimeSpan.FromDays(days), DateTimeZone.Utc);

    private static Timing At(string expression, string zone)
    {
        Cron.TryParse(expression, out var cron, out _).ShouldBeTrue();
        return new Timing(cron, null, DateTimeZoneProviders.Tzdb[zone]);
    }
}
