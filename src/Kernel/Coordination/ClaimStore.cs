using System.Text.Json;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;

namespace Rookery.Kernel.Coordination;

/// <summary>What a holder writes down about a claim; writing it down is a check-in.</summary>
/// <param name="Metadata">JSON object to be merged; null: nothing new.</param>
internal sealed record ClaimNews(long Token, string? Metadata = null, bool IsActive = false);

/// <summary>
/// The claims in <c>kernel.coordination</c>. Each statement is conditional on the token, so it does nothing for a claim
/// that is another's by now. One that writes several rows locks them in the order of their tokens first, as whoever stores
/// events under them does, so that nobody waits for each other.
/// </summary>
internal sealed class ClaimStore(Database db, Node node, IOptions<CoordinationOptions> options, TimeProvider clock)
{
    /// <summary>A holder that is late with a check-in by a fifth of its interval is silent.</summary>
    public const double Late = 1.2;

    /// <summary>Seconds, doubled with each failure in a row, at most an hour.</summary>
    private static readonly SqlFragment Backoff = Sql.Fragment("least(3600, 15 * 2 ^ least(c.error_count, 10))");

    private static readonly SqlFragment Nothing = Sql.Fragment("'{}'::jsonb");

    private static readonly SqlFragment Free = Sql.Fragment(
        "claimed_by = null, claimed_at = null, claim_expires = null, last_checkin = null, fencing_token = null");

    private readonly string _me = node.Id.ToString();

    /// <summary>Puts rows up and takes back those of the platform that are not among them.</summary>
    public Task OfferAsync(Platform platform, IReadOnlyList<ChannelId> channels, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        string[] ids = [.. channels.Select(c => c.ToString())];
        string?[] servers = [.. channels.Select(c => c.Server)];
        string[] names = [.. channels.Select(c => c.Channel)];
        return db.Write.ExecuteAsync(
            $"""
            with offered as materialized (
                select o.*, s.config from unnest({servers}, {names}, {ids}) as o (server_id, channel_id, entity_id)
                left join kernel.servers s on s.platform = {platform.Name()}
                    and s.server_id is not distinct from o.server_id and s.channel is not distinct from o.channel_id
                where s.is_active is not false),
            gone as (
                delete from kernel.coordination where id in (
                    select id from kernel.coordination
                    where platform = {platform.Name()} and entity_id <> all(array(select entity_id from offered))
                    order by fencing_token for update))
            insert into kernel.coordination
                (platform, server_id, channel_id, entity_id, heartbeat_interval, config, created_at, updated_at)
            select {platform.Name()}, server_id, channel_id, entity_id, {(int)options.Value.CheckIn.TotalSeconds},
                coalesce(config, {Nothing}), {now}, {now}
            from offered o where not exists (select from kernel.coordination c where c.entity_id = o.entity_id)
            on conflict (entity_id) do nothing
            """,
            ct);
    }

    /// <summary>
    /// Takes at most so many rows that are free, or whose holder is dead, silent or out of time: the most important first.
    /// A node that others could not see die takes none.
    /// </summary>
    /// <param name="held">Tokens it holds; another row in its name is one whose end or beginning it did not hear of.</param>
    public async Task<IReadOnlyList<ClaimRow>> ClaimAsync(Platform platform, int limit, long[] held, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return await db.Write.ListAsync(
            $"""
            with alive as materialized (select a.node_id::text as id from ({Node.Alive}) a),
            chosen as (
                select id, claimed_by is not null and claimed_by <> {_me} as is_taken_over from kernel.coordination
                where platform = {platform.Name()} and {_me} in (select id from alive)
                  and (retry_at is null or retry_at <= {now})
                  and (claimed_by is null or claimed_by not in (select id from alive) or claim_expires < {now}
                      or (claimed_by = {_me} and fencing_token <> all({held}))
                      or last_checkin < {now} - greatest({options.Value.Silence}, heartbeat_interval * {Late} * interval '1 second'))
                order by is_live desc, priority, viewer_count desc, last_activity nulls first, id
                limit {limit} for update skip locked)
            update kernel.coordination c
            set claimed_by = {_me}, claimed_at = {now}, claim_expires = {now + options.Value.ClaimFor}, last_checkin = {now},
                status = 'claimed', fencing_token = nextval('kernel.fencing_tokens'), updated_at = {now}
            from chosen where c.id = chosen.id
            returning c.platform, c.server_id, c.channel_id, c.entity_id, c.fencing_token, c.heartbeat_interval,
                c.metadata::text, c.config::text, chosen.is_taken_over
            """,
            r => new ClaimRow(
                Platforms.Parse(r.GetString(0)),
                r.IsDBNull(1) ? null : r.GetString(1),
                r.GetString(2),
                r.GetString(3),
                r.GetInt64(4),
                TimeSpan.FromSeconds(r.GetInt32(5)),
                JsonElement.Parse(r.GetString(6)),
                JsonElement.Parse(r.GetString(7)),
                r.GetBoolean(8)),
            ct);
    }

