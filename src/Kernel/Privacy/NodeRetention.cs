using Rookery.Kernel.Data;

namespace Rookery.Kernel.Privacy;

/// <summary>Nodes that are gone stay listed for a week, so that an operator sees what stopped.</summary>
internal sealed class NodeRetention(Database db, TimeProvider clock) : IRetention
{
    private static readonly TimeSpan Keep = TimeSpan.FromDays(7);

    public string Name => "kernel.nodes";

    public Task<int> SweepAsync(CancellationToken ct) => db.Write.ExecuteAsync(
        $"""
        delete from kernel.nodes
        where last_seen < {clock.GetUtcNow() - Keep} and node_id <> all(array({Node.Alive}))
        """,
        ct);
}
