using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using NodaTime;
using Rookery.Kernel.Scheduling;
using Rookery.Modules.Memories.Reminders;

namespace Rookery.Memories.Tests;

public sealed class ReminderTimeTests
{
    // A Friday; 13:00 in Paris.
    private static readonly DateTimeOffset Now = new(2026, 3, 20, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeZone Paris = DateTimeZoneProviders.Tzdb["Europe/Paris"];

    [Theory]
    [InlineData("in 10 minutes", "2026-03-20 13:10")]
    [InlineData("10 minutes", "2026-03-20 13:10")]
    [InlineData("5m", "2026-03-20 13:05")]
    [InlineData("in 1h30m", "2026-03-20 14:30")]
    [InlineData("1 hour and 30 min", "2026-03-20 14:30")]
    [InlineData("an hour", "2026-03-20 14:00")]
    [InlineData("in 2 hrs", "2026-03-20 15:00")]
    [InlineData("3w", "2026-04-10 13:00")]
    [InlineData("in 10 days", "2026-03-30 13:00")]
    [InlineData("in 2 months", "2026-05-20 13:00")]
    [InlineData("in 240 hours", "2026-03-30 14:00")]
    [InlineData("Tomorrow 09:00", "2026-03-21 09:00")]
    [InlineData("tomorrow at 9am", "2026-03-21 09:00")]
    [InlineData("today 18:00", "2026-03-20 18:00")]
    [InlineData("at 18:00", "2026-03-20 18:00")]
    [InlineData("12:00", "2026-03-21 12:00")]
    [InlineData("noon", "2026-03-21 12:00")]
    [InlineData("midnight", "2026-03-21 00:00")]
    [InlineData("monday 18:00", "2026-03-23 18:00")]
    [InlineData("next mon at 6:30 pm", "2026-03-23 18:30")]
    [InlineData("friday 12:59", "2026-03-27 12:59")]
    [InlineData("friday 14:00", "2026-03-20 14:00")]
    [InlineData("2026-12-24 18:00", "2026-12-24 18:00")]
    [InlineData("2026-12-24T18:00", "2026-12-24 18:00")]
    [InlineData("2026-12-24T18:00:00Z", "2026-12-24 19:00")]
    [InlineData("2026-12-24T18:00:00+05:30", "2026-12-24 13:30")]
    [InlineData("2026-03-29 02:30", "2026-03-29 03:00")]
    public void A_time_in_words_is_read_in_the_zone(string text, string local)
    {
        var time = ReminderTime.Parse(text, Now, Paris, out var error);

        error.ShouldBeEmpty();
        time.ShouldNotBeNull().Repeat.ShouldBeNull();
        ReminderTime.Describe(time.At, Paris).ShouldBe(local);
    }

    [Theory]
    [InlineData("2026-01-31", "in 1 month", "2026-02-28 10:00")]
    [InlineData("2028-01-31", "in 1 month", "2028-02-29 10:00")]
    [InlineData("2026-01-31", "in 2 months", "2026-03-31 10:00")]
    public void A_month_is_a_calendar_month(string today, string text, string expected)
    {
        var now = DateTimeOffset.Parse($"{today}T10:00:00Z", CultureInfo.InvariantCulture);

        ReminderTime.Describe(ReminderTime.Parse(text, now, DateTimeZone.Utc, out _)!.At, DateTimeZone.Utc).ShouldBe(expected);
    }

    [Theory]
    [InlineData("every day 09:00", "every day at 09:00", "2026-03-21 09:00")]
    [InlineData("daily at 9am", "every day at 09:00", "2026-03-21 09:00")]
    [InlineData("every weekday 08:00", "every weekday at 08:00", "2026-03-23 08:00")]
    [InlineData("every weekend at noon", "every weekend at 12:00", "2026-03-21 12:00")]
    [InlineData("every monday 18:00", "every monday at 18:00", "2026-03-23 18:00")]
    [InlineData("weekly on mondays 18:00", "every monday at 18:00", "2026-03-23 18:00")]
    [InlineData("every thursday and monday 18:00", "every monday and thursday at 18:00", "2026-03-23 18:00")]
    [InlineData("every mon, wed, fri 18:00", "every monday and wednesday and friday at 18:00", "2026-03-20 18:00")]
    [InlineData("every month on 15 at 10:00", "every month on 15 at 10:00", "2026-04-15 10:00")]
    [InlineData("every month on the 1st at 10:00", "every month on 1 at 10:00", "2026-04-01 10:00")]
    [InlineData("every year on 12-24 at 18:00", "every year on 12-24 at 18:00", "2026-12-24 18:00")]
    [InlineData("every day 09:00 until 2026-03-31", "every day at 09:00 until 2026-03-31", "2026-03-21 09:00")]
    public void A_recurrence_in_words_is_read_in_the_zone(string text, string description, string first)
    {
        var time = ReminderTime.Parse(text, Now, Paris, out var error);

        error.ShouldBeEmpty();
        Repeats.Describe(time.ShouldNotBeNull().Repeat.ShouldNotBeNull()).ShouldBe(description);
        ReminderTime.Describe(time.At, Paris).ShouldBe(first);
    }

    [Theory]
    [InlineData("yesterday", "I do not understand")]
    [InlineData("", "I do not understand")]
    [InlineData("tomorrow", "I do not understand")]
    [InlineData("in", "I do not understand")]
    [InlineData("in 5", "I do not understand")]
    [InlineData("in 5 parsecs", "I do not understand")]
    [InlineData("30 seconds", "A reminder comes 1 minute to 5 years from now.")]
    [InlineData("1 hour and", "I do not understand")]
    [InlineData("25:00", "I do not understand")]
    [InlineData("tomorrow 13pm", "I do not understand")]
    [InlineData("2026-02-30 10:00", "I do not understand")]
    [InlineData("every month on 32 at 10:00", "I do not understand")]
    [InlineData("every day", "I do not understand")]
    [InlineData("tomorrow 09:00 until 2026-12-31", "I do not understand")]
    [InlineData("today 12:00", "2026-03-20 12:00 is already past.")]
    [InlineData("2020-01-01 10:00", "2020-01-01 10:00 is already past.")]
    [InlineData("in 0 minutes", "2026-03-20 13:00 is already past.")]
    [InlineData("2026-03-20T12:00:30Z", "A reminder comes 1 minute to 5 years from now.")]
    [InlineData("in 61 months", "A reminder comes 1 minute to 5 years from now.")]
    [InlineData("in 9999999 weeks", "A reminder comes 1 minute to 5 years from now.")]
    [InlineData("2040-01-01 10:00", "A reminder comes 1 minute to 5 years from now.")]
    [InlineData("every day 09:00 until 2026-03-20", "It ends before it comes.")]
    public void What_is_no_time_to_come_is_refused_with_the_reason(string text, string reason)
    {
        ReminderTime.Parse(text, Now, Paris, out var error).ShouldBeNull();
        error.ShouldStartWith(reason);
    }

    [Fact]
    public void A_recurring_instant_repeats_by_its_local_weekday_and_day()
    {
        var at = new DateTimeOffset(2026, 3, 31, 22, 30, 0, TimeSpan.Zero); // 00:30 on Wednesday, 1 April, in Paris.

        Describe(RecurrencePattern.Weekly).ShouldBe("every wednesday at 00:30");
        Describe(RecurrencePattern.Monthly).ShouldBe("every month on 1 at 00:30");
        Describe(RecurrencePattern.Yearly).ShouldBe("every year on 04-01 at 00:30");
        ReminderTime.Of(at, RecurrencePattern.Daily, new LocalDate(2026, 3, 31), Now, Paris, out var error).ShouldBeNull();
        error.ShouldBe("It ends before it comes.");

        string Describe(RecurrencePattern pattern) =>
            Repeats.Describe(ReminderTime.Of(at, pattern, null, Now, Paris, out _)!.Repeat!);
    }

    [Fact]
    public void No_text_makes_the_parser_throw()
    {
        string[] words =
        [
            "in", "at", "on", "every", "day", "weekday", "month", "year", "monday", "sun", "and", "the", "until", "today", "tomorrow", "next",
            "5m", "1h30m", "99999999999999999999h", "9999999y9999999mo", "2147483647", "minutes", "an", "0", "31st", "12-31", "02-29", "18:00", "24:00", "6pm",
            "0001-01-01", "9999-12-31", "8999-12-31T23:59", "0001-01-01t00:00:00+14:00", "9999-12-31t23:59:59-14:00", "-0001-01-01", "٣", "💥", ",",
        ];
        var texts = Gen.OneOf(
            Gen.Elements(words).ArrayOf().Select(w => string.Join(' ', w)),
            ArbMap.Default.GeneratorFor<string>().Select(s => s ?? ""));
        var zones = Gen.Elements(DateTimeZoneProviders.Tzdb.Ids.Select(id => DateTimeZoneProviders.Tzdb[id]).ToArray());

        Prop.ForAll(texts.Zip(zones).ToArbitrary(), sample =>
        {
            var time = ReminderTime.Parse(sample.Item1, Now, sample.Item2, out var error);
            (time is null).ShouldBe(error.Length > 0);
            (time is null || time.At > Now).ShouldBeTrue();
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));
    }

    [Fact]
    public void What_is_shown_reads_back_the_same()
    {
        var times =
            from minutes in Gen.Choose(1, 4 * 365 * 24 * 60)
            select Now.AddMinutes(minutes);
        Prop.ForAll(times.ToArbitrary(), at =>
        {
            // The second 02:30 of an autumn night is the one local time that words cannot name.
            var local = Instant.FromDateTimeOffset(at).InZone(Paris).LocalDateTime;
            var shown = ReminderTime.Describe(at, Paris);
            ReminderTime.Parse(shown, Now, Paris, out _)!.At.ShouldBe(Recurrence.Resolve(local, Paris));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_recurrence_that_is_shown_reads_back_the_same()
    {
        var repeats =
            from pattern in Gen.Elements(Enum.GetValues<RecurrencePattern>())
            from weekdays in Gen.Choose(1, 127)
            from month in Gen.Choose(1, 12)
            from day in Gen.Choose(1, 28)
            from minute in Gen.Choose(0, (24 * 60) - 1)
            from days in Gen.Choose(0, 1000)
            let chosen = pattern switch
            {
                RecurrencePattern.Weekly =>
                    Enumerable.Range(1, 7).Where(d => (weekdays & (1 << (d - 1))) != 0).ToArray(),
                RecurrencePattern.Monthly => [day],
                RecurrencePattern.Yearly => [month, day],
                _ => [],
            }
            let until = days == 0 ? (LocalDate?)null : new LocalDate(2027, 4, 1).PlusDays(days)
            select new Recurrence(pattern, chosen, new LocalTime(minute / 60, minute % 60), Paris, until);
        Prop.ForAll(repeats.ToArbitrary(), repeat =>
        {
            var read = ReminderTime.Parse(Repeats.Describe(repeat), Now, Paris, out var error);
            error.ShouldBeEmpty();
            var back = read!.Repeat!;
            (back.Pattern, back.Time, back.Until).ShouldBe((repeat.Pattern, repeat.Time, repeat.Until));
            back.On.ShouldBe(repeat.On);
            read.At.ShouldBe(repeat.After(Now)!.Value);
        }).QuickCheckThrowOnFailure();
    }
}
