using NodaTime;
using NodaTime.Text;
using Rookery.Kernel.Expressions.Parsing;
using Rookery.Kernel.Scheduling;

namespace Rookery.Kernel.Expressions.Functions;

/// <summary>
/// Dates are texts in the form of ISO 8601, such as 2026-01-01T10:00:00+01:00, or seconds since 1970. A text without
/// an offset is a time on the wall clock of a zone.
/// </summary>
internal static class Dates
{
    /// <summary>So far from the ends of the calendar that no zone leads out of it.</summary>
    private const int FirstYear = 2;

    private const int LastYear = 9990;

    private static readonly LocalDateTimePattern[] Forms =
    [
        LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm:ss;FFFFFFFFF"),
        LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm"),
        LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd"),
    ];

    private static readonly OffsetPattern[] Offsets =
    [
        OffsetPattern.CreateWithInvariantCulture("Z+HH:mm"),
        OffsetPattern.CreateWithInvariantCulture("+HHmm"),
    ];

    private static readonly OffsetDateTimePattern Written =
        OffsetDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm:sso<Z+HH:mm>");

    private static readonly Instant First = Instant.FromUtc(FirstYear, 1, 1, 0, 0);
    private static readonly Instant Last = Instant.FromUtc(LastYear, 1, 1, 0, 0);

    public static Instant Read(ref Run run, in Value value, DateTimeZone zone)
    {
        var found = value.TryNumber(out var seconds) ? At(seconds)
            : value.TryText(out var text) ? TryRead(text.Trim(), zone)
            : null;
        if (found is { } instant && IsIn(instant))
        {
            return instant;
        }

        run.WrongKind("a date as 2026-01-31T18:30 or in seconds since 1970", value);
        return default;
    }

    /// <summary>The moment so many seconds after 1970; null when that is too far away.</summary>
    public static Instant? At(decimal seconds) =>
        seconds >= First.ToUnixTimeSeconds() && seconds <= Last.ToUnixTimeSeconds()
            ? Instant.FromUnixTimeTicks((long)(seconds * NodaConstants.TicksPerSecond))
            : null;

    /// <summary>The zone that an argument names, or that of the evaluation when there is no such argument.</summary>
    public static DateTimeZone Zone(ref Run run, scoped ReadOnlySpan<Value> a, int index)
    {
        if (a.Length <= index || a[index].IsNull)
        {
            return run.Evaluation.Zone;
        }

        var zone = DateTimeZoneProviders.Tzdb.GetZoneOrNull(run.Text(a[index]));
        if (zone is null)
        {
            run.WrongValue($"{Run.Describe(a[index])} is no time zone; one is written as Europe/Berlin.");
        }

        return zone ?? run.Evaluation.Zone;
    }

    public static Value Write(ref Run run, Instant instant, DateTimeZone zone) => IsIn(instant)
        ? Written.Format(instant.InZone(zone).ToOffsetDateTime())
        : TooFar(ref run);

    public static Value Write(ref Run run, LocalDateTime local, DateTimeZone zone) => IsIn(local)
        ? Write(ref run, OnWallClock(local, zone), zone)
        : TooFar(ref run);

    public static Value TooFar(ref Run run) =>
        run.WrongValue($"the date is not between the years {FirstYear} and {LastYear}.");

    private static Instant OnWallClock(LocalDateTime local, DateTimeZone zone) =>
        Instant.FromDateTimeOffset(Recurrence.Resolve(local, zone));

    private static bool IsIn(Instant instant) => instant >= First && instant <= Last;

    private static bool IsIn(LocalDateTime local) => local.Year is >= FirstYear and <= LastYear;

    private static Instant? TryRead(string text, DateTimeZone zone)
    {
        var (local, offset) = Cut(text);
        foreach (var form in Forms)
        {
            if (!form.Parse(local).TryGetValue(default, out var time))
            {
                continue;
            }

            return !IsIn(time) ? null
                : offset.Length == 0 ? OnWallClock(time, zone)
                : ReadOffset(offset) is { } o ? time.WithOffset(o).ToInstant()
                : null;
        }

        return null;
    }

    private static Offset? ReadOffset(string text)
    {
        foreach (var pattern in Offsets)
        {
            if (pattern.Parse(text).TryGetValue(default, out var offset))
            {
                return offset;
            }
        }

        return null;
    }

    /// <summary>The date and time with a T between them, and the offset behind.</summary>
    private static (string Local, string Offset) Cut(string text)
    {
        const int DateLength = 10;
        if (text.Length <= DateLength)
        {
            return (text, "");
        }

        var sign = text.AsSpan(DateLength).IndexOfAny("Zz+-");
        var (local, offset) = sign < 0 ? (text, "") : (text[..(DateLength + sign)], text[(DateLength + sign)..]);
        local = local.Length > DateLength && local[DateLength] is ' ' or 't'
            ? $"{local.AsSpan(0, DateLength)}T{local.AsSpan(DateLength + 1)}"
            : local;
        return (local, offset.ToUpperInvariant());
    }
}
