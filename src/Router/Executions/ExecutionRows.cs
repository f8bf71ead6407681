using Npgsql;
using NpgsqlTypes;
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
            from unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::uuid[], $6::text[], $7::text[],
                $8::text[],
                $9::text[], $10::text[], $11::jsonb[], $12::text[], $13::jsonb[], $14::int[], $15::jsonb[],
                $16::int[], $17::text[], $18::int[], $19::text[], $20::text[], $21::text[], $22::timestamptz[],
                    $23::timestamptz[])
                as r (execution_id, command_id, entity_id, community_id, event_id)
            where r.event_id = any($27) or r.event_id in (select event_id from held)
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
            Array(rows, e => e.Id),
            Array(rows, e => e.Command.Id),
            Array(rows, e => e.Context.Entity.Id),
            Array(rows, e => e.Context.Entity.CommunityId),
            Array(rows, e => e.Context.EventId),
            Array(rows, e => e.Context.Event.Channel.Platform.Name()),
            Array(rows, e => e.Context.Member.UserId),
            Array(rows, e => e.Context.Member.Name),
            Array(rows, e => e.Context.Event.MessageId),
            Array(rows, e => e.Message),
            Json(rows, e => e.ParametersJson()),
            Array(rows, e => e.Command.LocationUrl),
            Json(rows, e => e.RequestPayload),
            Array(rows, e => e.ResponseStatus),
            Json(rows, e => e.ResponseJson()),
            Array(rows, e => e.ElapsedMs),
            Array(rows, e => e.Error),
            Array(rows, e => e.RetryCount),
            Array(rows, e => e.Status),
            Array(rows, e => e.Context.SessionId),
            Array(rows, e => e.Trigger),
            Array(rows, e => e.CreatedAt),
            Array(rows, e => e.CompletedAt),
            new NpgsqlParameter<Guid> { TypedValue = node.Id },
            new NpgsqlParameter<string[]> { TypedValue = claims.Keys },
            new NpgsqlParameter<DateOnly> { TypedValue = claims.Today },
            new NpgsqlParameter<Guid[]> { TypedValue = [.. rows.Where(e => e.Context.Claim is null).Select(e => e.Context.EventId)] },
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
            from unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::int[], $5::jsonb[], $6::text[], $7::int[],
                $8::int[],
                $9::timestamptz[], $10::text[], $11::jsonb[])
                as d (id, created_at, status, response_status, response_data, error_message, ms, retries, completed_at,
                    delivery, request_payload)
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
            Array(rows, e => e.Id),
            Array(rows, e => e.CreatedAt),
            Array(rows, e => e.Status),
            Array(rows, e => e.ResponseStatus),
            Json(rows, e => e.ResponseJson()),
            Array(rows, e => e.Error),
            Array(rows, e => e.ElapsedMs),
            Array(rows, e => e.RetryCount),
            Array(rows, e => e.CompletedAt),
            Array(rows, e => e.Delivery),
            Json(rows, e => e.RequestPayload),
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
            Array(rows, e => e.Id),
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
            select r.* from unnest($1::uuid[], $2::text[], $3::bool[], $4::text[], $5::jsonb[], $6::text[], $7::text[],
                $8::text[], $9::int[], $10::text[], $11::text[], $12::int[], $13::timestamptz[]) as r (execution_id)
            where exists (
                select from router.command_executions e where e.execution_id = r.execution_id
                    and e.created_at between $14 and $15)
            """)
        {
            Parameters =
            {
                Array(rows, r => r.Execution.Id),
                Array(rows, r => r.Response.ModuleName),
                Array(rows, r => r.Response.Success),
                Array(rows, r => r.Response.ResponseAction),
                Json(rows, r => r.Response.ResponseData?.GetRawText()),
                Array(rows, r => r.Response.MediaType),
                Array(rows, r => r.Response.MediaUrl),
                Array(rows, r => r.Response.TickerText),
                Array(rows, r => r.Response.TickerDuration),
                Array(rows, r => r.Response.ChatMessage),
                Array(rows, r => r.Response.ErrorMessage),
                Array(rows, r => r.Execution.ElapsedMs),
                Array(rows, r => r.Execution.CompletedAt!.Value),
                new NpgsqlParameter<DateTimeOffset> { TypedValue = executions.Min(e => e.CreatedAt) },
                new NpgsqlParameter<DateTimeOffset> { TypedValue = executions.Max(e => e.CreatedAt) },
            },
        };
    }

    private static NpgsqlParameter<T[]> Array<TRow, T>(List<TRow> rows, Func<TRow, T> value)
    {
        var values = new T[rows.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = value(rows[i]);
        }

        return new NpgsqlParameter<T[]> { TypedValue = values };
    }

    private static NpgsqlParameter<string?[]> Json<TRow>(List<TRow> rows, Func<TRow, string?> value)
    {
        var parameter = Array(rows, value);
        parameter.NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb;
        return parameter;
    }
}
