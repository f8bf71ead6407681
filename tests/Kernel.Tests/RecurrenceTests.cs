using FsCheck;
using FsCheck.Fluent;
using NodaTime;
using NodaTime.Extensions;
using Rookery.Kernel.Scheduling;

namespace Rookery.Kernel.Tests;

public sealed class RecurrenceTests
{
    private static readonly string[] Zones =
        [
            "UTC",
            "Europe/Paris",
            "America/New_York",
            "Australia/Lord_Howe",
            "America/Nuuk",
            "Africa/Cairo",
            "Asia/Kolkata",
            "Pacific/Apia",
            "America/Santiago"
        ];

    [Fact]
    public void A_weekly_time_keeps_the_wall_clock_when_summer_begins()
    {
        var weekly = Make(RecurrencePattern.Weekly, [7], new LocalTime(9, 0), "Europe/Paris");

        Times(weekly, "2026-03-20T12:00:00Z", 3).ShouldBe(
            ["2026-03-22T08:00:00Z", "2026-03-29T07:00:00Z", "2026-04-05T07:00:00Z"]);
    }

    [Fact]
    public void A_skipped_time_comes_at_the_end_of_the_gap()
    {
        var daily = Make(RecurrencePattern.Daily, [], new LocalTime(2, 30), "Europe/Paris");

        // 02:00 to 03:00 does not exist on 29 March.
        Times(daily, "2026-03-28T00:00:00Z", 3).ShouldBe(
            ["2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"]);
    }

