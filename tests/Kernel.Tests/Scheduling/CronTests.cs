using FsCheck;
using FsCheck.Fluent;
using NodaTime;
using Rookery.Kernel.Scheduling;

namespace Rookery.Kernel.Tests.Scheduling;

public sealed class CronTests
{
    private static readonly string[] Zones =
        ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Kathmandu"];

    public static TheoryData<string> ZoneNames => new(Zones);

    [Theory]
    [MemberData(nameof(ZoneNames))]
    public void Ten_years_of_times_are_those_of_the_clock_on_the_wall(string name)
    {
        var zone = DateTimeZoneProviders.Tzdb[name];
        var (from, to) = (Instant.FromUtc(2019, 12, 31, 23, 59), Instant.FromUtc(2030, 1, 1, 0, 0));
        string[] expressions =
        [
            "0 9 * * *", "30 2 * * *", "15 1 * * *", "*/20 1-3 * * *", "0 0 1 * *", "0 0 29 2 *", "0 12 13 * FRI", "59 23 31 * *", "5 4 * * SUN",
            "0 22 * * 1-5", "23 0-20/2 * * *", "0 0,12 1 */2 *", "0 4 8-14 * *", "30 2 * 3,4,9,10 SUN", "0 0 */2 * MON", "45 23 * DEC,JAN,JUN 7",
        ];
        foreach (var expression in expressions)
        {
            Times(expression, zone, from, to).ShouldBe(CronReference.Times(expression, zone, from, to), $"{expression} in {name}");
        }
    }

