using System.Text.Json;
using System.Text.Json.Serialization;
using NodaTime;
using Rookery.Kernel.Scheduling;
using Rookery.Kernel.Web;
using Rookery.Workflows.Execution;

namespace Rookery.Workflows.Schedules;

/// <param name="EntityId">Where its runs are; the workflow's own channel unless given.</param>
/// <param name="ScheduleType">cron, interval or one_time.</param>
/// <param name="CronExpression">Of cron: five fields or a macro such as @daily.</param>
/// <param name="IntervalSeconds">Of interval: 1 to 31 622 400.</param>
/// <param name="Timezone">IANA zone of the cron expression; UTC unless given.</param>
/// <param name="NextExecutionAt">Of one_time: when. Of interval: the first time, if it is not one interval from now.</param>
/// <param name="MaxExecutions">After so many runs it ends; no limit unless given.</param>
/// <param name="IsActive">False: it begins paused.</param>
/// <param name="ContextData">Variables of its runs.</param>
/// <param name="CatchUp">skip, once or all.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record CreateSchedule(
    string? EntityId, string? ScheduleType, string? CronExpression, int? IntervalSeconds, string? Timezone, DateTimeOffset? NextExecutionAt,
    int? MaxExecutions, bool? IsActive, JsonElement? ContextData, string? CatchUp);

/// <summary>What the body names is changed. <paramref name="MaxExecutions"/> 0 takes the limit away.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record PatchSchedule(
    string? CronExpression, int? IntervalSeconds, string? Timezone, DateTimeOffset? NextExecutionAt, int? MaxExecutions, bool? IsActive,
    JsonElement? ContextData, string? CatchUp);

/// <summary>A schedule that may be stored.</summary>
/// <param name="Next">The first time from now on; null for a paused one_time whose time is over.</param>
internal sealed record ScheduleText(
    string ScheduleType, string? CronExpression, int? IntervalSeconds, string Timezone, DateTimeOffset? Next, int? MaxExecutions, bool IsActive,
    string ContextData, string CatchUp, Timing Timing);

/// <summary>The rules of what a schedule may say.</summary>
internal static class ScheduleRules
{
    private const int MaxInterval = 31_622_400;
    private const int MaxContext = 16 * 1024;

    /// <summary>What context_data must not hold: nobody acts in a schedule's runs, nor in what replays them.</summary>
    public static IReadOnlyList<string> Reserved { get; } = [.. Start.Identity, "variables"];

    /// <returns>Null when a check failed.</returns>
    public static ScheduleText? Check(CreateSchedule wanted, DateTimeOffset now, Checks checks)
    {
        CheckContext(wanted.ContextData, checks);
        return Stored(wanted, now, checks);
    }

    /// <summary>The same, where data that was stored before there were rules for its names may stay.</summary>
    private static ScheduleText? Stored(CreateSchedule wanted, DateTimeOffset now, Checks checks)
    {
        var type = wanted.ScheduleType ?? "";
        var zone = Zone(wanted.Timezone ?? "UTC", checks);
        checks.That(ScheduleTypes.All.Contains(type, StringComparer.Ordinal), "schedule_type", $"must be one of {string.Join(", ", ScheduleTypes.All)}.")
            .That(type == ScheduleTypes.Cron || wanted.CronExpression is null, "cron_expression", "goes with schedule_type cron only; leave it out.")
            .That(type == ScheduleTypes.Interval || wanted.IntervalSeconds is null, "interval_seconds", "goes with schedule_type interval only; leave it out.")
            .That(type != ScheduleTypes.Cron || wanted.NextExecutionAt is null, "next_execution_at", "follows from cron_expression; leave it out.")
            .That(type != ScheduleTypes.OneTime || wanted.NextExecutionAt is not null, "next_execution_at", "is required for one_time: the time, with its offset.")
            .That(wanted.NextExecutionAt is not { } at || at > now, "next_execution_at", "must be in the future.")
            .That(wanted.MaxExecutions is null or > 0, "max_executions", "must be at least 1; leave it out for no limit.")
            .That(type != ScheduleTypes.Interval || wanted.IntervalSeconds is >= 1 and <= MaxInterval, "interval_seconds", $"must be from 1 to {MaxInterval}.")
            .That(CatchUp.Policies.Contains(wanted.CatchUp ?? CatchUp.Skip, StringComparer.Ordinal), "catch_up", $"must be one of {string.Join(", ", CatchUp.Policies)}.")
            .Json("context_data", wanted.ContextData, MaxContext);
        var cron = type == ScheduleTypes.Cron ? ReadCron(wanted.CronExpression, checks) : null;
        if (!checks.Ok)
        {
            return null;
        }

        var timing = new Timing(cron, wanted.IntervalSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null, zone!);
        return new ScheduleText(
            type, wanted.CronExpression, wanted.IntervalSeconds, zone!.Id, wanted.NextExecutionAt?.ToUniversalTime() ?? timing.After(now), wanted.MaxExecutions,
            wanted.IsActive ?? true, wanted.ContextData?.GetRawText() ?? "{}", wanted.CatchUp ?? CatchUp.Skip, timing);
    }

