using System.Text.Json;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;
using Rookery.Modules.LivePosts.Preferences;
using Rookery.Modules.LivePosts.Templates;

namespace Rookery.Modules.LivePosts.Posting;

/// <summary>
/// Gives every guild that follows a streamer its row and its post, a page of guilds in each transaction: a guild's row, what is
/// to be sent for it and how far the pages have come stand together or not at all. Several pages are written at a time and end in
/// their order, each only where the one before it ended.
/// </summary>
internal sealed class FanOut(Database db, Outbox outbox, DirectPosts direct, IOptions<LiveOptions> options, TimeProvider clock)
{
    public async Task RunAsync(Broadcast b, CancellationToken ct)
    {
        var posts = new Posts(new PostWriter(clock));
        while (await HeldAsync(b, ct) is { } held)
        {
            await GoOnAsync(b, held, posts, ct);
        }
    }

    /// <returns>Null when all pages are done, or another node goes on.</returns>
    private Task<Held?> HeldAsync(Broadcast b, CancellationToken ct) => db.Write.FindAsync(
        $"""
        select b.after_guild, b.version, {StreamRow.Columns}, exists (
            select from live.broadcasts p
            where p.streamer_id = b.streamer_id and p.id <> b.id and p.ended_at > b.started_at - interval '1 day')
        from live.broadcasts b join live.streamers s on s.id = b.streamer_id
        where b.id = {b.Id} and b.lease = {b.Lease} and b.state = 'posting'
        """,
        r => new Held(r.GetString(0), r.GetInt32(1), StreamRow.Read(r, 2).Facts, MayGoOn: r.GetBoolean(2 + StreamRow.Width)),
        ct);

    /// <summary>Ends early when the broadcast is not any more what it was.</summary>
    private async Task GoOnAsync(Broadcast b, Held held, Posts posts, CancellationToken ct)
    {
        var underWay = new Queue<Task<bool>>();
        var before = Task.FromResult(true);
        try
        {
            for (Page? last = null; last is not { IsLast: true };)
            {
                if (underWay.Count == options.Value.PagesAtOnce && !await underWay.Dequeue())
                {
                    return;
                }

                last = await PageAsync(b, held, last?.Until ?? held.After, posts, ct);
                before = WriteAsync(b, held, last, before, ct);
                underWay.Enqueue(before);
            }
        }
        finally
        {
            await Task.WhenAll(underWay);
        }
    }

    private async Task<Page> PageAsync(Broadcast b, Held held, string after, Posts posts, CancellationToken ct)
    {
        var following = await FollowingAsync(b, after, held.MayGoOn, options.Value.PageSize + 1, ct);
        var isLast = following.Count <= options.Value.PageSize;
        following = isLast ? following : [.. following.SkipLast(1)];
        var now = clock.GetUtcNow();
        var rows = following.Select(f => LogRow.Of(f, b, held.Version, held.Facts, now, clock)).ToList();
        var items = rows.Where(r => r.IsNew).Select(r => (r, Item(r, held.Version, held.Facts, posts))).ToList();
        return new Page(after, following.Count > 0 ? following[^1].GuildId : after, isLast, rows, items, now);
    }

    /// <param name="before">The writing of the page before, which ends first.</param>
    /// <returns>False when nothing was written: the page before this one did not end, or the broadcast is not what it was.</returns>
    private async Task<bool> WriteAsync(Broadcast b, Held held, Page page, Task<bool> before, CancellationToken ct)
    {
        try
        {
            await db.TransactionAsync(
                async t =>
                {
                    var made = await InsertAsync(t, b, page.Rows, held.Facts, page.At, ct);
                    var told = page.Items.Where(i => made.Contains(i.Row.Id)).ToList();
                    await outbox.AddAsync(t, told.ConvertAll(i => i.Item), ct);
                    await MoveAsync(t, b, held, page, before, ct);
                    // Only now: people may be told by two pages, which would wait for each other.
                    await direct.AddAsync(t, b, told.ConvertAll(i => i.Row.For.GuildId), held.Facts, ct);
                },
                ct);
            return true;
        }
        catch (OutOfTurnException)
        {
            return false;
        }
    }

    private Task<IReadOnlyList<Following>> FollowingAsync(Broadcast b, string after, bool mayGoOn, int atMost, CancellationToken ct) => db.Write.ListAsync(
        $"""
        select {Following.Columns}, earlier.id, earlier.status, earlier.message_id, earlier.outbox_key, earlier.channel_id
        from live.guild_streamers gs
            join live.guilds g on g.guild_id = gs.guild_id
            join live.guild_config c on c.guild_id = gs.guild_id
            left join lateral (
                select l.id, l.status, l.message_id, l.outbox_key, l.channel_id
                from live.notification_log l join live.broadcasts p on p.id = l.broadcast_id
                where {mayGoOn} and l.guild_id = gs.guild_id and l.streamer_id = gs.streamer_id and l.broadcast_id <> {b.Id}
                  and not l.is_over and l.status in ('pending', 'sent')
                  and p.ended_at > {b.StartedAt} - make_interval(mins => gs.reannounce_minutes)
                order by p.started_at desc limit 1) earlier on true
        where gs.streamer_id = {b.StreamerId} and gs.enabled and c.enabled and g.left_at is null and g.archived_at is null
          and gs.guild_id > {after} and g.guild_id > {after} and c.guild_id > {after}
        order by gs.guild_id limit {atMost}
        """,
        Following.ReadWithEarlier,
        ct);

