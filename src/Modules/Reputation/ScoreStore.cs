using System.Text.Json.Nodes;
using Npgsql;
using Rookery.Kernel;
using Rookery.Kernel.Auditing;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Web;

namespace Rookery.Modules.Reputation;

/// <summary>Reads scores and their events, and adjusts them by hand.</summary>
internal sealed class ScoreStore(Database db, AuditLog audit, TimeProvider clock)
{
    private static readonly SqlFragment Columns = Sql.Fragment(
        """
        (select count(*) + 1 from reputation.reputation_scores o
            where o.community_id = s.community_id and o.score > s.score),
        s.platform, s.user_id, s.user_name, s.score, s.events, s.created_at, s.updated_at
        """);

    private static readonly SqlFragment EventColumns = Sql.Fragment(
        "id, platform, user_id, event_id, activity_type, points, previous_score, new_score, reason, created_at");

    public Task<Standing?> FindAsync(
        long community, Platform platform, string user, CancellationToken ct) => db.Read.FindAsync(
        $"""
        select {Columns} from reputation.reputation_scores s
        where s.community_id = {community} and s.platform = {platform.Name()} and s.user_id = {user}
        """,
        Read,
        ct);

    /// <summary>Who was last seen under a name, which may be several; at most two of them.</summary>
    public Task<IReadOnlyList<Standing>> NamedAsync(
        long community, Platform platform, string name, CancellationToken ct) => db.Read.ListAsync(
        $"""
        select {Columns} from reputation.reputation_scores s
        where s.community_id = {community} and s.platform = {platform.Name()} and lower(s.user_name) = lower({name}) limit 2
        """,
        Read,
        ct);

    /// <summary>The highest scores. Equal ones are in the order of the accounts, so that pages do not flicker.</summary>
    public Task<IReadOnlyList<Standing>> LeadersAsync(long community, int limit, CancellationToken ct) => db.Read.ListAsync(
        $"""
        select rank() over (order by s.score desc), s.platform, s.user_id, s.user_name, s.score, s.events, s.created_at,
            s.updated_at
        from (select * from reputation.reputation_scores where community_id = {community}
            order by score desc, platform, user_id limit {limit}) s
        order by s.score desc, s.platform, s.user_id
        """,
        Read,
        ct);

    /// <summary>Newest first.</summary>
    public Task<IReadOnlyList<ScoreEvent>> EventsAsync(
        long community, Platform? platform, string? user, string? type, PageQuery page, CancellationToken ct) =>
        db.Read.ListAsync(
            $"""
            select {EventColumns} from reputation.reputation_events
            where community_id = {community}
              and ({platform?.Name()}::text is null or platform = {platform?.Name()})
              and ({user}::text is null or user_id = {user})
              and ({type}::text is null or activity_type = {type})
              and ({page.AfterId}::bigint is null or id < {page.AfterId})
            order by id desc limit {page.Limit + 1}
            """,
            ReadEvent,
            ct);

    public async Task<ReputationStats> StatsAsync(long community, int days, CancellationToken ct)
    {
        var types = await db.Read.ListAsync(
            $"""
            select activity_type, count(*), count(distinct (platform, user_id)), sum(points) from reputation.reputation_events
            where community_id = {community} and created_at >= {clock.GetUtcNow().AddDays(-days)}
            group by activity_type order by 2 desc, 1
            """,
            r => new TypeStats(r.GetString(0), r.GetInt64(1), r.GetInt64(2), r.GetDecimal(3)),
            ct);
        return (await db.Read.FindAsync(
            $"""
            select count(*), coalesce(sum(score), 0), round(avg(score), 2), max(score), min(score)
            from reputation.reputation_scores where community_id = {community}
            """,
            r => new ReputationStats(
                r.GetInt64(0), r.GetDecimal(1), Maybe(r, 2), Maybe(r, 3), Maybe(r, 4), days, types),
            ct))!;
    }

    /// <summary>Adds to a score by hand, or takes from it.</summary>
    /// <exception cref="PostgresException">23503: there is no such community.</exception>
    public Task<ScoreEvent> AdjustAsync(
        long community, Platform platform, string user, string? name, decimal points, string reason, string by,
        CancellationToken ct) => db.TransactionAsync(
        async transaction =>
        {
            var now = clock.GetUtcNow();
            var adjusted = await transaction.FindAsync(
                $"""
                with scored as (
                    insert into reputation.reputation_scores as s (community_id, platform, user_id, user_name, score, events,
                        created_at, updated_at)
                    values ({community}, {platform.Name()}, {user}, {name ?? user}, {points}, 1, {now}, {now})
                    on conflict (community_id, platform, user_id) do update
                    set score = s.score + excluded.score, events = s.events + 1,
                        user_name = coalesce({name}, s.user_name), updated_at = excluded.updated_at
                    returning score)
                insert into reputation.reputation_events (community_id, platform, user_id, event_id, activity_type, points,
                    previous_score, new_score, reason, created_at)
                select {community}, {platform.Name()}, {user}, {$"{Ids.New(now)}"}, {ActivityTypes.Adjustment}, {points},
                    score - {points}, score, {reason}, {now}
                from scored
                returning {EventColumns}
                """,
                ReadEvent,
                ct);
            var details = new JsonObject
            {
                ["platform"] = platform.Name(),
                ["user_id"] = user,
                ["points"] = points,
                ["reason"] = reason,
            };
            await audit.WriteAsync(transaction, community, by, "reputation.adjusted", details, ct);
            return adjusted!;
        },
        ct);

    private static Standing Read(NpgsqlDataReader r) => new(
        r.GetInt64(0),
        Platforms.Parse(r.GetString(1)),
        r.GetString(2),
        r.GetString(3),
        r.GetDecimal(4),
        r.GetInt64(5),
        r.GetFieldValue<DateTimeOffset>(6),
        r.GetFieldValue<DateTimeOffset>(7));

    private static ScoreEvent ReadEvent(NpgsqlDataReader r) => new(
        r.GetInt64(0),
        Platforms.Parse(r.GetString(1)),
        r.GetString(2),
        r.GetString(3),
        r.GetString(4),
        r.GetDecimal(5),
        r.GetDecimal(6),
        r.GetDecimal(7),
        r.IsDBNull(8) ? null : r.GetString(8),
        r.GetFieldValue<DateTimeOffset>(9));

    private static decimal? Maybe(NpgsqlDataReader r, int column) => r.IsDBNull(column) ? null : r.GetDecimal(column);
}