    [Fact]
    public void Any_expression_comes_when_the_clock_on_the_wall_says_so() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(150),
        Prop.ForAll(
            Expressions().ToArbitrary(),
            Gen.Elements(Zones).ToArbitrary(),
            Gen.Choose(0, 3000).ToArbitrary(),
            (expression, name, day) =>
            {
                var zone = DateTimeZoneProviders.Tzdb[name];
                var from = Instant.FromUtc(2020, 1, 1, 0, 0) + Duration.FromDays(day) + Duration.FromMinutes(day);
                var to = from + Duration.FromDays(220);
                if (Cron.TryParse(expression, out _, out var error))
                {
                    Times(expression, zone, from, to).ShouldBe(CronReference.Times(expression, zone, from, to), $"{expression} in {name} from {from}");
                }
                else
                {
                    // The only fault such an expression can have.
                    error.ShouldStartWith("day of the month: no month");
                    CronReference.Times(expression, zone, from, to).ShouldBeEmpty();
                }
            }));

    [Fact]
    public void Any_text_is_read_or_refused_with_a_reason() => Check.QuickThrowOnFailure(Prop.ForAll(
        Gen.Elements('*', '/', '-', ',', '0', '7', '9', ' ', 'M', 'O', 'N', '@', '٣').ListOf().Select(c => new string([.. c])).ToArbitrary(),
        text => Cron.TryParse(text, out var cron, out var error)
            ? error is null && cron.Next(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), DateTimeZone.Utc) is not null
            : !string.IsNullOrEmpty(error)));

    [Theory]
    [InlineData("0 0 30 2 *", "day of the month: no month that is named has the day 30.")]
    [InlineData("60 * * * *", "minute: 60 is not understood; take *, a number from 0 to 59, a range such as 1-5, or a step such as */2.")]
    [InlineData("* * * FOO *", "month: FOO is not understood; take *, a number from 1 to 12 or a name such as FEB, a range such as 1-5, or a step such as */2.")]
    [InlineData("* 22-2 * * *", "hour: 22-2 runs backwards; write 22-23,0-2.")]
    [InlineData("*/0 * * * *", "minute: */0 must have one step from 1 to 59 behind its /.")]
    [InlineData("1,,2 * * * *", "minute: a comma has nothing beside it.")]
    [InlineData("* * L * *", "day of the month: L is not understood; take *, a number from 1 to 31, a range such as 1-5, or a step such as */2.")]
    [InlineData("0 * * * * *", "must have 5 fields: minute, hour, day of the month, month, day of the week; such as 30 18 * * MON-FRI.")]
    [InlineData("@often", "@often is not known; take one of @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly.")]
    public void A_fault_names_the_field_and_its_cure(string text, string expected)
    {
        Cron.TryParse(text, out _, out var error).ShouldBeFalse();
        error.ShouldBe(expected);
    }

    [Theory]
    [InlineData("@daily", "0 0 * * *")]
    [InlineData("@hourly", "0 * * * *")]
    [InlineData("@weekly", "0 0 * * 7")]
    [InlineData("@yearly", "0 0 1 JAN *")]
    [InlineData("  0\t9  * * mon-fri", "0 9 * * 1-5")]
    public void Names_and_macros_are_short_for_numbers(string text, string same)
    {
        var (from, to) = (Instant.FromUtc(2026, 1, 1, 0, 0), Instant.FromUtc(2026, 2, 1, 0, 0));
        Times(text, DateTimeZone.Utc, from, to).ShouldBe(Times(same, DateTimeZone.Utc, from, to));
    }

    [Fact]
    public void Times_that_the_clocks_skip_come_once_at_the_end_of_the_gap() =>
        Some("*/30 1-3 * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", 4).ShouldBe(["00:30", "01:00", "01:30", "23:00"]);

    [Fact]
    public void Times_that_the_clocks_show_twice_come_the_first_time_only() =>
        Some("*/30 2 * * *", "Europe/Berlin", "2026-10-24T23:59:00Z", 3).ShouldBe(["00:00", "00:30", "01:00"]);

    [Fact]
    public void A_rare_day_is_found_across_the_year_2100()
    {
        Cron.TryParse("0 0 29 2 *", out var cron, out _).ShouldBeTrue();
        cron!.Next(new DateTimeOffset(2096, 3, 1, 0, 0, 0, TimeSpan.Zero), DateTimeZone.Utc)!.Value.Year.ShouldBe(2104);
    }

    private static Gen<string> Expressions() =>
        from minute in Field(0, 59)
        from hour in Field(0, 23)
        from day in Field(1, 31)
        from month in Field(1, 12)
        from weekday in Field(0, 6)
            // Every minute of every hour would be a test of patience.
        select $"{(minute == "*" ? "7" : minute)} {hour} {day} {month} {weekday}";

    private static Gen<string> Field(int first, int last) => Gen.Frequency(
        (3, Gen.Constant("*")),
        (2, Gen.Choose(first, last).Select(n => $"{n}")),
        (1, from low in Gen.Choose(first, last) from high in Gen.Choose(low, last) select $"{low}-{high}"),
        (1, from step in Gen.Choose(2, last) select $"*/{step}"),
        (1, from low in Gen.Choose(first, last) from high in Gen.Choose(low, last) from step in Gen.Choose(1, last) select $"{low}-{high}/{step}"),
        (1, from one in Gen.Choose(first, last) from step in Gen.Choose(1, last) from other in Gen.Choose(first, last) select $"{one},{other}/{step}"));

    private static List<DateTimeOffset> Times(string expression, DateTimeZone zone, Instant from, Instant to)
    {
        Cron.TryParse(expression, out var cron, out var error).ShouldBeTrue(error);
        var found = new List<DateTimeOffset>();
        for (var at = cron!.Next(from.ToDateTimeOffset(), zone); at is { } next && next < to.ToDateTimeOffset(); at = cron.Next(next, zone))
        {
            found.Add(next);
        }

        return found;
    }

    private static List<string> Some(string expression, string zone, string after, int count)
    {
        Cron.TryParse(expression, out var cron, out _).ShouldBeTrue();
        var (found, at) = (new List<string>(), DateTimeOffset.Parse(after, System.Globalization.CultureInfo.InvariantCulture));
        while (found.Count < count)
        {
            at = cron!.Next(at, DateTimeZoneProviders.Tzdb[zone])!.Value;
            found.Add(at.UtcDateTime.ToString("HH:mm", System.Globalization.CultureInfo.InvariantCulture));
        }

        return found;
    }
}