    /// <summary>The schedule as it is to be; its times begin anew when what they follow from has changed, or a pause is over.</summary>
    /// <returns>Null when a check failed.</returns>
    public static ScheduleText? Check(Schedule known, PatchSchedule patch, DateTimeOffset now, Checks checks)
    {
        var max = patch.MaxExecutions is null ? known.MaxExecutions : patch.MaxExecutions == 0 ? null : patch.MaxExecutions;
        var asWhole = new CreateSchedule(
            null, known.ScheduleType, patch.CronExpression ?? known.CronExpression, patch.IntervalSeconds ?? known.IntervalSeconds,
            patch.Timezone ?? known.Timezone, patch.NextExecutionAt ?? (known.ScheduleType == ScheduleTypes.OneTime ? DateTimeOffset.MaxValue : null), max,
            patch.IsActive ?? known.IsActive, patch.ContextData ?? known.ContextData, patch.CatchUp ?? known.CatchUp);
        CheckContext(patch.ContextData, checks);
        if (Stored(asWhole, now, checks) is not { } made)
        {
            return null;
        }

        var begins = patch.CronExpression is not null || patch.IntervalSeconds is not null || patch.Timezone is not null || patch.NextExecutionAt is not null;
        var next = patch.NextExecutionAt is not null || (begins && known.ScheduleType != ScheduleTypes.OneTime) ? made.Next
            : known.IsActive || !made.IsActive ? known.NextExecutionAt
            : known.NextExecutionAt is { } stood ? made.Timing.Upcoming(stood, now)
            : known.ScheduleType == ScheduleTypes.OneTime ? null
            : made.Next;
        checks.That(!made.IsActive || next is not null, "next_execution_at", "its time is over; give a new one that is in the future.")
            .That(!made.IsActive || max is null || max > known.ExecutionCount, "max_executions", $"{known.ExecutionCount} runs were started already; give more, or 0 for no limit.")
            .That(max is null || max >= known.ExecutionCount, "max_executions", $"must not be less than the {known.ExecutionCount} runs that were started already.");
        return checks.Ok ? made with { Next = next } : null;
    }

    private static void CheckContext(JsonElement? given, Checks checks)
    {
        foreach (var name in Reserved.Where(n => given is { ValueKind: JsonValueKind.Object } data && data.TryGetProperty(n, out _)))
        {
            checks.Fail($"context_data.{name}", "could make somebody act in a schedule's runs, where nobody does; take another name.");
        }
    }

    private static Cron? ReadCron(string? text, Checks checks)
    {
        if (Cron.TryParse(text ?? "", out var cron, out var error))
        {
            return cron;
        }

        checks.Fail("cron_expression", error);
        return null;
    }

    private static DateTimeZone? Zone(string name, Checks checks)
    {
        var zone = DateTimeZoneProviders.Tzdb.GetZoneOrNull(name);
        checks.That(zone is not null && name.Length <= 50, "timezone", "must be an IANA zone such as Europe/Berlin.");
        return zone;
    }
}
