using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;

namespace Rookery.Router.Executions;

/// <summary>Tells, for a repeated event, what came of it the first time.</summary>
internal sealed class FirstSight(Database db, ExecutionStore executions)
{
    /// <param name="first">The id of the first sight, where it is known.</param>
    public async Task<Routed> DescribeAsync(EventContext context, Guid? first, CancellationToken ct)
    {
        first ??= await FindAsync(context.Event, ct);
        var execution = first is { } eventId ? await executions.FirstOfAsync(eventId, ct) : null;
        return new Routed
        {
            EventId = first ?? context.EventId,
            EntityId = context.Entity.EntityId,
            Outcome = Outcome.Duplicate,
            ExecutionId = execution?.ExecutionId,
            Status = execution?.Status,
            Responses = execution?.Responses ?? [],
            Error = execution?.ErrorMessage,
            IsAnsweredLater = execution?.Delivery == ReplySender.PutOff,
        };
    }

    private async Task<Guid?> FindAsync(InboundEvent e, CancellationToken ct)
    {
        var ids = await db.Write.ListAsync(
            $"""
            select event_id from kernel.inbox where event_key = {InboxClaim.KeyOf(e.Channel.Platform, e.MessageId!)}
            order by received_on desc limit 1
            """,
            r => r.GetGuid(0),
            ct);
        return ids is [var id] ? id : null;
    }
}
