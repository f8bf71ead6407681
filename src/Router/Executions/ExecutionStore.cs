using System.Text.Json;
using System.Text.Json.Serialization;
using Rookery.Kernel;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Web;

namespace Rookery.Router.Executions;

/// <summary>One execution as the API shows it; fields as in the seed table <c>command_executions</c>.</summary>
internal sealed record ExecutionView(
    long Id,
    Guid ExecutionId,
    long CommandId,
    string Command,
    string EntityId,
    long CommunityId,
    Guid EventId,
    string SessionId,
    string Trigger,
    string UserId,
    string UserName,
    string? MessageId,
    string? MessageContent,
    JsonElement Parameters,
    string LocationUrl,
    JsonElement? RequestPayload,
    int? ResponseStatus,
    JsonElement? ResponseData,
    int? ExecutionTimeMs,
    string? ErrorMessage,
    int RetryCount,
    string Status,
    string? Delivery,
    DateTimeOffset CreatedAt,
    DateTimeOffset? CompletedAt)
{
    [JsonIgnore]
    public IReadOnlyList<ModuleResponse> Responses => ResponseData is { ValueKind: JsonValueKind.Array } data
        ? data.Deserialize(RouterJson.Default.IReadOnlyListModuleResponse)!
        : [];
}

/// <param name="Community">Null: all.</param>
internal sealed record ExecutionFilter(
    long? Community, string? EntityId, long? CommandId, string? UserId, string? Status);

/// <summary>Reads <c>router.command_executions</c>.</summary>
internal sealed class ExecutionStore(Database db)
{
    private static readonly SqlFragment Rows = Sql.Fragment(
        """
        select x.id, x.execution_id, x.command_id, c.prefix || c.command, e.entity_id, x.community_id, x.event_id,
            x.session_id, x.trigger,
            x.user_id, x.user_name, x.message_id, x.message_content, x.parameters::text, x.location_url,
                x.request_payload::text,
            x.response_status, x.response_data::text, x.execution_time_ms, x.error_message, x.retry_count, x.status,
                x.delivery,
            x.created_at, x.completed_at
        from router.command_executions x
        join router.commands c on c.id = x.command_id join kernel.entities e on e.id = x.entity_id
        """);

    public Task<ExecutionView?> FindAsync(Guid id, CancellationToken ct) => FindAsync(db.Read, id, ct);

    /// <summary>
    /// The first execution of an event, which has the event's id; from the primary, as it may be brand-new.
    /// </summary>
    public Task<ExecutionView?> FirstOfAsync(Guid eventId, CancellationToken ct) => FindAsync(db.Write, eventId, ct);

    /// <summary>The id carries its moment, so only one day's partition is looked at.</summary>
    private static Task<ExecutionView?> FindAsync(Session session, Guid id, CancellationToken ct) =>
        Ids.Moment(id) is not { } at
        ? Task.FromResult<ExecutionView?>(null)
        : session.FindAsync($"{Rows} where x.execution_id = {id} and x.created_at = {at}", Read, ct);

    /// <summary>
    /// The latest first. Ids are in the order of their moments, so the order is the key's and no page is sorted.
    /// </summary>
    public Task<IReadOnlyList<ExecutionView>> ListAsync(ExecutionFilter filter, PageQuery page, CancellationToken ct)
    {
        Guid? before = Guid.TryParse(page.After, out var id) ? id : null;
        var beforeAt = before is { } b ? Ids.Moment(b) : null;
        return db.Read.ListAsync(
            $"""
            {Rows}
            where ({filter.Community}::bigint is null or x.community_id = {filter.Community})
              and ({filter.EntityId}::text is null or x.entity_id = (select id from kernel.entities
                  where entity_id = {filter.EntityId}))
              and ({filter.CommandId}::bigint is null or x.command_id = {filter.CommandId})
              and ({filter.UserId}::text is null or x.user_id = {filter.UserId})
              and ({filter.Status}::text is null or x.status = {filter.Status})
              and ({before}::uuid is null or (x.execution_id < {before} and x.created_at <= {beforeAt}))
            order by x.execution_id desc limit {page.Limit + 1}
            """,
            Read,
            ct);
    }

    private static ExecutionView Read(Npgsql.NpgsqlDataReader r) => new(
        r.GetInt64(0),
        r.GetGuid(1),
        r.GetInt64(2),
        r.GetString(3),
        r.GetString(4),
        r.GetInt64(5),
        r.GetGuid(6),
        r.GetString(7),
        r.GetString(8),
        r.GetString(9),
        r.GetString(10),
        r.IsDBNull(11) ? null : r.GetString(11),
        r.IsDBNull(12) ? null : r.GetString(12),
        JsonElement.Parse(r.GetString(13)),
        r.GetString(14),
        r.IsDBNull(15) ? null : JsonElement.Parse(r.GetString(15)),
        r.IsDBNull(16) ? null : r.GetInt32(16),
        r.IsDBNull(17) ? null : JsonElement.Parse(r.GetString(17)),
        r.IsDBNull(18) ? null : r.GetInt32(18),
        r.IsDBNull(19) ? null : r.GetString(19),
        r.GetInt32(20),
        r.GetString(21),
        r.IsDBNull(22) ? null : r.GetString(22),
        r.GetFieldValue<DateTimeOffset>(23),
        r.GetFieldValue<DateTimeOffset?>(24));
}
