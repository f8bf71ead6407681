using Npgsql;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;

namespace Rookery.Router.Executions;

/// <summary>The statements of the recorder's batch.</summary>
internal static class ExecutionRows
{
    /// <summary>
    /// Inserts the rows whose claims hold and, from them, what they add to the counts: every execution once, when it is
    /// inserted.
    /// </summary>
    public static NpgsqlBatchCommand Insert(List<Execution> rows, InboxClaims claims, Node node) => new(
        """
        with held as materialized (
            select event_id from kernel.inbox where event_key = any($25) and received_on = $26),
        added as (
            insert into router.command_executions (execution_id, command_id, entity_id, community_id, event_id,
                platform, user_id, user_name,
                message_id, message_content, parameters, location_url, request_payload, response_status, response_data,
                execution_time_ms, error_message, retry_count, status, session_id, trigger, created_at, completed_at,
                    node_id)
            select r.*, $24::uuid
            from (
                select unnest($1::uuid[]) as execution_id, unnest($2::bigint[]) as command_id, unnest($3::bigint[]) as entity_id,
                    unnest($4::bigint[]) as community_id, unnest($5::uuid[]) as event_id, unnest($6::text[]) as platform,
                    unnest($7::text[]) as user_id, unnest($8::text[]) as user_name, unnest($9::text[]) as message_id,
                    unnest($10::text[]) as message_content, unnest($11::jsonb[]) as parameters, unnest($12::text[]) as location_url,
                    unnest($13::jsonb[]) as request_payload, unnest($14::int[]) as response_status, unnest($15::jsonb[]) as response_data,
                    unnest($16::int[]) as execution_time_ms, unnest($17::text[]) as error_message, unnest($18::int[]) as retry_count,
                    unnest($19::text[]) as status, unnest($20::text[]) as session_id, unnest($21::text[]) as trigger,
                    unnest($22::timestamptz[]) as created_at, unnest($23::timestamptz[]) as completed_at) r
            where r.event_id = any($27) or r.event_id in (select event_id from held)
            on conflict do nothing
            returning command_id, entity_id, created_at, status, execution_time_ms)
        insert into router.usage_deltas (uses, command_id, entity_id, at, ok, ms)
        select 1, array_agg(command_id), array_agg(entity_id), array_agg(created_at),
            array_agg(case when status <> 'pending' then status = 'success' end), array_agg(coalesce(execution_time_ms,
                0))
        from added having count(*) > 0
        """)
    {
        Parameters =
        {
            Rows.Array(rows, e => e.Id),
            Rows.Array(rows, e => e.Command.Id),
            Rows.Array(rows, e => e.Context.Entity.Id),
            Rows.Array(rows, e => e.Context.Entity.CommunityId),
            Rows.Array(rows, e => e.Context.EventId),
            Rows.Array(rows, e => e.Context.Event.Channel.Platform.Name()),
            Rows.Array(rows, e => e.Context.Member.UserId),
            Rows.Array(rows, e => e.Context.Member.Name),
            Rows.Array(rows, e => e.Context.Event.MessageId),
            Rows.Array(rows, e => e.Message),
            Rows.Json(rows, e => e.ParametersJson()),
            Rows.Array(rows, e => e.Command.LocationUrl),
            Rows.Json(rows, e => e.RequestPayload),
            Rows.Array(rows, e => e.ResponseStatus),
            Rows.Json(rows, e => e.ResponseJson()),
            Rows.Array(rows, e => e.ElapsedMs),
            Rows.Array(rows, e => e.Error),
            Rows.Array(rows, e => e.RetryCount),
            Rows.Array(rows, e => e.Status),
            Rows.Array(rows, e => e.Context.SessionId),
            Rows.Array(rows, e => e.Trigger),
            Rows.Array(rows, e => e.CreatedAt),
            Rows.Array(rows, e => e.CompletedAt),
            new NpgsqlParameter<Guid> { TypedValue = node.Id },
            new NpgsqlParameter<string[]> { TypedValue = claims.Keys },
            new NpgsqlParameter<DateOnly> { TypedValue = claims.Today },
            new NpgsqlParameter<Guid[]> { TypedValue = [.. rows.Where(e => !e.Context.IsUnclaimed).Select(e => e.Context.EventId)] },
        },
    };

