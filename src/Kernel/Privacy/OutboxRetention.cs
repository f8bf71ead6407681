using Microsoft.Extensions.Options;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;

namespace Rookery.Kernel.Privacy;

/// <summary>Actions that were sent or given up stay readable for a while; waiting ones always stay.</summary>
internal sealed class OutboxRetention(Database db, IOptions<OutboxOptions> options, TimeProvider clock) : IRetention
{
    public string Name => "kernel.outbox";

    public Task<int> SweepAsync(CancellationToken ct)
    {
        var before = clock.GetUtcNow().AddDays(-options.Value.KeepDays);
        return AgedTables.InBatchesAsync(() => db.Write.ExecuteAsync(
            $"""
            delete from kernel.outbox where id = any(array(
                select id from kernel.outbox where status <> 'pending' and finished_at < {before}
                    limit {AgedTables.AtOnce}))
            """,
            ct));
    }
}
