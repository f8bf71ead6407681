using Rookery.Kernel.Data;
using Rookery.Kernel.Scheduling;

namespace Rookery.Modules.Moderation;

/// <summary>
/// Adds what <see cref="MessageScreen"/> appended to the rules, in one transaction: each match counts once, also when the
/// node dies in between.
/// </summary>
internal sealed class FoldMatches(Database db) : IJob
{
    private const int AtOnce = 20_000;

    public TimeSpan Period => TimeSpan.FromSeconds(1);

    public async ValueTask RunAsync(CancellationToken ct)
    {
        while (await FoldAsync(ct) == AtOnce)
        {
            // More waits.
        }
    }

    /// <returns>Deltas folded; 0 also while another node folds.</returns>
    private Task<long> FoldAsync(CancellationToken ct) => db.TransactionAsync(
        async transaction => await transaction.ValueAsync<bool>(
            $"select pg_try_advisory_xact_lock(hashtextextended('moderation.fold_matches', 0))", ct)
            ? await transaction.ValueAsync<long>(
                $"""
                with taken as materialized (
                    delete from moderation.match_deltas
                    where ctid = any(array(select ctid from moderation.match_deltas limit {AtOnce}))
                    returning *),
                counted as (
                    update moderation.stringmatch r
                    set match_count = r.match_count + t.matches, last_matched = greatest(r.last_matched, t.last_matched)
                    from (select rule_id, sum(matches) as matches, max(last_matched) as last_matched from taken
                        group by 1) t
                    where r.id = t.rule_id)
                select count(*) from taken
                """,
                ct)
            : 0,
        ct);
}
