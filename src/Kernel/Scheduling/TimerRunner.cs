using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Data;

namespace Rookery.Kernel.Scheduling;

/// <summary>
/// Claims due timers with a lease (which counts the try even if the process dies in it) and runs each in one
/// transaction that deletes it under its lease. A node that lost the lease changes nothing.
/// </summary>
internal sealed partial class TimerRunner(
    Database db,
    IEnumerable<ITimerHandler> handlers,
    ChangeFeed feed,
    TimeProvider clock,
    IOptions<TimerOptions> options,
    ILogger<TimerRunner> log) : BackgroundService
{
    private readonly Dictionary<string, ITimerHandler> _handlers = handlers.ToDictionary(
        h => h.Kind, StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var bell = new Bell(clock);
        feed.On("timers", _ => bell.Ring());
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var ran = await RunDueAsync(stoppingToken);
                if (ran < options.Value.BatchSize)
                {
                    await bell.WaitAsync(await UntilNextAsync(stoppingToken), stoppingToken);
                }
            }
            catch (StorageUnavailableException e) when (!stoppingToken.IsCancellationRequested)
            {
                RunPutOff(e.Message);
                await bell.WaitAsync(TimeSpan.FromSeconds(1), stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                RunFailed(e);
                await bell.WaitAsync(TimeSpan.FromSeconds(1), stoppingToken);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                // Whatever a stop breaks off is claimed again after its lease.
                return;
            }
        }
    }

    /// <summary>Claims and runs one batch of due timers.</summary>
    /// <returns>The number claimed.</returns>
    internal async Task<int> RunDueAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var lease = Guid.NewGuid();
        var known = _handlers.Keys.ToArray();
        var rows = await db.Write.ListAsync(
            $"""
            with due as materialized (
                select id from kernel.timers
                where failed_at is null and next_try_at <= {now} and kind = any({known})
                order by next_try_at
                limit {options.Value.BatchSize}
                for update skip locked)
            update kernel.timers t
            set lease = {lease}, lease_until = {now + options.Value.Lease}, next_try_at = {now + options.Value.Lease},
                attempts = t.attempts + 1
            from due where t.id = due.id
            returning t.id, t.kind, t.key, t.due_at, t.payload::text, t.community_id, t.attempts
            """,
            r => new Row(
                r.GetGuid(0),
                r.GetString(1),
                new DueTimer(r.GetString(2), r.GetFieldValue<DateTimeOffset>(3), now, r.GetString(4), r.IsDBNull(5) ? null : r.GetInt64(5), r.GetInt32(6))),
            ct);
        foreach (var row in rows.OrderBy(r => r.Timer.Due))
        {
            await RunAsync(row, lease, ct);
        }

        return rows.Count;
    }

    private async Task RunAsync(Row row, Guid lease, CancellationToken ct)
    {
        try
        {
            await db.TransactionAsync(
                async transaction =>
                {
                    // First the timer goes, so that the handler may set the same key again.
                    if (await transaction.ExecuteAsync($"delete from kernel.timers where id = {row.Id} and lease = {lease}", ct) == 1)
                    {
                        await _handlers[row.Kind].RunAsync(row.Timer, transaction, ct);
                    }
                },
                ct);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            TimerFailed(e, row.Kind, row.Timer.Key, row.Timer.Attempt);
            await PutBackAsync(row, lease, e.Message, ct);
        }
    }

    private Task PutBackAsync(Row row, Guid lease, string error, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        DateTimeOffset? failed = row.Timer.Attempt >= options.Value.MaxAttempts ? now : null;
        var next = now + Reconnect.Delay(row.Timer.Attempt, Random.Shared.NextDouble());
        return db.Write.ExecuteAsync(
            $"""
            update kernel.timers
            set lease = null, lease_until = null, next_try_at = {next}, failed_at = {failed}, last_error = {error}
            where id = {row.Id} and lease = {lease}
            """,
            ct);
    }

    private async Task<TimeSpan> UntilNextAsync(CancellationToken ct)
    {
        var next = await db.Write.ValueAsync<DateTimeOffset?>(
            $"select min(next_try_at) from kernel.timers where failed_at is null and kind = any({_handlers.Keys.ToArray()})", ct);
        var wait = next is { } at ? at - clock.GetUtcNow() : options.Value.Poll;
        return wait < TimeSpan.FromMilliseconds(10)
            ? TimeSpan.FromMilliseconds(10)
            : wait > options.Value.Poll
            ? options.Value.Poll
            : wait;
    }

    [LoggerMessage(LogLevel.Warning, "The timer waits: {Reason}")]
    private partial void RunPutOff(string reason);

    [LoggerMessage(LogLevel.Error, "The timer run failed; it runs again.")]
    private partial void RunFailed(Exception exception);

    [LoggerMessage(LogLevel.Error, "Timer {Kind} {Key} failed at try {Attempt}.")]
    private partial void TimerFailed(Exception exception, string kind, string key, int attempt);

    private sealed record Row(Guid Id, string Kind, DueTimer Timer);
}
