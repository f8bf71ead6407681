using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Data;
using Rookery.Kernel.Scheduling;
using Rookery.Kernel.Telemetry;
using Rookery.Kernel.Web;

namespace Rookery.Kernel.Delivery;

/// <summary>
/// Sends what the outbox holds. A row is claimed with a lease before it is sent; when a node dies in between, the next
/// claim marks the row in doubt, so that the one window in which something may go out twice is counted, not hidden.
/// </summary>
internal sealed partial class OutboxDispatcher(
    Database db,
    IEnumerable<ISender> senders,
    ChangeFeed feed,
    TimeProvider clock,
    IOptions<OutboxOptions> options,
    ILogger<OutboxDispatcher> log) : BackgroundService
{
    private static readonly Random Jitter = Random.Shared;

    private readonly Dictionary<string, ISender> _senders = senders.ToDictionary(s => s.Name, StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var bell = new Bell(clock);
        feed.On("outbox", _ => bell.Ring());
        while (!stoppingToken.IsCancellationRequested)
        {
            var claimed = 0;
            try
            {
                claimed = await DispatchAsync(stoppingToken);
            }
            catch (StorageUnavailableException e) when (!stoppingToken.IsCancellationRequested)
            {
                RunPutOff(e.Message);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                RunFailed(e);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                // Whatever a stop breaks off is claimed again after its lease.
                return;
            }

            if (claimed < options.Value.BatchSize)
            {
                await bell.WaitAsync(options.Value.Poll, stoppingToken);
            }
        }
    }

    /// <summary>Claims and sends one batch. Actions of one channel go in order, channels side by side.</summary>
    /// <returns>The number claimed.</returns>
    internal async Task<int> DispatchAsync(CancellationToken ct)
    {
        var rows = await ClaimAsync(ct);
        await Task.WhenAll(rows
            .GroupBy(r => (r.Sender, r.EntityId))
            .Select(async channel =>
            {
                foreach (var row in channel.OrderBy(r => r.Id))
                {
                    await SendAsync(row, ct);
                }
            }));
        return rows.Count;
    }

    private Task<IReadOnlyList<Row>> ClaimAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var lease = Guid.NewGuid();
        var known = _senders.Keys.ToArray();
        return db.Write.ListAsync(
            $"""
            with due as materialized (
                select id from kernel.outbox
                where status = 'pending' and next_try_at <= {now} and sender = any({known})
                order by next_try_at, id
                limit {options.Value.BatchSize}
                for update skip locked)
            update kernel.outbox o
            set lease = {lease}, lease_until = {now + options.Value.Lease}, next_try_at = {now + options.Value.Lease},
                attempts = o.attempts + 1, in_doubt = o.in_doubt or o.lease is not null
            from due where o.id = due.id
            returning o.id, o.idempotency_key, o.sender, o.entity_id, o.action::text, o.attempts, o.lease, o.in_doubt, o.created_at
            """,
            r => new Row(
                r.GetInt64(0), r.GetString(1), r.GetString(2), r.IsDBNull(3) ? null : r.GetString(3), r.GetString(4), r.GetInt32(5), r.GetGuid(6), r.GetBoolean(7), r.GetFieldValue<DateTimeOffset>(8)),
            ct);
    }

    private async Task SendAsync(Row row, CancellationToken ct)
    {
        if (row.InDoubt)
        {
            Metrics.OutboxInDoubt.Add(1);
            InDoubt(row.Key);
        }

        Sent sent;
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
            limit.CancelAfter(options.Value.Lease / 2);
            var action = JsonSerializer.Deserialize(row.Action, KernelJson.Default.OutboundAction)!;
            sent = Refuse(row, action) ?? await _senders[row.Sender].SendAsync(action, row.ActionKey, limit.Token);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            SendThrew(e, row.Key);
            sent = Sent.TryAgain(e.Message, TimeSpan.Zero) with { MayStand = e is OperationCanceledException };
        }

        await FinishAsync(row, sent, ct);
    }

    /// <summary>An answer that is late, or may have been said, is worse than none.</summary>
    private Sent? Refuse(Row row, OutboundAction action)
    {
        if (action is not SendMessage { NotAfter: { } last })
        {
            return null;
        }

        var why = row.InDoubt ? "It may have been said already, and an answer is not said twice."
            : clock.GetUtcNow() > last ? "It came too late to be worth saying."
            : null;
        if (why is null)
        {
            return null;
        }

        Metrics.RepliesDropped.Add(1);
        return Sent.Failed(why);
    }

    private async Task FinishAsync(Row row, Sent sent, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var tryAgain = !sent.Ok && sent.RetryAfter is not null && row.Attempts < options.Value.MaxAttempts;
        var status = sent.Ok ? "sent" : tryAgain ? "pending" : "failed";
        var backoff = Reconnect.Delay(row.Attempts, Jitter.NextDouble());
        var next = now + (sent.RetryAfter is { } wait && wait > backoff ? wait : backoff);
        DateTimeOffset? finished = tryAgain ? null : now;
        await db.Write.ExecuteAsync(
            $"""
            update kernel.outbox
            set status = {status}, next_try_at = {next}, finished_at = {finished}, lease = null, lease_until = null,
                in_doubt = in_doubt or {sent.MayStand}, platform_message_id = {sent.PlatformMessageId}, last_error = {sent.Error}
            where id = {row.Id} and lease = {row.Lease}
            """,
            ct);
        if (status == "failed")
        {
            GivenUp(row.Key, row.Attempts, sent.Error!);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The outbox waits: {Reason}")]
    private partial void RunPutOff(string reason);

    [LoggerMessage(LogLevel.Error, "The outbox run failed; it runs again.")]
    private partial void RunFailed(Exception exception);

    [LoggerMessage(LogLevel.Warning, "Outbox {Key}: sending failed.")]
    private partial void SendThrew(Exception exception, string key);

    [LoggerMessage(LogLevel.Warning, "Outbox {Key} may have been sent before; it may be sent twice.")]
    private partial void InDoubt(string key);

    [LoggerMessage(LogLevel.Error, "Outbox {Key} was given up after {Attempts} tries: {Error}")]
    private partial void GivenUp(string key, int attempts, string error);

    private sealed record Row(
        long Id, string Key, string Sender, string? EntityId, string Action, int Attempts, Guid Lease, bool InDoubt, DateTimeOffset CreatedAt)
    {
        public ActionKey ActionKey => new(Key, InDoubt ? CreatedAt : null);
    }
}
