using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Web;

namespace Rookery.Kernel.Delivery;

/// <summary>An action that this node holds under a lease.</summary>
internal sealed record OutboxRow(
    long Id,
    string Key,
    string Sender,
    string? EntityId,
    string Action,
    int Attempts,
    Guid Lease,
    bool InDoubt,
    DateTimeOffset CreatedAt,
    OutboxPriority Priority)
{
    public ActionKey ActionKey => new(Key, InDoubt ? CreatedAt : null);

    /// <summary>What is to be done, in the channel that the row names where the action names none.</summary>
    public OutboundAction Read()
    {
        var action = JsonSerializer.Deserialize(Action, KernelJson.Default.OutboundAction)!;
        return action is SendMessage { Channel.Channel: null } message && ChannelId.TryParse(EntityId ?? "", out var channel)
            ? message with { Channel = channel }
            : action;
    }
}

/// <summary>What a try came to.</summary>
/// <param name="Status">sent, failed, or pending when it is tried again at <paramref name="Next"/>.</param>
internal sealed record OutboxEnd(OutboxRow Row, string Status, DateTimeOffset Next, DateTimeOffset? FinishedAt, Sent Sent);

/// <summary>Takes rows of the outbox and writes down what became of them, those that end close together in one statement.</summary>
internal sealed class OutboxRows : IAsyncDisposable
{
    private const int AtOnce = 256;

    private readonly Database _db;
    private readonly OutboxOptions _options;
    private readonly TimeProvider _clock;
    private readonly BatchWriter<OutboxEnd> _ends;

    public OutboxRows(Database db, IOptions<OutboxOptions> options, TimeProvider clock, ILogger<OutboxRows> log)
    {
        (_db, _options, _clock) = (db, options.Value, clock);
        _ends = new BatchWriter<OutboxEnd>(db, EndAsync, log, AtOnce);
    }

    /// <summary>
    /// Takes what is due and has room: of each sender the lower priority first, then the earlier, then what was added first; of a
    /// channel one row, and none where something is under way. Rows are looked for without locks and locked when they are chosen;
    /// what another node takes in between is left to it.
    /// </summary>
    /// <returns>The rows in this order, and whether it is worth to look again at once.</returns>
    public async Task<(IReadOnlyList<OutboxRow> Rows, bool IsMore)> TakeAsync(
        IReadOnlyList<Room> rooms, DateTimeOffset now, CancellationToken ct)
    {
        var lease = Guid.NewGuid();
        var until = now + _options.Lease;
        var looks = rooms.SelectMany(Looks).ToList();
        var busy = rooms.SelectMany(r => r.Busy, (room, channel) => $"{room.Sender} {channel}").ToArray();
        var taken = await _db.Write.ListAsync(
            $"""
            with looks as (
                select unnest({looks.Select(l => l.Sender).ToArray()}) as sender,
                    unnest({looks.Select(l => (short)l.Priority).ToArray()}) as priority,
                    unnest({looks.Select(l => l.Places).ToArray()}) as places, unnest({looks.Select(l => l.Free).ToArray()}) as free),
            seen as materialized (
                select o.id, o.next_try_at, coalesce(o.entity_id, o.id::text) as channel, l.*
                from looks l cross join lateral (
                    select id, next_try_at, entity_id from kernel.outbox
                    where status = 'pending' and sender = l.sender and priority = l.priority and next_try_at <= {now}
                      and (entity_id is null or sender || ' ' || entity_id <> all({busy}))
                    order by next_try_at, id limit l.places) o),
            firsts as (
                select distinct on (sender, channel) * from seen order by sender, channel, priority, next_try_at, id),
            due as materialized (
                select id from (
                    select id, free, row_number() over (partition by sender order by priority, next_try_at, id) as place from firsts) f
                where place <= free),
            held as materialized (
                select o.id from kernel.outbox o
                where o.id = any(array(select id from due)) and case o.status when 'pending' then o.next_try_at <= {now} end
                for update skip locked),
            taken as (
                update kernel.outbox o
                set lease = {lease}, lease_until = {until}, next_try_at = {until}, attempts = o.attempts + 1,
                    in_doubt = o.in_doubt or o.lease is not null
                where o.id = any(array(select id from held))
                returning o.id, o.idempotency_key, o.sender, o.entity_id, o.action::text, o.attempts, o.lease, o.in_doubt, o.created_at,
                    o.priority)
            select taken.*, more.is_more
            from (select (select count(*) from held) < (select count(*) from due) or exists (
                    select from seen group by sender, priority, places having count(*) = places and count(distinct channel) < places)
                ) as more (is_more) left join taken on true
            """,
            r => (Row: r.IsDBNull(0) ? null : Read(r), IsMore: r.GetBoolean(10)),
            ct);
        return ([.. taken.Select(t => t.Row).OfType<OutboxRow>().OrderBy(r => r.Priority).ThenBy(r => r.Id)], taken[0].IsMore);
    }

