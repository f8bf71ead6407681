using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;

namespace Rookery.Router.Executions;

/// <summary>
/// Writes executions in group commits. A row is inserted pending before a handler that may change something runs, and
/// finished after; a handler that changes nothing gets its row inserted finished. The event's claim rides in the same
/// transaction, so a repeated event leaves no second row.
/// </summary>
internal sealed class Recorder : IAsyncDisposable
{
    private readonly BatchWriter<Recording> _writer;
    private readonly Node _node;

    public Recorder(Database db, Node node, IOptions<RouterOptions> options, ILogger<Recorder> log)
    {
        _node = node;
        _writer = new BatchWriter<Recording>(db, FlushAsync, log, writers: options.Value.Writers);
    }

    /// <summary>Makes the execution durable: inserted in its present state, together with the event's claim if that is still open.</summary>
    /// <exception cref="AlreadySeenException">The event was claimed before; the execution was not written.</exception>
    public async Task InsertAsync(Execution execution)
    {
        var recording = new Recording { Insert = execution, Claim = execution.Context.Claim };
        await _writer.WriteAsync(recording);
        if (recording.Claim is { } claim)
        {
            execution.Context.Claim = null;
            if (!claim.IsFirst)
            {
                throw new AlreadySeenException(claim.First);
            }
        }
    }

    /// <summary>Finishes an execution that was inserted pending.</summary>
    public Task FinishAsync(Execution execution) => _writer.WriteAsync(new Recording { Finish = execution });

    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    private async Task FlushAsync(NpgsqlConnection connection, IReadOnlyList<Recording> rows, CancellationToken ct)
    {
        await Inbox.ClaimAsync(connection, [.. rows.Where(r => r.Claim is not null).Select(r => r.Claim!)], ct);
        var inserts = rows.Where(r => r is { Insert: not null, Claim: null or { IsFirst: true } }).Select(r => r.Insert!).ToList();
        var finishes = rows.Where(r => r.Finish is not null).Select(r => r.Finish!).ToList();
        await using var batch = new NpgsqlBatch(connection);
        if (inserts.Count > 0)
        {
            batch.BatchCommands.Add(Insert(inserts));
        }

        if (inserts.Where(e => e.ResponseStatus == 429).ToList() is { Count: > 0 } refused)
        {
            batch.BatchCommands.Add(CountRefusals(refused));
        }

        if (finishes.Count > 0)
        {
            batch.BatchCommands.Add(Finish(finishes));
        }

        if (finishes.Concat(inserts).Where(StoresResponses).ToList() is { Count: > 0 } answered)
        {
            batch.BatchCommands.Add(InsertResponses(answered));
        }

        if (batch.BatchCommands.Count > 0)
        {
            await batch.ExecuteNonQueryAsync(ct);
        }
    }

    /// <summary>Inserts the rows and, from them, what they add to the counts: every execution once, when it is inserted.</summary>
    private NpgsqlBatchCommand Insert(List<Execution> rows) => new(
        """
        with added as (
            insert into router.command_executions (execution_id, command_id, entity_id, community_id, event_id, platform, user_id, user_name,
                message_id, message_content, parameters, location_url, request_payload, response_status, response_data,
                execution_time_ms, error_message, retry_count, status, session_id, trigger, created_at, completed_at, node_id)
            select *, $24::uuid
            from unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::uuid[], $6::text[], $7::text[], $8::text[],
                $9::text[], $10::text[], $11::jsonb[], $12::text[], $13::jsonb[], $14::int[], $15::jsonb[],
                $16::int[], $17::text[], $18::int[], $19::text[], $20::text[], $21::text[], $22::timestamptz[], $23::timestamptz[])
            returning command_id, entity_id, created_at, status, execution_time_ms)
        insert into router.usage_deltas (command_id, entity_id, day, uses, ok, err, total_ms, last_used)
        select command_id, entity_id, (created_at at time zone 'UTC')::date, count(*), count(*) filter (where status = 'success'),
            count(*) filter (where status = 'failed'), coalesce(sum(execution_time_ms), 0), max(created_at)
        from added group by 1, 2, 3
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
            new NpgsqlParameter<Guid> { TypedValue = _node.Id },
        },
    };

    /// <summary>Finishes pending rows. The bounds on created_at leave the planner one or two partitions, each by its key.</summary>
    private static NpgsqlBatchCommand Finish(List<Execution> rows) => new(
        """
        with done as (
            update router.command_executions e
            set status = d.status, response_status = d.response_status, response_data = d.response_data, error_message = d.error_message,
                execution_time_ms = d.ms, retry_count = d.retries, completed_at = d.completed_at, delivery = d.delivery,
                request_payload = coalesce(d.request_payload, e.request_payload)
            from unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::int[], $5::jsonb[], $6::text[], $7::int[], $8::int[],
                $9::timestamptz[], $10::text[], $11::jsonb[])
                as d (id, created_at, status, response_status, response_data, error_message, ms, retries, completed_at, delivery, request_payload)
            where e.execution_id = d.id and e.created_at = d.created_at and e.created_at between $12 and $13
            returning e.command_id, e.entity_id, e.created_at, e.status, e.execution_time_ms)
        insert into router.usage_deltas (command_id, entity_id, day, uses, ok, err, total_ms, last_used)
        select command_id, entity_id, (created_at at time zone 'UTC')::date, 0, count(*) filter (where status = 'success'),
            count(*) filter (where status = 'failed'), coalesce(sum(execution_time_ms), 0), max(created_at)
        from done group by 1, 2, 3
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

    private static NpgsqlBatchCommand CountRefusals(List<Execution> rows) => new(
        """
        insert into router.rate_limits (command_id, entity_id, user_id, window_start, request_count)
        select c, e, u, date_trunc('minute', at, 'UTC'), count(*)
        from unnest($1::bigint[], $2::bigint[], $3::text[], $4::timestamptz[]) as r (c, e, u, at)
        group by 1, 2, 3, 4 order by 1, 2, 3, 4
        on conflict (command_id, entity_id, user_id, window_start) do update
        set request_count = router.rate_limits.request_count + excluded.request_count
        """)
    {
        Parameters =
        {
            Array(rows, e => e.Command.Id),
            Array(rows, e => e.Context.Entity.Id),
            Array(rows, e => e.Context.Member.UserId),
            Array(rows, e => e.CreatedAt),
        },
    };

    /// <summary>Answers of remote modules, and everything that is for an overlay, have rows of their own; plain chat lines of this process do not.</summary>
    private static bool StoresResponses(Execution e) => e.Responses.Count > 0 && e.CompletedAt is not null
        && (e.Command.IsRemote || e.Responses.Any(r => r.ResponseAction != "chat"));

    private static NpgsqlBatchCommand InsertResponses(List<Execution> executions)
    {
        var rows = executions.SelectMany(e => e.Responses, (e, r) => (Execution: e, Response: r)).ToList();
        return new NpgsqlBatchCommand(
            """
            insert into router.module_responses (execution_id, module_name, success, response_action, response_data, media_type, media_url,
                ticker_text, ticker_duration, chat_message, error_message, processing_time_ms, created_at)
            select * from unnest($1::uuid[], $2::text[], $3::bool[], $4::text[], $5::jsonb[], $6::text[], $7::text[],
                $8::text[], $9::int[], $10::text[], $11::text[], $12::int[], $13::timestamptz[])
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

    private sealed class Recording
    {
        public Execution? Insert { get; init; }

        public Execution? Finish { get; init; }

        public InboxClaim? Claim { get; init; }
    }
}
