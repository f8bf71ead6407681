using Npgsql;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;

namespace Rookery.Modules.LivePosts.Posting;

/// <summary>A stream that is worked on.</summary>
internal sealed record Broadcast(
    Guid Id,
    Guid StreamerId,
    string BroadcasterId,
    string EventId,
    DateTimeOffset StartedAt,
    string State,
    int Attempts,
    Guid Lease,
    DateTimeOffset? EndedAt = null)
{
    /// <summary>Which of those that Twitch shows is this one; one start may have several ids.</summary>
    public LiveBroadcast? In(IReadOnlyList<LiveBroadcast>? live) =>
        live?.FirstOrDefault(l => l.BroadcasterId == BroadcasterId && (l.StreamId == EventId || l.StartedAt == StartedAt));
}

/// <summary>The table <c>broadcasts</c>: what was told of streams, and what is to be done about it next.</summary>
internal sealed class BroadcastStore(Database db, TimeProvider clock)
{
    /// <summary>What began longer ago is not posted when it is found: it is no news.</summary>
    private static readonly TimeSpan News = TimeSpan.FromHours(1);

    /// <summary>
    /// A stream began. One start may be told under several ids; a start that comes while another stream is open ends that. What is
    /// told may come in any order: one that began before the last end, or before another stream, is over.
    /// </summary>
    public Task BeginAsync(string broadcaster, string streamId, DateTimeOffset startedAt, CancellationToken ct) => db.TransactionAsync(
        async transaction =>
        {
            var now = clock.GetUtcNow();
            // Of an end and a start that come at once, the second sees the first.
            await transaction.ExecuteAsync(
                $"select from live.streamers where twitch_broadcaster_id = {broadcaster} for no key update", ct);
            var made = await transaction.ExecuteAsync(
                $"""
                insert into live.broadcasts (id, streamer_id, event_id, started_at, next_try_at, created_at, ended_at)
                select {Guid.CreateVersion7(now)}, s.id, {streamId}, {startedAt}, {now}, {now}, least(
                    case when s.last_ended_at > {startedAt} then s.last_ended_at end,
                    (select min(p.started_at) from live.broadcasts p where p.streamer_id = s.id and p.started_at > {startedAt}))
                from live.streamers s where s.twitch_broadcaster_id = {broadcaster}
                on conflict do nothing
                """,
                ct);
            if (made == 1)
            {
                await EndAsync(transaction, broadcaster, startedAt, ct);
            }
        },
        ct);

    /// <summary>A stream ended. Kept also where none is open: its start may be told later.</summary>
    public Task EndAsync(string broadcaster, DateTimeOffset at, CancellationToken ct) => db.TransactionAsync(
        async transaction =>
        {
            await transaction.ExecuteAsync(
                $"update live.streamers set last_ended_at = greatest(last_ended_at, {at}) where twitch_broadcaster_id = {broadcaster}", ct);
            await EndAsync(transaction, broadcaster, at, ct);
        },
        ct);

    public Task ChangeAsync(string broadcaster, string title, string game, CancellationToken ct) => db.Write.ExecuteAsync(
        $"""
        update live.broadcasts b set title = {title}, game = {game}, version = b.version + 1
        from live.streamers s
        where s.id = b.streamer_id and s.twitch_broadcaster_id = {broadcaster} and b.ended_at is null
          and (b.title, b.game) is distinct from ({title}, {game})
        """,
        ct);

