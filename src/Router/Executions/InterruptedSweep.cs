using Microsoft.Extensions.Logging;
using Rookery.Kernel.Data;
using Rookery.Kernel.Scheduling;

namespace Rookery.Router.Executions;

/// <summary>
/// Finishes the executions of nodes that died: nothing stays pending. A node is alive while its lock is held
/// (<see cref="Node"/>), so this is known at once and not by a time-out.
/// </summary>
internal sealed partial class InterruptedSweep(Database db, Node self, TimeProvider clock, ILogger<InterruptedSweep> log) : IJob
{
    public TimeSpan Period => TimeSpan.FromSeconds(5);

    public async ValueTask RunAsync(CancellationToken ct)
    {
        var rows = await SweepAsync(ct);
        if (rows > 0)
        {
            Interrupted(rows);
        }
    }

    /// <returns>Executions marked failed.</returns>
    internal Task<long> SweepAsync(CancellationToken ct) => db.Write.ValueAsync<long>(
        $"""
        with alive as materialized (
            {Node.Alive}
            union select {self.Id}),
        done as (
            update router.command_executions
            set status = 'failed', error_message = 'Interrupted: the node stopped while this ran.',
                completed_at = {clock.GetUtcNow()}
            where status = 'pending' and node_id <> all(array(select node_id from alive))
            returning command_id, entity_id, created_at),
        counted as (
            insert into router.usage_deltas (uses, command_id, entity_id, at, ok, ms)
            select 0, array_agg(command_id), array_agg(entity_id), array_agg(created_at), array_agg(false), array_agg(0)
            from done having count(*) > 0)
        select count(*) from done
        """,
        ct);

    [LoggerMessage(LogLevel.Warning, "{Rows} executions of stopped nodes were marked as interrupted.")]
    private partial void Interrupted(long rows);
}
