using System.Globalization;
using NodaTime;
using NodaTime.Extensions;
using Rookery.Kernel.Scheduling;

namespace Rookery.Modules.Memories.Reminders;

/// <summary>When a reminder comes.</summary>
/// <param name="At">The (first) time.</param>
/// <param name="Repeat">Null: once.</param>
internal sealed record ReminderTime(DateTimeOffset At, Recurrence? Repeat = null)
{
    public const string Examples =
        "in 10 minutes, in 1h30m, tomorrow 09:00, monday 18:00, 2026-12-24 18:00, "
        + "every day 09:00, every monday and thursday 18:00, every month on 15 at 10:00";

    private const string NotUnderstood = "I do not understand";
    private const int MaxYears = 5;
    private static readonly TimeSpan Soonest = TimeSpan.FromMinutes(1);

    /// <summary>Reads a time as people write it.</summary>
    /// <param name="zone">Where its wall clock hangs.</param>
    /// <param name="error">What is wrong with it, as a sentence.</param>
    /// <returns>Null with an error.</returns>
    public static ReminderTime? Parse(string text, DateTimeOffset now, DateTimeZone zone, out string error)
    {
        var words = new TimeWords(text);
        error = "";
        if (Repeats.Starts(words))
        {
            return Repeats.Read(words, zone) is { } repeat
                ? FromRepeat(repeat, now, out error)
                : Unclear(text, out error);
        }

        return Once(words, now, zone) is { } at ? Checked(at, now, zone, out error) : Unclear(text, out error);
    }

    /// <summary>Of an error: the text is no time, rather than one that cannot be.</summary>
    public static bool IsUnclear(string error) => error.StartsWith(NotUnderstood, StringComparison.Ordinal);

    /// <summary>A time given as an instant, with what it repeats by, if it does.</summary>
    public static ReminderTime? Of(
        DateTimeOffset at, RecurrencePattern? pattern, LocalDate? until, DateTimeOffset now, DateTimeZone zone, out string error)
    {
        if (Checked(at.ToUniversalTime(), now, zone, out error) is not { } once)
        {
            return null;
        }

        if (pattern is not { } wanted)
        {
            return until is null ? once : Fail("Only what repeats has an end.", out error);
        }

        var local = Local(at, zone);
        int[] on = wanted switch
        {
            RecurrencePattern.Weekly => [(int)local.DayOfWeek],
            RecurrencePattern.Monthly => [local.Day],
            RecurrencePattern.Yearly => [local.Month, local.Day],
            _ => [],
        };
        return local.Date > until
            ? Fail("It ends before it comes.", out error)
            : once with { Repeat = new Recurrence(wanted, on, local.TimeOfDay, zone, until) };
    }

    /// <summary>In the words <see cref="Parse"/> reads.</summary>
    public static string Describe(DateTimeOffset at, DateTimeZone zone) =>
        Local(at, zone).ToString("uuuu-MM-dd HH:mm", CultureInfo.InvariantCulture);

    private static ReminderTime? FromRepeat(Recurrence repeat, DateTimeOffset now, out string error)
    {
        error = "";
        return repeat.After(now) is { } first
            ? new ReminderTime(first, repeat)
            : Fail("It ends before it comes.", out error);
    }

    private static DateTimeOffset? Once(TimeWords words, DateTimeOffset now, DateTimeZone zone)
    {
        var today = Local(now, zone).Date;
        var at = words switch
        {
            _ when words.Skip("in") => Later(words, now, zone),
            _ when words.TryInstant(out var instant) => instant.ToUniversalTime(),
            _ when words.Skip("today") => OnDate(words, today, zone),
            _ when words.Skip("tomorrow") => OnDate(words, today.PlusDays(1), zone),
            _ when words.TryDateTime(out var local) => Recurrence.Resolve(local, zone),
            _ when words.TryTime(out var time) => new Recurrence(RecurrencePattern.Daily, [], time, zone).After(now),
            _ when Weekday(words) is { } day => OnWeekday(words, day, now, zone),
            _ => Later(words, now, zone),
        };
        return words.AtEnd ? at : null;
    }

    private static DateTimeOffset? OnDate(TimeWords words, LocalDate date, DateTimeZone zone) =>
        words.TryTime(out var time) ? Recurrence.Resolve(date + time, zone) : null;

    private static DateTimeOffset? OnWeekday(TimeWords words, IsoDayOfWeek day, DateTimeOffset now, DateTimeZone zone) =>
        words.TryTime(out var time)
            ? new Recurrence(RecurrencePattern.Weekly, [(int)day], time, zone).After(now)
            : null;

    private static IsoDayOfWeek? Weekday(TimeWords words)
    {
        words.Skip("on", "next");
        return words.TryWeekday(out var day) ? day : null;
    }

    /// <summary>
    /// Calendar units on the wall clock first, then hours, minutes and seconds as they pass; far beyond the limit it is any time
    /// beyond it.
    /// </summary>
    private static DateTimeOffset? Later(TimeWords words, DateTimeOffset now, DateTimeZone zone)
    {
        if (TimeSpans.Read(words) is not { } span)
        {
            return null;
        }

        var days =
            (365.0 * span.Years) + (30.0 * span.Months) + (7.0 * span.Weeks) + span.Days + (span.Hours / 24.0)
            + (span.Minutes / 1440.0) + (span.Seconds / 86_400.0);
        if (days > 2 * MaxYears * 365)
        {
            return DateTimeOffset.MaxValue;
        }

        var whole =
            new PeriodBuilder { Years = span.Years, Months = span.Months, Weeks = span.Weeks, Days = span.Days }.Build();
        var from = whole.Equals(Period.Zero) ? now : Recurrence.Resolve(Local(now, zone) + whole, zone);
        return from + TimeSpan.FromSeconds((3600 * span.Hours) + (60 * span.Minutes) + span.Seconds);
    }

    private static ReminderTime? Checked(DateTimeOffset at, DateTimeOffset now, DateTimeZone zone, out string error)
    {
        error = "";
        if (at <= now)
        {
            return Fail($"{Describe(at, zone)} is already past.", out error);
        }

        return at < now + Soonest || at > now.AddYears(MaxYears)
            ? Fail("A reminder comes 1 minute to 5 years from now.", out error)
            : new ReminderTime(at);
    }

    private static ReminderTime? Unclear(string text, out string error) =>
        Fail($"{NotUnderstood} \"{MemoryText.Cut(text, 100)}\" as a time. Try: {Examples}.", out error);

    private static ReminderTime? Fail(string why, out string error)
    {
        error = why;
        return null;
    }

    private static LocalDateTime Local(DateTimeOffset at, DateTimeZone zone) =>
        at.ToInstant().InZone(zone).LocalDateTime;
}