    [Fact]
    public void A_doubled_time_comes_once_the_first_time()
    {
        var daily = Make(RecurrencePattern.Daily, [], new LocalTime(2, 30), "Europe/Paris");

        // 02:00 to 03:00 is shown twice on 25 October.
        Times(daily, "2026-10-24T12:00:00Z", 2).ShouldBe(["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]);
        Times(daily, "2026-10-25T01:00:00Z", 1).ShouldBe(["2026-10-26T01:30:00Z"]);
    }

    [Fact]
    public void A_gap_that_ends_at_midnight_moves_the_time_to_the_next_date_and_loses_nothing()
    {
        var daily = Make(RecurrencePattern.Daily, [], new LocalTime(23, 30), "America/Nuuk");

        // 23:00 to 24:00 does not exist on 28 March.
        Times(daily, "2026-03-28T12:00:00Z", 2).ShouldBe(["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"]);
    }

    [Fact]
    public void The_31st_is_the_last_day_of_shorter_months_and_never_drifts()
    {
        var monthly = Make(RecurrencePattern.Monthly, [31], new LocalTime(10, 0), "UTC");

        Times(monthly, "2027-12-31T10:00:00Z", 5).ShouldBe(
            ["2028-01-31T10:00:00Z", "2028-02-29T10:00:00Z", "2028-03-31T10:00:00Z", "2028-04-30T10:00:00Z", "2028-05-31T10:00:00Z"]);
    }

    [Fact]
    public void The_29th_of_February_is_the_28th_in_common_years()
    {
        var yearly = Make(RecurrencePattern.Yearly, [2, 29], new LocalTime(10, 0), "UTC");

        Times(yearly, "2026-03-01T00:00:00Z", 3).ShouldBe(
            ["2027-02-28T10:00:00Z", "2028-02-29T10:00:00Z", "2029-02-28T10:00:00Z"]);
    }

    [Fact]
    public void The_last_date_is_included_and_nothing_comes_after_it()
    {
        var daily = Make(RecurrencePattern.Daily, [], new LocalTime(9, 0), "Europe/Paris", new LocalDate(2026, 6, 2));

        Times(daily, "2026-05-31T12:00:00Z", 9).ShouldBe(["2026-06-01T07:00:00Z", "2026-06-02T07:00:00Z"]);
    }

    [Theory]
    [InlineData(RecurrencePattern.Daily, new[] { 1 })]
    [InlineData(RecurrencePattern.Weekly, new int[0])]
    [InlineData(RecurrencePattern.Weekly, new[] { 8 })]
    [InlineData(RecurrencePattern.Weekly, new[] { 1, 1 })]
    [InlineData(RecurrencePattern.Monthly, new[] { 0 })]
    [InlineData(RecurrencePattern.Monthly, new[] { 32 })]
    [InlineData(RecurrencePattern.Yearly, new[] { 13, 1 })]
    [InlineData(RecurrencePattern.Yearly, new[] { 1 })]
    public void Days_that_do_not_fit_the_pattern_are_refused(RecurrencePattern pattern, int[] on) =>
        Should.Throw<ArgumentException>(() => Make(pattern, on, LocalTime.Noon, "UTC"));

    [Fact]
    public void Each_occurrence_is_later_than_the_one_before() => ForAll(sample =>
    {
        var times = Series(sample.Recurrence, sample.From, 40);
        times.Zip(times.Skip(1)).All(p => p.First < p.Second).ShouldBeTrue();
        times[0].ShouldBeGreaterThan(sample.From);
    });

    [Fact]
    public void The_wall_clock_time_is_kept_except_where_the_clocks_skip_it() => ForAll(sample =>
    {
        foreach (var at in Series(sample.Recurrence, sample.From, 40))
        {
            var zone = sample.Recurrence.Zone;
            if (Local(at, zone).TimeOfDay != sample.Recurrence.Time)
            {
                // It is the very start of what follows a gap, and the wanted time lies in that gap.
                var interval = zone.GetZoneInterval(at.ToInstant());
                interval.Start.ShouldBe(at.ToInstant());
                var before = zone.GetZoneInterval(interval.Start - Duration.Epsilon).IsoLocalEnd;
                var wanted = before.Date + sample.Recurrence.Time;
                (wanted < before ? wanted.PlusDays(1) : wanted).ShouldBeInRange(before, interval.IsoLocalStart);
            }
        }
    });

    [Fact]
    public void No_local_date_has_two_occurrences() => ForAll(sample =>
    {
        var dates = Series(sample.Recurrence, sample.From, 40)
            .Select(at => Local(at, sample.Recurrence.Zone))
            .Where(local => local.TimeOfDay == sample.Recurrence.Time)
            .Select(local => local.Date)
            .ToList();
        dates.Distinct().Count().ShouldBe(dates.Count);
    });

    [Fact]
    public void A_monthly_one_comes_every_month_on_its_day_or_the_last() => ForAll(sample =>
    {
        var (zone, time) = (sample.Recurrence.Zone, new LocalTime(12, 0));
        var day = 1 + (sample.From.Day % 31);
        var dates = Series(new Recurrence(RecurrencePattern.Monthly, [day], time, zone), sample.From, 30)
            .Select(at => Local(at, zone).Date)
            .ToList();
        dates.Select(d => d.Day).ShouldBe(dates.Select(d => Math.Min(day, d.Calendar.GetDaysInMonth(d.Year, d.Month))));
        dates.Zip(dates.Skip(1)).All(p => p.First.ToYearMonth().PlusMonths(1) == p.Second.ToYearMonth()).ShouldBeTrue();
    });

    private static void ForAll(Action<Sample> holds) =>
        Prop.ForAll(Samples.ToArbitrary(), holds).QuickCheckThrowOnFailure();

    private static Gen<Sample> Samples =>
        from zone in Gen.Elements(Zones)
        from minute in Gen.Choose(0, (24 * 60) - 1)
        from pattern in Gen.Elements(Enum.GetValues<RecurrencePattern>())
        from weekdays in Gen.Choose(1, 127)
        from month in Gen.Choose(1, 12)
        from day in Gen.Choose(1, 31)
        from hours in Gen.Choose(0, 30 * 365 * 24)
        let time = new LocalTime(minute / 60, minute % 60)
        select new Sample(
            Make(pattern, On(pattern, weekdays, month, day), time, zone),
            new DateTimeOffset(2010, 1, 1, 0, 0, 0, TimeSpan.Zero).AddHours(hours));

    private static int[] On(RecurrencePattern pattern, int weekdays, int month, int day) => pattern switch
    {
        RecurrencePattern.Weekly => [.. Enumerable.Range(1, 7).Where(d => (weekdays & (1 << (d - 1))) != 0)],
        RecurrencePattern.Monthly => [day],
        RecurrencePattern.Yearly => [month, day],
        _ => [],
    };

    private static Recurrence Make(RecurrencePattern pattern, int[] on, LocalTime time, string zone, LocalDate? until = null) =>
        new(pattern, on, time, DateTimeZoneProviders.Tzdb[zone], until);

    private static List<string> Times(Recurrence recurrence, string from, int count) =>
        [.. Series(recurrence, DateTimeOffset.Parse(from, System.Globalization.CultureInfo.InvariantCulture), count).Select(t => $"{t:yyyy-MM-dd'T'HH:mm:ss'Z'}")];

    private static List<DateTimeOffset> Series(Recurrence recurrence, DateTimeOffset from, int count)
    {
        var times = new List<DateTimeOffset>();
        for (var at = recurrence.After(from); at is { } time && times.Count < count; at = recurrence.After(time))
        {
            times.Add(time);
        }

        return times;
    }

    private static LocalDateTime Local(DateTimeOffset at, DateTimeZone zone) =>
        at.ToInstant().InZone(zone).LocalDateTime;

    private sealed record Sample(Recurrence Recurrence, DateTimeOffset From)
    {
        public override string ToString() =>
            $"{Recurrence.Pattern} [{string.Join(',', Recurrence.On)}] {Recurrence.Time} {Recurrence.Zone} from {From:O}";
    }
}
