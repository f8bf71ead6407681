using Rookery.Kernel.Data;
using Rookery.Kernel.Scheduling;

namespace Rookery.Workflows.Webhooks;

/// <summary>
/// Folds what runs appended into the counts of their webhooks, in one transaction: each is counted once, also when the node
/// dies in between.
/// </summary>
internal sealed class FoldDeliveries(Database db) : IJob
{
    private const int AtOnce = 1_000;

    public TimeSpan Period => TimeSpan.FromSeconds(1);

    public async ValueTask RunAsync(CancellationToken ct)
    {
        while (await FoldAsync(ct) == AtOnce)
        {
            // More waits.
        }
    }

    /// <returns>Rows folded; 0 also while another node folds.</returns>
    private Task<long> FoldAsync(CancellationToken ct) => db.TransactionAsync(
        async transaction =>
            await transaction.ValueAsync<bool>($"select pg_try_advisory_xact_lock(hashtextextended('workflows.fold_deliveries', 0))", ct)
                ? await FoldAsync(transaction, ct)
                : 0,
        ct);

    private static Task<long> FoldAsync(Transaction transaction, CancellationToken ct) => transaction.ValueAsync<long>(
        $"""
        with taken as materialized (
            delete from workflows.workflow_webhook_deltas
            where ctid = any(array(select ctid from workflows.workflow_webhook_deltas limit {AtOnce}))
            returning *),
        summed as (
            select webhook_id, sum(calls) as calls, max(triggered_at) as triggered_at,
                (array_agg(execution_id order by triggered_at desc, execution_id desc))[1] as execution_id
            from taken group by webhook_id),
        folded as (
            update workflows.workflow_webhooks w
            set trigger_count = w.trigger_count + s.calls,
                last_execution_id = case when w.last_triggered_at > s.triggered_at then w.last_execution_id else s.execution_id end,
                last_triggered_at = greatest(w.last_triggered_at, s.triggered_at)
            from summed s where w.webhook_id = s.webhook_id)
        select count(*) from taken
        """,
        ct);
}
