using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Rookery.Kernel.Auditing;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;

namespace Rookery.Modules.Reputation;

/// <summary>What a community says an activity is worth, on all its platforms.</summary>
internal sealed record Override(string ActivityType, decimal Points, bool Enabled);

/// <summary>The table <c>reputation_scoring</c>, kept in memory.</summary>
internal sealed class ScoringStore
{
    private readonly Database _db;
    private readonly AuditLog _audit;
    private readonly TimeProvider _clock;
    private readonly Cached<FrozenDictionary<string, Override>> _overrides;

    public ScoringStore(Database db, AuditLog audit, ChangeFeed feed, TimeProvider clock)
    {
        _db = db;
        _audit = audit;
        _clock = clock;
        _overrides = new(feed, "reputation_scoring", LoadAsync);
    }

    public ValueTask<FrozenDictionary<string, Override>> OfAsync(long community, CancellationToken ct) =>
        _overrides.GetAsync(community, ct);

    /// <summary>What one unit of the activity is worth in the community; 0 where it is switched off.</summary>
    public async ValueTask<decimal> PointsAsync(long community, ActivityType type, Platform platform, CancellationToken ct) =>
        !(await _overrides.GetAsync(community, ct)).TryGetValue(type.Name, out var own) ? type.PointsOn(platform)
        : own.Enabled ? own.Points
        : 0;

    /// <summary>Makes these the community's own points; what they do not name goes back to its default.</summary>
    /// <exception cref="Npgsql.PostgresException">23503: there is no such community.</exception>
    public async Task PutAsync(long community, IReadOnlyList<Override> scores, string by, CancellationToken ct)
    {
        await _db.TransactionAsync(
            async transaction =>
            {
                string[] types = [.. scores.Select(s => s.ActivityType)];
                await transaction.ExecuteAsync(
                    $"delete from reputation.reputation_scoring where community_id = {community} and activity_type <> all({types})", ct);
                await transaction.ExecuteAsync(
                    $"""
                    insert into reputation.reputation_scoring as s (community_id, activity_type, points, enabled, updated_by,
                        updated_at)
                    select {community}, n.activity_type, n.points, n.enabled, {by}, {_clock.GetUtcNow()}
                    from unnest({types}, {scores.Select(s => s.Points).ToArray()}, {scores.Select(s => s.Enabled).ToArray()})
                        as n (activity_type, points, enabled)
                    order by n.activity_type
                    on conflict (community_id, activity_type) do update
                    set points = excluded.points, enabled = excluded.enabled, updated_by = excluded.updated_by,
                        updated_at = excluded.updated_at
                    where (s.points, s.enabled) is distinct from (excluded.points, excluded.enabled)
                    """,
                    ct);
                var details = new JsonArray([.. scores.Select(s => (JsonNode)new JsonObject
                {
                    ["activity_type"] = s.ActivityType,
                    ["points"] = s.Points,
                    ["enabled"] = s.Enabled,
                })]);
                await _audit.WriteAsync(transaction, community, by, "reputation.scoring_changed", details, ct);
            },
            ct);
        _overrides.Forget(community);
    }

    private async Task<FrozenDictionary<string, Override>> LoadAsync(long community)
    {
        var rows = await _db.Write.ListAsync(
            $"select activity_type, points, enabled from reputation.reputation_scoring where community_id = {community}",
            r => new Override(r.GetString(0), r.GetDecimal(1), r.GetBoolean(2)),
            CancellationToken.None);
        return rows.ToFrozenDictionary(r => r.ActivityType, StringComparer.Ordinal);
    }
}
