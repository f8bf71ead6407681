using Rookery.Kernel.Data;

namespace Rookery.Modules.LivePosts.Preferences;

/// <summary>
/// What becomes of roles that were to be given or taken. Who may not change one member's role may change nobody's, so of all whose role
/// does not follow one is tried again, and the others once that works: ten thousand cost no more calls than one.
/// </summary>
internal sealed class ChangeResults(TimeProvider clock)
{
    private const int AtOnce = 1000;
    private const int FewTries = 5;

    /// <summary>It is waited for as long again as it fails, within these.</summary>
    private static readonly TimeSpan LeastWait = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan MostWait = TimeSpan.FromHours(1);

    /// <summary>
    /// Takes over what became of changes. Who cannot be written to, which shows at once and not after many tries, gets no more
    /// direct messages; why a role does not follow is for those who administer the guild, but not that somebody left, which is final.
    /// </summary>
    public async Task TakeAsync(Transaction t, CancellationToken ct)
    {
        // Streamers come before members wherever both are written.
        await t.ExecuteAsync(
            $"""
            select from live.guild_streamers
            where (guild_id, streamer_id) in (
                select p.guild_id, p.streamer_id from live.user_preferences p join kernel.outbox o on o.idempotency_key = p.change_key
                where p.change_key is not null and o.status <> 'pending')
            order by guild_id, streamer_id for update
            """,
            ct);
        var results = await t.ListAsync(
            $"""
            with ended as (
                select p.user_id, p.guild_id, p.streamer_id, coalesce(o.last_error, '') as last_error, o.attempts,
                    starts_with(p.change_key, {RoleChange.Prefix}) as of_role, o.status = 'failed' as is_failed,
                    o.status = 'failed' and coalesce(o.last_error, '') like 'Member % is not in the server.' as is_gone,
                    o.status = 'sent' and (p.failed or starts_with(p.change_key, {RoleChange.Given})) as shows_it_works
                from live.user_preferences p join kernel.outbox o on o.idempotency_key = p.change_key
                where p.change_key is not null and o.status <> 'pending' limit {AtOnce} for update of p skip locked),
            noted as (
                update live.user_preferences p
                set change_key = null, failed = case when ended.of_role then ended.is_failed and not ended.is_gone else p.failed end,
                    notifications_enabled = p.notifications_enabled
                        and not (ended.is_failed and not ended.of_role and p.via = 'dm' and ended.attempts < {FewTries})
                from ended where p.user_id = ended.user_id and p.guild_id = ended.guild_id and p.streamer_id = ended.streamer_id)
            select guild_id, streamer_id, min(last_error) filter (where is_failed) from ended
            where of_role and not is_gone group by guild_id, streamer_id having bool_or(is_failed or shows_it_works)
            """,
            r => new Result(r.GetString(0), r.GetGuid(1), r.IsDBNull(2) ? null : r.GetString(2)),
            ct);
        foreach (var result in results)
        {
            await (result.Problem is null ? WorksAsync(t, result, ct) : FailsAsync(t, result, ct));
        }
    }

    /// <summary>Has one of the members tried again whose role does not follow; the next time it is another.</summary>
    public Task<int> RetryAsync(Session session, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return session.ExecuteAsync(
            $"""
            with due as (
                select gs.guild_id, gs.streamer_id, exists (
                    select from live.user_preferences f
                    where f.guild_id = gs.guild_id and f.streamer_id = gs.streamer_id and f.failed) as fails
                from live.guild_streamers gs join live.guilds g on g.guild_id = gs.guild_id
                where gs.role_retry_at <= {now} and g.left_at is null limit {AtOnce} for update of gs skip locked),
            chosen as materialized (
                select due.guild_id, due.streamer_id, one.user_id
                from due cross join lateral (
                    select f.user_id from live.user_preferences f
                    where f.guild_id = due.guild_id and f.streamer_id = due.streamer_id
                      and f.failed and f.applied = f.version and f.change_key is null
                    order by f.version, f.user_id limit 1 for update skip locked) one),
            tried as (
                update live.user_preferences p set version = p.version + 1 from chosen
                where p.guild_id = chosen.guild_id and p.streamer_id = chosen.streamer_id and p.user_id = chosen.user_id)
            update live.guild_streamers gs
            set role_retry_at = case when due.fails then {now} + least(greatest({now} - gs.role_failing_since, {LeastWait}), {MostWait}) end,
                role_failing_since = case when due.fails then gs.role_failing_since end,
                role_problem = case when due.fails then gs.role_problem end
            from due where gs.guild_id = due.guild_id and gs.streamer_id = due.streamer_id
            """,
            ct);
    }

    private Task<int> FailsAsync(Transaction t, Result result, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return t.ExecuteAsync(
            $"""
            update live.guild_streamers
            set role_problem = {result.Problem}, role_failing_since = coalesce(role_failing_since, {now}),
                role_retry_at = {now} + least(greatest({now} - role_failing_since, {LeastWait}), {MostWait})
            where guild_id = {result.GuildId} and streamer_id = {result.StreamerId} and role_id is not null
            """,
            ct);
    }

    private static async Task<int> WorksAsync(Transaction t, Result result, CancellationToken ct)
    {
        await t.ExecuteAsync(
            $"""
            with others as materialized (
                select user_id from live.user_preferences
                where guild_id = {result.GuildId} and streamer_id = {result.StreamerId}
                  and failed and applied = version and change_key is null
                for update skip locked)
            update live.user_preferences p set version = version + 1
            from others where p.guild_id = {result.GuildId} and p.streamer_id = {result.StreamerId} and p.user_id = others.user_id
            """,
            ct);
        return await t.ExecuteAsync(
            $"""
            update live.guild_streamers gs set role_problem = null, role_failing_since = null, role_retry_at = null
            where gs.guild_id = {result.GuildId} and gs.streamer_id = {result.StreamerId}
              and (gs.role_problem is not null or gs.role_retry_at is not null) and not exists (
                select from live.user_preferences f where f.guild_id = gs.guild_id and f.streamer_id = gs.streamer_id and f.failed)
            """,
            ct);
    }

    /// <param name="Problem">Null: it works.</param>
    private sealed record Result(string GuildId, Guid StreamerId, string? Problem);
}
