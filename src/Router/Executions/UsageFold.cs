using Rookery.Kernel.Data;
using Rookery.Kernel.Scheduling;

namespace Rookery.Router.Executions;

/// <summary>
/// Folds what executions appended to <c>usage_deltas</c> into usage counts and statistics, in one transaction: each
/// delta is counted once, also when the node dies in between.
/// </summary>
internal sealed class UsageFold(Database db, TimeProvider clock) : IJob
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

    /// <returns>Deltas folded; 0 also while another node folds.</returns>
    internal Task<long> FoldAsync(CancellationToken ct) => db.TransactionAsync(
        async transaction =>
            await transaction.ValueAsync<bool>($"select pg_try_advisory_xact_lock(hashtextextended('router.usage_fold', 0))", ct)
                ? await FoldAsync(transaction, clock.GetUtcNow(), ct)
                : 0,
        ct);

    private static Task<long> FoldAsync(Transaction transaction, DateTimeOffset now, CancellationToken ct) =>
        transaction.ValueAsync<long>(
            $"""
            with taken as materialized (
                delete from router.usage_deltas
                where ctid = any(array(select ctid from router.usage_deltas limit {AtOnce}))
                returning *),
            summed as materialized (
                select r.command_id, r.entity_id, (r.at at time zone 'UTC')::date as day, sum(t.uses) as uses,
                    max(r.at) as last_used,
                    count(*) filter (where r.ok) as ok, count(*) filter (where not r.ok) as err,
                        sum(r.ms) as total_ms
                from taken t, unnest(t.command_id, t.entity_id, t.at, t.ok, t.ms) as r (command_id, entity_id, at,
                    ok, ms)
                group by 1, 2, 3),
            per_entity as (
                select t.command_id, t.entity_id, sum(t.uses) as uses, max(t.last_used) as last_used,
                    c.module_type = 'core' as enabled
                from summed t join router.commands c on c.id = t.command_id
                group by 1, 2, 5 having sum(t.uses) > 0),
            permissions as (
                insert into router.command_permissions (command_id, entity_id, is_enabled, usage_count, last_used,
                    created_at, updated_at)
                select command_id, entity_id, enabled, uses, last_used, {now}, {now} from per_entity
                on conflict (entity_id, command_id) do update
                set usage_count = router.command_permissions.usage_count + excluded.usage_count,
                    last_used = greatest(router.command_permissions.last_used, excluded.last_used)),
            named as (
                select t.day, e.community_id::text as guild, c.prefix || c.command as command, t.ok, t.err,
                    t.total_ms
                from summed t join router.commands c on c.id = t.command_id
                    join kernel.entities e on e.id = t.entity_id),
            everywhere as (
                select * from named union all select day, '__global__', command, ok, err, total_ms from named),
            per_day as (
                select day, guild, command, sum(ok) as ok, sum(err) as err, sum(total_ms) as total_ms
                from everywhere group by 1, 2, 3 having sum(ok) + sum(err) > 0),
            daily as (
                insert into router.command_stats_daily (day, guild_id, command, ok, err, total_ms, count,
                    updated_at)
                select day, guild, command, ok, err, total_ms, ok + err, {now} from per_day
                on conflict (day, guild_id, command) do update
                set ok = router.command_stats_daily.ok + excluded.ok,
                    err = router.command_stats_daily.err + excluded.err,
                    total_ms = router.command_stats_daily.total_ms + excluded.total_ms,
                    count = router.command_stats_daily.count + excluded.count, updated_at = excluded.updated_at),
            always as (
                insert into router.command_stats (guild_id, command, ok, err, total_ms, count, updated_at)
                select guild, command, sum(ok), sum(err), sum(total_ms), sum(ok) + sum(err), {now} from per_day
                    group by 1, 2
                on conflict (guild_id, command) do update
                set ok = router.command_stats.ok + excluded.ok, err = router.command_stats.err + excluded.err,
                    total_ms = router.command_stats.total_ms + excluded.total_ms,
                    count = router.command_stats.count + excluded.count, updated_at = excluded.updated_at)
            select count(*) from taken
            """,
            ct);
}