    /// <summary>
    /// What Twitch shows of those that are live. Who is missing for as long as it takes to look again is not live any more, however
    /// many nodes look; so is the number of viewers taken over once in that time, and posts change only with what they show.
    /// </summary>
    public async Task SeeAsync(IReadOnlyList<string> asked, IReadOnlyList<LiveBroadcast> live, TimeSpan every, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        // A look that comes a moment early is one all the same.
        var (counted, missed) = (now - (every * 0.9), now - every);
        var (streams, starts) = (live.Select(l => l.StreamId).ToArray(), live.Select(l => l.StartedAt).ToArray());
        var broadcasters = live.Select(l => l.BroadcasterId).ToArray();
        await db.Write.ExecuteAsync(
            $"""
            update live.broadcasts b
            set title = l.title, game = l.game, thumbnail_url = l.thumbnail, unseen_since = null,
                viewer_count = case when l.is_due then l.viewers else b.viewer_count end,
                counted_at = case when l.is_due then {now} else b.counted_at end,
                version = b.version + case
                    when (b.title, b.game) is distinct from (l.title, l.game) or (l.is_due and b.viewer_count is distinct from l.viewers) then 1
                    else 0 end
            from (
                select o.id, n.*, coalesce(o.counted_at <= {counted}, true) as is_due
                from unnest({broadcasters}, {streams}, {starts}, {live.Select(l => l.Title).ToArray()}, {live.Select(l => l.Game).ToArray()},
                        {live.Select(l => l.Viewers).ToArray()}, {live.Select(l => l.ThumbnailUrl).ToArray()})
                        as n (broadcaster, stream, start, title, game, viewers, thumbnail)
                    join live.streamers s on s.twitch_broadcaster_id = n.broadcaster
                    join live.broadcasts o on o.streamer_id = s.id and o.ended_at is null and (o.event_id = n.stream or o.started_at = n.start)
            ) l
            where b.id = l.id and b.ended_at is null
              and (l.is_due or b.unseen_since is not null or (b.title, b.game, b.thumbnail_url) is distinct from (l.title, l.game, l.thumbnail))
            """,
            ct);
        await db.Write.ExecuteAsync(
            $"""
            update live.broadcasts b
            set unseen_since = coalesce(b.unseen_since, {now}),
                ended_at = case when b.unseen_since <= {missed} then {now} end,
                version = b.version + case when b.unseen_since <= {missed} then 1 else 0 end,
                state = case when b.unseen_since <= {missed} then 'closing' else b.state end,
                next_try_at = case when b.unseen_since <= {missed} then {now} end, attempts = 0
            from live.streamers s
            where s.id = b.streamer_id and s.twitch_broadcaster_id = any({asked.ToArray()}) and b.ended_at is null and b.state = 'live'
              and (b.unseen_since is null or b.unseen_since <= {missed})
              and not exists (
                  select from unnest({broadcasters}, {streams}, {starts}) as l (broadcaster, stream, start)
                  where l.broadcaster = s.twitch_broadcaster_id and (l.stream = b.event_id or l.start = b.started_at))
            """,
            ct);
        // Twitch did not show it for so long, and does now.
        await db.Write.ExecuteAsync(
            $"""
            update live.broadcasts b set state = 'live', ended_at = null, unseen_since = null, version = b.version + 1
            from unnest({broadcasters}, {streams}, {starts}) as l (broadcaster, stream, start)
                join live.streamers s on s.twitch_broadcaster_id = l.broadcaster
            where b.streamer_id = s.id and (b.event_id = l.stream or b.started_at = l.start)
              and b.state = 'closed' and b.posted_at is not null and b.ended_at <= {missed}
              and not exists (select from live.broadcasts o where o.streamer_id = s.id and o.started_at > b.started_at)
            """,
            ct);
    }

    /// <summary>
    /// Streams that Twitch shows and nobody told of: their start was lost on the way. Who was live already when the first guild began
    /// to follow is not posted, nor what began long ago.
    /// </summary>
    public async Task BeginUntoldAsync(IReadOnlyList<LiveBroadcast> live, CancellationToken ct)
    {
        var untold = await db.Write.ListAsync(
            $"""
            select l.broadcaster, l.stream, l.start
            from unnest({live.Select(l => l.BroadcasterId).ToArray()}, {live.Select(l => l.StreamId).ToArray()},
                    {live.Select(l => l.StartedAt).ToArray()}) as l (broadcaster, stream, start)
                join live.streamers s on s.twitch_broadcaster_id = l.broadcaster
            where l.start > {clock.GetUtcNow() - News}
              and not exists (
                  select from live.broadcasts b where b.streamer_id = s.id and (b.event_id = l.stream or b.started_at >= l.start))
              and l.start > (select min(gs.added_at) from live.guild_streamers gs where gs.streamer_id = s.id)
            """,
            r => (Broadcaster: r.GetString(0), Stream: r.GetString(1), Start: r.GetFieldValue<DateTimeOffset>(2)),
            ct);
        foreach (var (broadcaster, stream, start) in untold)
        {
            await BeginAsync(broadcaster, stream, start, ct);
        }
    }

    public Task<IReadOnlyList<string>> LiveAsync(CancellationToken ct) => db.Write.ListAsync(
        $"""
        select distinct s.twitch_broadcaster_id from live.broadcasts b join live.streamers s on s.id = b.streamer_id
        where b.ended_at is null and b.state = 'live'
        """,
        r => r.GetString(0),
        ct);