    /// <summary>
    /// Finishes pending rows. The bounds on created_at leave the planner one or two partitions, each by its key.
    /// </summary>
    public static NpgsqlBatchCommand Finish(List<Execution> rows) => new(
        """
        with done as (
            update router.command_executions e
            set status = d.status, response_status = d.response_status, response_data = d.response_data,
                error_message = d.error_message,
                execution_time_ms = d.ms, retry_count = d.retries, completed_at = d.completed_at, delivery = d.delivery,
                request_payload = coalesce(d.request_payload, e.request_payload)
            from (
                select unnest($1::uuid[]) as id, unnest($2::timestamptz[]) as created_at,
                    unnest($3::text[]) as status, unnest($4::int[]) as response_status,
                    unnest($5::jsonb[]) as response_data, unnest($6::text[]) as error_message, unnest($7::int[]) as ms,
                    unnest($8::int[]) as retries, unnest($9::timestamptz[]) as completed_at,
                    unnest($10::text[]) as delivery, unnest($11::jsonb[]) as request_payload) d
            where e.execution_id = d.id and e.created_at = d.created_at and e.created_at between $12 and $13
            returning e.command_id, e.entity_id, e.created_at, e.status, e.execution_time_ms)
        insert into router.usage_deltas (uses, command_id, entity_id, at, ok, ms)
        select 0, array_agg(command_id), array_agg(entity_id), array_agg(created_at),
            array_agg(status = 'success'), array_agg(coalesce(execution_time_ms, 0))
        from done having count(*) > 0
        """)
    {
        Parameters =
        {
            Rows.Array(rows, e => e.Id),
            Rows.Array(rows, e => e.CreatedAt),
            Rows.Array(rows, e => e.Status),
            Rows.Array(rows, e => e.ResponseStatus),
            Rows.Json(rows, e => e.ResponseJson()),
            Rows.Array(rows, e => e.Error),
            Rows.Array(rows, e => e.ElapsedMs),
            Rows.Array(rows, e => e.RetryCount),
            Rows.Array(rows, e => e.CompletedAt),
            Rows.Array(rows, e => e.Delivery),
            Rows.Json(rows, e => e.RequestPayload),
            new NpgsqlParameter<DateTimeOffset> { TypedValue = rows.Min(e => e.CreatedAt) },
            new NpgsqlParameter<DateTimeOffset> { TypedValue = rows.Max(e => e.CreatedAt) },
        },
    };

    public static NpgsqlBatchCommand CountRefusals(List<Execution> rows) => new(
        """
        insert into router.rate_limits (command_id, entity_id, user_id, window_start, request_count)
        select e.command_id, e.entity_id, e.user_id, date_trunc('minute', e.created_at, 'UTC'), count(*)
        from router.command_executions e
        where e.execution_id = any($1) and e.created_at between $2 and $3
        group by 1, 2, 3, 4 order by 1, 2, 3, 4
        on conflict (command_id, entity_id, user_id, window_start) do update
        set request_count = router.rate_limits.request_count + excluded.request_count
        """)
    {
        Parameters =
        {
            Rows.Array(rows, e => e.Id),
            new NpgsqlParameter<DateTimeOffset> { TypedValue = rows.Min(e => e.CreatedAt) },
            new NpgsqlParameter<DateTimeOffset> { TypedValue = rows.Max(e => e.CreatedAt) },
        },
    };

    /// <summary>
    /// Answers of remote modules, and everything that is for an overlay, have rows of their own; plain chat lines of
    /// this process do not.
    /// </summary>
    public static bool StoresResponses(Execution e) => e.Responses.Count > 0 && e.CompletedAt is not null
        && (e.Command.IsRemote || e.Responses.Any(r => r.ResponseAction != "chat"));

    public static NpgsqlBatchCommand InsertResponses(List<Execution> executions)
    {
        var rows = executions.SelectMany(e => e.Responses, (e, r) => (Execution: e, Response: r)).ToList();
        return new NpgsqlBatchCommand(
            """
            insert into router.module_responses (execution_id, module_name, success, response_action, response_data,
                media_type, media_url,
                ticker_text, ticker_duration, chat_message, error_message, processing_time_ms, created_at)
            select r.*
            from (
                select unnest($1::uuid[]) as execution_id, unnest($2::text[]) as module_name, unnest($3::bool[]) as success,
                    unnest($4::text[]) as response_action, unnest($5::jsonb[]) as response_data, unnest($6::text[]) as media_type,
                    unnest($7::text[]) as media_url, unnest($8::text[]) as ticker_text, unnest($9::int[]) as ticker_duration,
                    unnest($10::text[]) as chat_message, unnest($11::text[]) as error_message,
                    unnest($12::int[]) as processing_time_ms, unnest($13::timestamptz[]) as created_at) r
            where exists (
                select from router.command_executions e where e.execution_id = r.execution_id
                    and e.created_at between $14 and $15)
            """)
        {
            Parameters =
            {
                Rows.Array(rows, r => r.Execution.Id),
                Rows.Array(rows, r => r.Response.ModuleName),
                Rows.Array(rows, r => r.Response.Success),
                Rows.Array(rows, r => r.Response.ResponseAction),
                Rows.Json(rows, r => r.Response.ResponseData?.GetRawText()),
                Rows.Array(rows, r => r.Response.MediaType),
                Rows.Array(rows, r => r.Response.MediaUrl),
                Rows.Array(rows, r => r.Response.TickerText),
                Rows.Array(rows, r => r.Response.TickerDuration),
                Rows.Array(rows, r => r.Response.ChatMessage),
                Rows.Array(rows, r => r.Response.ErrorMessage),
                Rows.Array(rows, r => r.Execution.ElapsedMs),
                Rows.Array(rows, r => r.Execution.CompletedAt!.Value),
                new NpgsqlParameter<DateTimeOffset> { TypedValue = executions.Min(e => e.CreatedAt) },
                new NpgsqlParameter<DateTimeOffset> { TypedValue = executions.Max(e => e.CreatedAt) },
            },
        };
    }
}
