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
    public void An_hour_that_is_shown_twice_is_due_once()
    {
        Cron.TryParse("30 2 * * *", out var cron, out _).ShouldBeTrue();
        var timing = new Timing(cron, null, DateTimeZoneProviders.Tzdb["Europe/Berlin"]);
        var night = new DateTimeOffset(2026, 10, 25, 0, 30, 0, TimeSpan.Zero);
        timing.Due(night, night.AddHours(2), 10).Latest.ShouldBe([night]);
    }
}