    /// <summary>Takes one that is due, for as long as the lease lasts.</summary>
    public Task<Broadcast?> TakeAsync(TimeSpan lease, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return db.Write.FindAsync(
            $"""
            with due as materialized (
                select id from live.broadcasts where next_try_at <= {now} order by next_try_at limit 1 for update skip locked)
            update live.broadcasts b set lease = {Guid.NewGuid()}, next_try_at = {now + lease}
            from due, live.streamers s
            where b.id = due.id and s.id = b.streamer_id
            returning b.id, b.streamer_id, s.twitch_broadcaster_id, b.event_id, b.started_at, b.state, b.attempts, b.lease, b.ended_at
            """,
            Read,
            ct);
    }

    /// <summary>Nothing is known yet: again later.</summary>
    public Task WaitAsync(Broadcast b, TimeSpan wait, CancellationToken ct) => db.Write.ExecuteAsync(
        $"""
        update live.broadcasts set attempts = attempts + 1, next_try_at = {clock.GetUtcNow() + wait}
        where id = {b.Id} and lease = {b.Lease} and state = {b.State}
        """,
        ct);

    /// <summary>The stream is known as far as it will be: it is posted now.</summary>
    /// <param name="found">It is live, whatever end was told. Null: Twitch does not show it, so it is told with what its beginning told.</param>
    public Task FoundAsync(Broadcast b, LiveBroadcast? found, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return db.TransactionAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync(
                    $"""
                    update live.broadcasts
                    set state = 'posting', attempts = 0, next_try_at = {now}, lease = null, title = coalesce({found?.Title}, title),
                        game = coalesce({found?.Game}, game), viewer_count = coalesce({found?.Viewers}, viewer_count),
                        thumbnail_url = coalesce({found?.ThumbnailUrl}, thumbnail_url),
                        ended_at = case when {found is null} or ended_at is distinct from {b.EndedAt} then ended_at end
                    where id = {b.Id} and lease = {b.Lease} and state = 'lookup'
                    """,
                    ct);
                await transaction.ExecuteAsync(
                    $"""
                    update live.streamers set twitch_login = lower({found?.Login}), twitch_display_name = {found?.DisplayName}
                    where id = {b.StreamerId} and length({found?.Login}) > 0
                    """,
                    ct);
            },
            ct);
    }

    /// <param name="vod">Null or empty: there is no recording.</param>
    public Task CloseAsync(Broadcast b, string? vod, CancellationToken ct) => db.Write.ExecuteAsync(
        $"""
        update live.broadcasts
        set state = 'closed', next_try_at = null, lease = null, vod_url = nullif({vod}, ''),
            version = version + case when length({vod}) > 0 then 1 else 0 end
        where id = {b.Id} and lease = {b.Lease} and state = 'closing'
        """,
        ct);

    /// <summary>The end was none: the stream is live, and its posts say so again.</summary>
    public Task ReopenAsync(Broadcast b, CancellationToken ct) => db.Write.ExecuteAsync(
        $"""
        update live.broadcasts b
        set state = 'live', ended_at = null, next_try_at = null, lease = null, attempts = 0, unseen_since = null, version = b.version + 1
        where b.id = {b.Id} and b.lease = {b.Lease} and b.state = 'closing'
        """,
        ct);

    /// <returns>When the next one is due; null: none is.</returns>
    public Task<DateTimeOffset?> NextAsync(CancellationToken ct) =>
        db.Write.ValueAsync<DateTimeOffset?>($"select min(next_try_at) from live.broadcasts", ct);

    /// <summary>Ends what began before. One that is not posted yet stays in its state, and is closed after that.</summary>
    private Task EndAsync(Session session, string broadcaster, DateTimeOffset at, CancellationToken ct) => session.ExecuteAsync(
        $"""
        update live.broadcasts b
        set ended_at = {at}, version = b.version + 1,
            state = case when b.state = 'live' then 'closing' else b.state end,
            next_try_at = case when b.state = 'live' then {clock.GetUtcNow()} else b.next_try_at end
        from live.streamers s
        where s.id = b.streamer_id and s.twitch_broadcaster_id = {broadcaster} and b.ended_at is null and b.started_at < {at}
        """,
        ct);

    private static Broadcast Read(NpgsqlDataReader r) => new(
        r.GetGuid(0),
        r.GetGuid(1),
        r.GetString(2),
        r.GetString(3),
        r.GetFieldValue<DateTimeOffset>(4),
        r.GetString(5),
        r.GetInt32(6),
        r.GetGuid(7),
        r.IsDBNull(8) ? null : r.GetFieldValue<DateTimeOffset>(8));
}