    /// <summary>
    /// Of claims that are held the least important: not live, low in priority, with few viewers, and quiet for long, so
    /// that changing hands disturbs few.
    /// </summary>
    public Task<IReadOnlyList<long>> LeastAsync(long[] held, int count, CancellationToken ct) => db.Write.ListAsync(
        $"""
        select fencing_token from kernel.coordination where fencing_token = any({held})
        order by is_live, priority desc, viewer_count, last_activity nulls first, fencing_token desc
        limit {count}
        """,
        r => r.GetInt64(0),
        ct);

    /// <returns>The tokens that still hold; the others are lost.</returns>
    public async Task<IReadOnlySet<long>> CheckInAsync(IReadOnlyList<ClaimNews> news, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return (await db.Write.ListAsync(
            $"""
            with mine as materialized (
                select fencing_token from kernel.coordination where fencing_token = any({Tokens(news)})
                order by fencing_token for update)
            update kernel.coordination c
            set last_checkin = {now}, claim_expires = {now + options.Value.ClaimFor}, updated_at = {now},
                metadata = c.metadata || coalesce(n.metadata::jsonb, {Nothing}),
                last_activity = case when n.active then {now} else c.last_activity end,
                error_count = case when n.active then 0 else c.error_count end,
                last_error = case when n.active then null else c.last_error end
            from unnest({Tokens(news)}, {news.Select(n => n.Metadata).ToArray()}, {news.Select(n => n.IsActive).ToArray()})
                as n (token, metadata, active)
            where c.fencing_token = n.token and c.claimed_by = {_me} and n.token in (select fencing_token from mine)
            returning c.fencing_token
            """,
            r => r.GetInt64(0),
            ct)).ToHashSet();
    }

    /// <summary>Gives claims back; they are free at once.</summary>
    public Task ReleaseAsync(IReadOnlyList<ClaimNews> news, CancellationToken ct) => db.Write.ExecuteAsync(
        $"""
        with mine as materialized (
            select fencing_token from kernel.coordination where fencing_token = any({Tokens(news)})
            order by fencing_token for update)
        update kernel.coordination c
        set {Free}, status = 'available', updated_at = {clock.GetUtcNow()},
            metadata = c.metadata || coalesce(n.metadata::jsonb, {Nothing})
        from unnest({Tokens(news)}, {news.Select(n => n.Metadata).ToArray()}) as n (token, metadata)
        where c.fencing_token = n.token and n.token in (select fencing_token from mine)
        """,
        ct);

    /// <summary>Gives a claim back that could not be served.</summary>
    /// <param name="jitter">A draw from [0, 1).</param>
    public Task FailAsync(long token, string why, double jitter, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return db.Write.ExecuteAsync(
            $"""
            update kernel.coordination c
            set {Free}, status = 'error', error_count = c.error_count + 1, last_error = {why}, updated_at = {now},
                last_check = {now}, retry_at = {now} + {Backoff} * {0.5 + (jitter / 2)} * interval '1 second'
            where c.fencing_token = {token}
            """,
            ct);
    }

    private static long[] Tokens(IReadOnlyList<ClaimNews> news) => [.. news.Select(n => n.Token)];
}
