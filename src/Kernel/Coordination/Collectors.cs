using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;

namespace Rookery.Kernel.Coordination;

/// <summary>
/// <c>kernel.collector_modules</c>: one row for each platform on each node that talks with it. Who misses two heartbeats
/// is inactive, whoever notices; who fails three times in a row is in error, and is given less to do until it is tried
/// again with its next heartbeat.
/// </summary>
internal sealed class Collectors(Database db, Node node, IOptions<CoordinationOptions> options, TimeProvider clock)
{
    private const int TooManyFailures = 3;
    private static readonly string Version = typeof(Collectors).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    private readonly Dictionary<Platform, Health> _health = [];

    public static string NameOf(Platform platform, Guid node) => $"{platform.Name()}@{node}";

    /// <summary>Says that the collector lives, when it is time to.</summary>
    public async Task BeatAsync(IClaimant claimant, CancellationToken ct)
    {
        var health = Of(claimant.Platform);
        var now = clock.GetUtcNow();
        if (health.Next > now)
        {
            return;
        }

        var status = health.Failures >= TooManyFailures ? "error" : "active";
        var config = new JsonObject
        {
            ["node"] = node.Id.ToString(),
            ["host"] = Environment.MachineName,
            ["failures"] = health.Failures,
            ["supported_events"] = new JsonArray([.. claimant.SupportedEvents.Select(e => JsonValue.Create(e))]),
        }.ToJsonString();
        await db.Write.ExecuteAsync(
            $"""
            insert into kernel.collector_modules as m
                (module_name, module_version, platform, status, last_heartbeat, config, created_at, updated_at)
            values ({NameOf(claimant.Platform, node.Id)}, {Version}, {claimant.Platform.Name()}, {status}, {now}, {config}::jsonb,
                {now}, {now})
            on conflict (module_name) do update
            set status = excluded.status, last_heartbeat = excluded.last_heartbeat, config = m.config || excluded.config,
                updated_at = excluded.updated_at
            """,
            ct);
        health.Next = now + options.Value.Heartbeat;
        health.Failures = Math.Min(health.Failures, TooManyFailures - 1);
    }

    public void Succeeded(Platform platform) => Of(platform).Failures = 0;

    public void Failed(Platform platform)
    {
        var health = Of(platform);
        health.Failures++;
        if (health.Failures >= TooManyFailures)
        {
            health.Next = default;
        }
    }

    /// <summary>Makes inactive who missed two heartbeats.</summary>
    public Task MonitorAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return db.Write.ExecuteAsync(
            $"""
            update kernel.collector_modules set status = 'inactive', updated_at = {now}
            where status <> 'inactive' and last_heartbeat < {now - (2 * options.Value.Heartbeat)}
            """,
            ct);
    }

    /// <summary>The node stops.</summary>
    public Task EndAsync(CancellationToken ct) => db.Write.ExecuteAsync(
        $"""
        update kernel.collector_modules set status = 'inactive', updated_at = {clock.GetUtcNow()}
        where config ->> 'node' = {node.Id.ToString()}
        """,
        ct);

    /// <summary>
    /// How many of a platform's rows are this node's to hold: all rows, shared evenly among the nodes that collect there
    /// and live; what does not divide goes to the first ones.
    /// </summary>
    public async Task<int> ShareAsync(Platform platform, CancellationToken ct)
    {
        var found = (await db.Write.ListAsync(
            $"""
            select (select count(*)::int from kernel.coordination where platform = {platform.Name()}),
                array(
                    select m.config ->> 'node' from kernel.collector_modules m
                    where m.platform = {platform.Name()} and m.status = 'active'
                      and m.config ->> 'node' in (select a.node_id::text from ({Node.Alive}) a)
                    order by 1)
            """,
            r => (Rows: r.GetInt32(0), Nodes: r.GetFieldValue<string[]>(1)),
            ct))[0];
        return Share(found.Rows, found.Nodes, node.Id.ToString());
    }

    internal static int Share(int rows, IReadOnlyList<string> nodes, string me)
    {
        if (nodes.Count == 0)
        {
            // Nobody is well; whoever can tries.
            return rows;
        }

        for (var rank = 0; rank < nodes.Count; rank++)
        {
            if (nodes[rank] == me)
            {
                return (rows / nodes.Count) + (rank < rows % nodes.Count ? 1 : 0);
            }
        }

        return 0;
    }

    private Health Of(Platform platform)
    {
        if (!_health.TryGetValue(platform, out var health))
        {
            _health[platform] = health = new Health();
        }

        return health;
    }

    private sealed class Health
    {
        public int Failures { get; set; }

        public DateTimeOffset Next { get; set; }
    }
}
