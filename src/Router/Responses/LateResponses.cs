using Npgsql;
using Rookery.Kernel;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;
using Rookery.Kernel.Privacy;
using Rookery.Kernel.Web;

namespace Rookery.Router.Responses;

/// <summary>
/// Takes in late answers and reads answers. A row of <c>module_responses</c> is also the queue of the overlays; what
/// is for chat goes into the outbox in the same transaction.
/// </summary>
internal sealed class LateResponses(Database db, Outbox outbox, TimeProvider clock)
{
    /// <summary>The execution an answer names, as far as the caller may know of it.</summary>
    public async Task<Addressee?> FindAsync(Guid executionId, long? community, CancellationToken ct)
    {
        if (Ids.Moment(executionId) is not { } at)
        {
            return null;
        }

        // From the primary: the answer may come before a replica has the execution.
        return await db.Write.FindAsync(
            $"""
            select x.execution_id, x.event_id, x.session_id, x.community_id, e.entity_id, e.platform, e.server_id,
                e.channel_id,
                x.user_id, x.user_name, x.message_id, h.reply_handle
            from router.command_executions x join kernel.entities e on e.id = x.entity_id
                left join router.reply_handles h on h.execution_id = x.execution_id
            where x.execution_id = {executionId} and x.created_at = {at} and ({community}::bigint is null
                or x.community_id = {community})
            """,
            ReadAddressee,
            ct);
    }

    /// <summary>When the session was last used: by its event, or by an answer since.</summary>
    public async Task<DateTimeOffset> LastUsedAsync(Addressee to, CancellationToken ct)
    {
        var began = Ids.Moment(to.EventId)!.Value;
        var answered = await db.Write.ValueAsync<DateTimeOffset?>(
            $"select max(created_at) from router.module_responses where execution_id = {to.ExecutionId} and created_at >= {began}", ct);
        return answered > began ? answered.Value : began;
    }

    /// <summary>Stores an answer and puts it up for delivery, once for each id.</summary>
    /// <returns>False when another answer was taken under the same id.</returns>
    public Task<bool> AddAsync(
        Addressee to, LateResponse late, string responseId, CancellationToken ct) => db.TransactionAsync(
        async transaction =>
        {
            if (await IsRepeatAsync(transaction, to.ExecutionId, responseId, late.Hash(), ct) is { } same)
            {
                return same;
            }

            var response = late.ToResponse(late.ModuleName!);
            var id = await InsertAsync(transaction, to.ExecutionId, responseId, response, late.ProcessingTimeMs, ct);
            if (response.ResponseAction == "chat")
            {
                var message = new SendMessage(to.Channel, response, to.UserId, to.UserName, to.MessageId, to.ReplyHandle);
                var key = FormattableString.Invariant($"response:{id}");
                await outbox.AddAsync(
                    transaction, key, to.Channel.Platform.Name(), to.CommunityId, to.EntityId, message, ct);
            }

            return true;
        },
        ct);

    /// <summary>An execution's answers by time.</summary>
    public Task<IReadOnlyList<ResponseView>> ListAsync(
        Guid executionId, PageQuery page, CancellationToken ct) => db.Read.ListAsync(
        $"""
        select id, response_id, execution_id, module_name, success, response_action, response_data::text, media_type,
            media_url, ticker_text,
            ticker_duration, chat_message, error_message, processing_time_ms, created_at
        from router.module_responses
        where execution_id = {executionId} and created_at >= {Ids.Moment(executionId)}
            and ({page.AfterId}::bigint is null or id > {page.AfterId})
        order by id limit {page.Limit + 1}
        """,
        ReadView,
        ct);

    /// <summary>Claims the id for this answer. Of two at once the second waits here for the first.</summary>
    /// <returns>Null when the answer is new; else whether it is the one taken before.</returns>
    private async Task<bool?> IsRepeatAsync(
        Transaction transaction, Guid executionId, string responseId, byte[] hash, CancellationToken ct)
    {
        var isNew = await transaction.ExecuteAsync(
            $"""
            insert into router.response_keys (execution_id, response_id, body_hash, created_at)
            values ({executionId}, {responseId}, {hash}, {clock.GetUtcNow()})
            on conflict do nothing
            """,
            ct) == 1;
        return isNew ? null : await transaction.ValueAsync<bool>(
            $"select body_hash = {hash} from router.response_keys where execution_id = {executionId} and response_id = {responseId}", ct);
    }

    private Task<long> InsertAsync(
        Transaction transaction, Guid executionId, string responseId, ModuleResponse r, int? processingTimeMs, CancellationToken ct) =>
        transaction.ValueAsync<long>(
            $"""
            insert into router.module_responses (execution_id, response_id, module_name, success, response_action,
                response_data, media_type,
                media_url, ticker_text, ticker_duration, chat_message, error_message, processing_time_ms, created_at)
            values ({executionId}, {responseId}, {r.ModuleName}, {r.Success}, {r.ResponseAction},
                {r.ResponseData?.GetRawText()}::jsonb, {r.MediaType},
                {r.MediaUrl}, {r.TickerText}, {r.TickerDuration}, {r.ChatMessage}, {r.ErrorMessage},
                    {processingTimeMs}, {clock.GetUtcNow()})
            returning id
            """,
            ct);

    private static Addressee ReadAddressee(NpgsqlDataReader r) => new(
        r.GetGuid(0),
        r.GetGuid(1),
        r.GetString(2),
        r.GetInt64(3),
        r.GetString(4),
        new ChannelId(
            Platforms.Parse(r.GetString(5)),
            r.IsDBNull(6) ? null : r.GetString(6),
            r.IsDBNull(7) ? "" : r.GetString(7)),
        r.GetString(8),
        r.GetString(9),
        r.IsDBNull(10) ? null : r.GetString(10),
        r.IsDBNull(11) ? null : r.GetString(11));

    private static ResponseView ReadView(NpgsqlDataReader r) => new(
        r.GetInt64(0),
        r.IsDBNull(1) ? null : r.GetString(1),
        r.GetGuid(2),
        r.GetString(3),
        r.GetBoolean(4),
        r.GetString(5),
        r.IsDBNull(6) ? null : System.Text.Json.JsonElement.Parse(r.GetString(6)),
        r.IsDBNull(7) ? null : r.GetString(7),
        r.IsDBNull(8) ? null : r.GetString(8),
        r.IsDBNull(9) ? null : r.GetString(9),
        r.IsDBNull(10) ? null : r.GetInt32(10),
        r.IsDBNull(11) ? null : r.GetString(11),
        r.IsDBNull(12) ? null : r.GetString(12),
        r.IsDBNull(13) ? null : r.GetInt32(13),
        r.GetFieldValue<DateTimeOffset>(14));
}

/// <summary>The ids of late answers are kept as long as the answers.</summary>
internal sealed class ResponseKeys(Database db, TimeProvider clock) : IRetention
{
    public const int KeepDays = 90;

    public string Name => "router.response_keys";

    public Task<int> SweepAsync(CancellationToken ct) =>
        db.Write.ExecuteAsync(
            $"delete from router.response_keys where created_at < {clock.GetUtcNow().AddDays(-KeepDays)}", ct);
}