    /// <summary>Completes when it is durable.</summary>
    /// <returns>What the row became, where no other node has taken it over meanwhile.</returns>
    public async Task<OutboxEnd> EndAsync(OutboxRow row, Sent sent)
    {
        var now = _clock.GetUtcNow();
        var tryAgain = !sent.Ok && sent.RetryAfter is not null && row.Attempts < _options.MaxAttempts;
        var backoff = Reconnect.Delay(row.Attempts, Random.Shared.NextDouble());
        var next = now + (sent.RetryAfter is { } wait && wait > backoff ? wait : backoff);
        var end = new OutboxEnd(row, sent.Ok ? "sent" : tryAgain ? "pending" : "failed", next, tryAgain ? null : now, sent);
        await _ends.WriteAsync(end);
        return end;
    }

    public ValueTask DisposeAsync() => _ends.DisposeAsync();

    private static IEnumerable<(string Sender, OutboxPriority Priority, int Places, int Free)> Looks(Room room) =>
    [
        (room.Sender, OutboxPriority.Answer, room.Free, room.Free),
        (room.Sender, OutboxPriority.Normal, room.Free, room.Free),
        (room.Sender, OutboxPriority.Bulk, room.FreeBulk, room.Free),
    ];

    /// <summary>Found by their ids, not joined first: a plan that reads the whole table instead cannot come up.</summary>
    private static async Task EndAsync(NpgsqlConnection connection, IReadOnlyList<OutboxEnd> ends, CancellationToken ct)
    {
        Sql sql = $"""
            update kernel.outbox o
            set status = e.status, next_try_at = e.next, finished_at = e.finished, lease = null, lease_until = null,
                in_doubt = o.in_doubt or e.may_stand, platform_message_id = e.message, last_error = e.error
            from unnest({ends.Select(e => e.Row.Id).ToArray()}, {ends.Select(e => e.Row.Lease).ToArray()},
                {ends.Select(e => e.Status).ToArray()}, {ends.Select(e => e.Next).ToArray()}, {ends.Select(e => e.FinishedAt).ToArray()},
                {ends.Select(e => e.Sent.MayStand).ToArray()}, {ends.Select(e => e.Sent.PlatformMessageId).ToArray()},
                {ends.Select(e => e.Sent.Error).ToArray()}) as e (id, lease, status, next, finished, may_stand, message, error)
            where o.id = any({ends.Select(e => e.Row.Id).ToArray()}) and o.id = e.id and o.lease = e.lease
            """;
        await using var command = sql.On(connection);
        await command.ExecuteNonQueryAsync(ct);
    }

    private static OutboxRow Read(NpgsqlDataReader r) => new(
        r.GetInt64(0),
        r.GetString(1),
        r.GetString(2),
        r.IsDBNull(3) ? null : r.GetString(3),
        r.GetString(4),
        r.GetInt32(5),
        r.GetGuid(6),
        r.GetBoolean(7),
        r.GetFieldValue<DateTimeOffset>(8),
        (OutboxPriority)r.GetInt16(9));
}
