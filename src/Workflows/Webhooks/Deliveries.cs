using Rookery.Kernel.Data;
using Rookery.Kernel.Web;

namespace Rookery.Workflows.Webhooks;

/// <summary>One call of a webhook.</summary>
/// <param name="Status">accepted or refused.</param>
/// <param name="Code">Why it was refused.</param>
/// <param name="ExecutionId">The run it started, while that is kept.</param>
/// <param name="ExecutionStatus">How that run stands.</param>
internal sealed record Delivery(
    Guid DeliveryId, Guid WebhookId, string Status, string? Code, string? IpAddress, DateTimeOffset ReceivedAt, Guid? ExecutionId, string? ExecutionStatus);

/// <summary>The table <c>workflow_webhook_deliveries</c>.</summary>
internal sealed class Deliveries(Database db)
{
    /// <summary>The newest first.</summary>
    public Task<IReadOnlyList<Delivery>> ListAsync(Guid webhook, string? status, PageQuery page, CancellationToken ct)
    {
        Guid? before = Guid.TryParse(page.After, out var id) ? id : null;
        return db.Read.ListAsync(
            $"""
            select d.delivery_id, d.webhook_id, d.status, d.code, d.ip_address, d.received_at, e.execution_id, e.status
            from workflows.workflow_webhook_deliveries d left join workflows.workflow_executions e on e.execution_id = d.delivery_id
            where d.webhook_id = {webhook} and ({status}::text is null or d.status = {status}) and ({before}::uuid is null or d.delivery_id < {before})
            order by d.delivery_id desc limit {page.Limit + 1}
            """,
            r => new Delivery(
                r.GetGuid(0),
                r.GetGuid(1),
                r.GetString(2),
                r.IsDBNull(3) ? null : r.GetString(3),
                r.IsDBNull(4) ? null : r.GetString(4),
                r.GetFieldValue<DateTimeOffset>(5),
                r.IsDBNull(6) ? null : r.GetGuid(6),
                r.IsDBNull(7) ? null : r.GetString(7)),
            ct);
    }

    /// <summary>What was sent with a delivery that was accepted, as JSON; null: there is no such delivery, or its run is not kept any more.</summary>
    public Task<string?> FindDataAsync(Guid webhook, Guid delivery, CancellationToken ct) => db.Write.FindAsync(
        $"""
        select e.trigger_data::text from workflows.workflow_webhook_deliveries d
        join workflows.workflow_executions e on e.execution_id = d.delivery_id
        where d.webhook_id = {webhook} and d.delivery_id = {delivery} and e.trigger_data is not null
        """,
        r => r.GetString(0),
        ct);
}