    /// <returns>The rows that were not there before.</returns>
    private static async Task<HashSet<Guid>> InsertAsync(
        Transaction t, Broadcast b, IReadOnlyList<LogRow> rows, StreamFacts facts, DateTimeOffset now, CancellationToken ct)
    {
        var made = await t.ListAsync(
            $"""
            insert into live.notification_log (id, guild_id, streamer_id, event_id, sent_at, broadcast_id, status, reason, channel_id,
                message_id, outbox_key, shown_version, continues, title, stream_started_at)
            select r.id, r.guild, {b.StreamerId}, {b.EventId}, {now}, {b.Id}, r.status, r.reason, r.channel, r.message, r.key,
                r.version, r.continues, {facts.Title}, {b.StartedAt}
            from (select unnest({rows.Select(r => r.Id).ToArray()}) as id, unnest({rows.Select(r => r.For.GuildId).ToArray()}) as guild,
                unnest({rows.Select(r => r.Status).ToArray()}) as status, unnest({rows.Select(r => r.Reason).ToArray()}) as reason,
                unnest({rows.Select(r => r.ChannelId).ToArray()}) as channel, unnest({rows.Select(r => r.MessageId).ToArray()}) as message,
                unnest({rows.Select(r => r.OutboxKey).ToArray()}) as key, unnest({rows.Select(r => r.Version).ToArray()}) as version,
                unnest({rows.Select(r => r.Continues).ToArray()}) as continues) r
            on conflict (guild_id, event_id) do nothing
            returning id
            """,
            r => r.GetGuid(0),
            ct);
        HashSet<Guid> ids = [.. made];
        var goingOn = rows.Where(r => r.Continues is not null && ids.Contains(r.Id)).ToList();
        if (goingOn.Count == 0)
        {
            return ids;
        }

        await t.ExecuteAsync(
            $"""
            update live.notification_log n set edit_key = e.edit_key
            from live.notification_log e where e.id = n.continues and n.id = any({goingOn.Select(r => r.Id).ToArray()})
            """,
            ct);
        await t.ExecuteAsync(
            $"update live.notification_log set is_over = true where id = any({goingOn.Select(r => r.Continues!.Value).ToArray()})", ct);
        return ids;
    }

    private static OutboxItem Item(LogRow row, int version, StreamFacts facts, Posts posts)
    {
        var f = row.For;
        var role = f.Mention.Length > 0 ? f.RoleId : null;
        return new OutboxItem(
            row.OutboxKey!,
            f.Platform.Name(),
            f.CommunityId,
            f.Channel.ToString(),
            new SendMessage(f.Channel, posts.Of(f, version, facts), MentionRoleId: role),
            OutboxPriority.Bulk);
    }

    /// <exception cref="OutOfTurnException">The page before did not end, or the broadcast is not what it was.</exception>
    private async Task MoveAsync(Transaction t, Broadcast b, Held held, Page page, Task<bool> before, CancellationToken ct)
    {
        if (!await before)
        {
            throw new OutOfTurnException();
        }

        var now = clock.GetUtcNow();
        DateTimeOffset? next = page.IsLast ? null : now + options.Value.Lease;
        var moved = await t.ExecuteAsync(
            $"""
            update live.broadcasts
            set after_guild = {page.Until}, posted_at = case when {page.IsLast} then {now} end,
                next_try_at = case when {page.IsLast} and ended_at is not null then {now} else {next} end,
                state = case when not {page.IsLast} then state when ended_at is null then 'live' else 'closing' end
            where id = {b.Id} and lease = {b.Lease} and state = 'posting' and after_guild = {page.After} and version = {held.Version}
            """,
            ct);
        if (moved == 0)
        {
            throw new OutOfTurnException();
        }
    }

    /// <summary>A broadcast as its pages find it.</summary>
    /// <param name="After">The guilds up to this one have their row.</param>
    /// <param name="MayGoOn">There is an earlier stream whose posts may go on; else no guild is asked for one.</param>
    private sealed record Held(string After, int Version, StreamFacts Facts, bool MayGoOn);

    private sealed record Page(
        string After, string Until, bool IsLast, IReadOnlyList<LogRow> Rows, IReadOnlyList<(LogRow Row, OutboxItem Item)> Items, DateTimeOffset At);

    private sealed class OutOfTurnException : Exception;

    /// <summary>Posts that differ in nothing but their channel are written once; those that mention another role share their cards.</summary>
    private sealed class Posts(PostWriter writer)
    {
        private readonly Dictionary<(Platform, string, string?, string, string, bool, int), ModuleResponse> _written = [];
        private readonly Dictionary<(string, string, string, bool, int), JsonElement?> _cards = [];
        private readonly Dictionary<string, bool> _mentions = new(StringComparer.Ordinal);

        public ModuleResponse Of(Following f, int version, StreamFacts facts)
        {
            var kind = (f.Platform, f.Template, f.CustomContent, f.Mention, f.Zone, f.Bell, version);
            if (!_written.TryGetValue(kind, out var message))
            {
                _written[kind] = message = Write(f, version, facts with { MentionRole = f.Mention });
            }

            return message;
        }

        private ModuleResponse Write(Following f, int version, StreamFacts facts)
        {
            var template = writer.Parse(f.Template);
            if (f.Platform != Platform.Discord)
            {
                return PostMessage.Of(f.Platform, writer.Write(template, f.CustomContent, facts, f.TimeZone));
            }

            if (!_mentions.TryGetValue(f.Template, out var mentions))
            {
                _mentions[f.Template] = mentions = template.MentionsInCards;
            }

            var look = (f.Template, mentions ? f.Mention : "", f.Zone, f.Bell, version);
            if (!_cards.TryGetValue(look, out var cards))
            {
                _cards[look] = cards = PostMessage.Cards(writer.Rich(template, facts, f.TimeZone), f.BellButton);
            }

            return PostMessage.Of(writer.Content(template, f.CustomContent, facts, f.TimeZone), cards);
        }
    }
}
