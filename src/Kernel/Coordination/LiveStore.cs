using Rookery.Kernel.Data;

namespace Rookery.Kernel.Coordination;

/// <summary>How a stream stands.</summary>
/// <param name="Metadata">JSON object to be merged; null: nothing new.</param>
public sealed record LiveState(Claim Claim, bool IsLive, int Viewers = 0, DateTimeOffset? Since = null, string? Metadata = null);

/// <summary>Who is live, in <c>kernel.coordination</c>.</summary>
internal sealed class LiveStore(Database db, TimeProvider clock)
{
    private static readonly TimeSpan LivesAtLeast = TimeSpan.FromMinutes(3);

    private static readonly SqlFragment Nothing = Sql.Fragment("'{}'::jsonb");

    /// <summary>
    /// Writes how streams stand, for those whose claims hold. Who asks a platform hears of a new stream later than its event
    /// told, so for some minutes an answer does not end one.
    /// </summary>
    public Task SetAsync(IReadOnlyList<LiveState> states, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        long[] tokens = [.. states.Select(s => s.Claim.Token)];
        return db.Write.ExecuteAsync(
            $"""
            with mine as materialized (
                select fencing_token from kernel.coordination where fencing_token = any({tokens})
                order by fencing_token for update)
            update kernel.coordination c
            set is_live = s.is_live, viewer_count = s.viewers, status = case when s.is_live then 'live' else 'offline' end,
                live_since = case when s.is_live then coalesce(s.since, c.live_since, {now}) end,
                metadata = c.metadata || coalesce(s.metadata::jsonb, {Nothing}), last_check = {now}, updated_at = {now}
            from unnest({tokens}, {states.Select(s => s.IsLive).ToArray()},
                {states.Select(s => s.Viewers).ToArray()}, {states.Select(s => s.Since).ToArray()},
                {states.Select(s => s.Metadata).ToArray()}) as s (token, is_live, viewers, since, metadata)
            where c.fencing_token = s.token and s.token in (select fencing_token from mine)
              and (s.is_live or not c.is_live or c.live_since < {now - LivesAtLeast})
            """,
            ct);
    }

    /// <summary>Writes that a stream began or ended, whoever holds the channel.</summary>
    public Task SetAsync(string entityId, DateTimeOffset? since, CancellationToken ct)
    {
        var (now, isLive) = (clock.GetUtcNow(), since is not null);
        return db.Write.ExecuteAsync(
            $"""
            update kernel.coordination
            set is_live = {isLive}, live_since = {since}, viewer_count = case when {isLive} then viewer_count else 0 end,
                status = case when claimed_by is null then status when {isLive} then 'live' else 'offline' end,
                last_activity = {now}, last_check = {now}, updated_at = {now}
            where entity_id = {entityId}
            """,
            ct);
    }
}
