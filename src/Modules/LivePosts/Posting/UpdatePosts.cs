using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;
using Rookery.Kernel.Scheduling;
using Rookery.Modules.LivePosts.Templates;

namespace Rookery.Modules.LivePosts.Posting;

/// <summary>
/// Brings posts up to what is known of their streams. A post that still has an edit under way waits for its end, so that an
/// old state never comes after a newer one. What becomes of edits that fail, <see cref="NoteEdits"/> says.
/// </summary>
internal sealed class UpdatePosts(Database db, Outbox outbox, TimeProvider clock) : IJob
{
    private const int AtOnce = 200;

    /// <summary>How long after its end a stream can still change.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    public TimeSpan Period => TimeSpan.FromSeconds(2);

    public async ValueTask RunAsync(CancellationToken ct)
    {
        var writer = new PostWriter(clock);
        while (await db.TransactionAsync(t => PageAsync(t, writer, ct), ct) == AtOnce)
        {
            // More than were taken at once.
        }
    }

    private async Task<int> PageAsync(Transaction t, PostWriter writer, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var rows = await BehindAsync(t, now, ct);
        var items = rows.Select(r => (Row: r, Action: r.Action(writer, now))).ToList();
        await outbox.AddAsync(
            t,
            [
                .. items.Where(i => i.Action is not null).Select(i => new OutboxItem(
                    i.Row.EditKey(now), i.Row.For.Platform.Name(), i.Row.For.CommunityId, i.Row.For.Channel.ToString(), i.Action!, OutboxPriority.Bulk)),
            ],
            ct);
        await t.ExecuteAsync(
            $"""
            update live.notification_log l
            set shown_version = u.version, edit_key = u.key, edit_after = null, ended_at = u.ended, is_over = u.over,
                delete_at = u.delete_at
            from unnest({rows.Select(r => r.Id).ToArray()}, {rows.Select(r => r.Version).ToArray()},
                {items.Select(i => i.Action is null ? null : i.Row.EditKey(now)).ToArray()}, {rows.Select(r => r.Facts.EndedAt).ToArray()},
                {rows.Select(r => r.IsToGo(now)).ToArray()}, {rows.Select(r => r.IsToGo(now) ? null : r.DeleteAt).ToArray()})
                as u (id, version, key, ended, over, delete_at)
            where l.id = u.id
            """,
            ct);
        return rows.Count;
    }

    private Task<IReadOnlyList<PostedRow>> BehindAsync(Transaction t, DateTimeOffset now, CancellationToken ct) => t.ListAsync(
        $"""
        select {Following.Columns}, {StreamRow.Columns}, l.id, l.message_id, l.channel_id, b.version, l.shown_version,
            gs.live_update, gs.on_end, l.edit_after, gs.reannounce_minutes, l.ended_at is not null,
            b.state = 'closed'
        from live.notification_log l
            join live.broadcasts b on b.event_id = l.event_id and b.id = l.broadcast_id
            join live.streamers s on s.id = b.streamer_id
            join live.guild_streamers gs on gs.guild_id = l.guild_id and gs.streamer_id = l.streamer_id
            join live.guilds g on g.guild_id = l.guild_id
            join live.guild_config c on c.guild_id = l.guild_id
        where l.status = 'sent' and not l.is_over and l.message_id is not null
          and (l.shown_version < b.version or (l.delete_at <= {now} and b.state = 'closed'))
          and (l.edit_after is null or l.edit_after <= {now})
          and not exists (
              select from kernel.outbox o
              where o.idempotency_key = l.edit_key and (o.status = 'pending' or (o.status = 'failed' and l.edit_after is null and l.shown_version > 0)))
          and (b.ended_at is null or b.ended_at > {now - Longest})
        order by l.id limit {AtOnce} for update of l skip locked
        """,
        PostedRow.Read,
        ct);
}
