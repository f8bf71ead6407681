using System.Text.Json;
using System.Text.Json.Serialization;
using NodaTime;
using Npgsql;
using Rookery.Kernel.Data;
using Rookery.Kernel.Scheduling;

namespace Rookery.Workflows.Schedules;

/// <summary>A schedule as its row says.</summary>
internal sealed record Schedule(
    Guid ScheduleId, Guid WorkflowId, long CommunityId, string EntityId, string ScheduleType, string? CronExpression, int? IntervalSeconds, string Timezone,
    DateTimeOffset? NextExecutionAt, DateTimeOffset? LastExecutionAt, int ExecutionCount, int? MaxExecutions, bool IsActive, JsonElement ContextData,
    string CatchUp, long SkippedCount, DateTimeOffset? LastSkippedAt, string? LastSkipReason, string CreatedBy, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    public static readonly SqlFragment Columns = Sql.Fragment(
        """
        s.schedule_id, s.workflow_id, s.community_id, (select e.entity_id from kernel.entities e where e.id = s.entity_id), s.schedule_type,
        s.cron_expression, s.interval_seconds, s.timezone, s.next_execution_at, s.last_execution_at, s.execution_count, s.max_executions,
        s.is_active, s.context_data::text, s.catch_up, s.skipped_count, s.last_skipped_at, s.last_skip_reason, s.created_by, s.created_at,
        s.updated_at, s.revision, s.entity_id
        """);

    [JsonIgnore]
    public int Revision { get; init; }

    [JsonIgnore]
    public long EntityKey { get; init; }

    [JsonIgnore]
    public int? Left => MaxExecutions - ExecutionCount;

    /// <exception cref="InvalidOperationException">The row was not written by this program, or its zone is gone.</exception>
    [JsonIgnore]
    public Timing Timing => new(
        CronExpression is null ? null : Cron.TryParse(CronExpression, out var cron, out var error) ? cron : throw new InvalidOperationException($"Schedule {ScheduleId}: {error}"),
        IntervalSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        DateTimeZoneProviders.Tzdb.GetZoneOrNull(Timezone) ?? throw new InvalidOperationException($"Schedule {ScheduleId}: there is no zone {Timezone}."));

    public static Schedule Read(NpgsqlDataReader r) => new(
        r.GetGuid(0),
        r.GetGuid(1),
        r.GetInt64(2),
        r.GetString(3),
        r.GetString(4),
        r.IsDBNull(5) ? null : r.GetString(5),
        r.IsDBNull(6) ? null : r.GetInt32(6),
        r.GetString(7),
        Moment(r, 8),
        Moment(r, 9),
        r.GetInt32(10),
        r.IsDBNull(11) ? null : r.GetInt32(11),
        r.GetBoolean(12),
        JsonElement.Parse(r.GetString(13)),
        r.GetString(14),
        r.GetInt64(15),
        Moment(r, 16),
        r.IsDBNull(17) ? null : r.GetString(17),
        r.GetString(18),
        r.GetFieldValue<DateTimeOffset>(19),
        r.GetFieldValue<DateTimeOffset>(20))
    {
        Revision = r.GetInt32(21),
        EntityKey = r.GetInt64(22),
    };

    private static DateTimeOffset? Moment(NpgsqlDataReader r, int column) => r.IsDBNull(column) ? null : r.GetFieldValue<DateTimeOffset>(column);
}
