using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Web;

namespace Rookery.Modules.LivePosts.Streamers;

/// <summary>Streamers and which guilds follow them: one row for a streamer, however many guilds do.</summary>
internal sealed class StreamerStore(Database db, TimeProvider clock)
{
    public const int MaxOfGuild = 50;

    /// <summary>How long a streamer nobody follows is kept; longer than any transaction that is just about to follow.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromHours(1);

    public Task<IReadOnlyList<Streamer>> PageAsync(string guild, PageQuery page, CancellationToken ct) => db.Read.ListAsync(
        $"""
        select {Streamer.Columns} from {Streamer.From}
        where gs.guild_id = {guild} and ({page.After}::text is null or s.twitch_login > {page.After})
        order by s.twitch_login limit {page.Limit + 1}
        """,
        Streamer.Read,
        ct);

    public Task<Streamer?> FindAsync(string guild, Guid id, CancellationToken ct) => FindAsync(db.Write, guild, id, ct);

    public Task<Streamer?> FindAsync(Session session, string guild, Guid id, CancellationToken ct) => session.FindAsync(
        $"select {Streamer.Columns} from {Streamer.From} where gs.guild_id = {guild} and s.id = {id}", Streamer.Read, ct);

    public Task<Streamer?> FindAsync(string guild, string login, CancellationToken ct) => db.Write.FindAsync(
        $"""
        select {Streamer.Columns} from {Streamer.From}
        where gs.guild_id = {guild} and s.twitch_login = {login.ToLowerInvariant()} order by s.last_updated desc limit 1
        """,
        Streamer.Read,
        ct);

    /// <summary>Takes in what Twitch tells of somebody.</summary>
    /// <returns>The streamer's id.</returns>
    public Task<Guid> SaveAsync(Session session, Broadcaster who, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return session.ValueAsync<Guid>(
            $"""
            insert into live.streamers (id, twitch_broadcaster_id, twitch_login, twitch_display_name, twitch_avatar_url,
                created_at, last_updated)
            values ({Guid.CreateVersion7(now)}, {who.Id}, {who.Login.ToLowerInvariant()}, {who.DisplayName}, {who.AvatarUrl}, {now}, {now})
            on conflict (twitch_broadcaster_id) do update
            set twitch_login = excluded.twitch_login, twitch_display_name = excluded.twitch_display_name,
                twitch_avatar_url = excluded.twitch_avatar_url, last_updated = excluded.last_updated
            returning id
            """,
            ct);
    }

    /// <returns>False when the guild follows the streamer already.</returns>
    public async Task<bool> FollowAsync(Session session, string guild, Guid streamer, string? addedBy, CancellationToken ct) =>
        await session.ExecuteAsync(
            $"""
            insert into live.guild_streamers (guild_id, streamer_id, added_by, added_at)
            values ({guild}, {streamer}, {addedBy}, {clock.GetUtcNow()})
            on conflict do nothing
            """,
            ct) == 1;

    public Task<long> CountAsync(Session session, string guild, CancellationToken ct) => session.ValueAsync<long>(
        $"select count(*) from live.guild_streamers where guild_id = {guild}", ct);

    /// <returns>True when the guild has no place for this broadcaster, whom it does not follow.</returns>
    public Task<bool> IsFullAsync(Session session, string guild, string broadcaster, CancellationToken ct) => session.ValueAsync<bool>(
        $"""
        select count(*) >= {MaxOfGuild} and not bool_or(s.twitch_broadcaster_id = {broadcaster})
        from live.guild_streamers gs join live.streamers s on s.id = gs.streamer_id where gs.guild_id = {guild}
        """,
        ct);

    /// <returns>False when the guild did not follow the streamer.</returns>
    public async Task<bool> UnfollowAsync(Session session, string guild, Guid streamer, CancellationToken ct)
    {
        // The streamer's own row is kept for a while from now, and not from when it was made.
        await session.ExecuteAsync($"update live.streamers set last_updated = {clock.GetUtcNow()} where id = {streamer}", ct);
        return await session.ValueAsync<long>(
            $"""
            with gone as (
                delete from live.guild_streamers where guild_id = {guild} and streamer_id = {streamer} returning guild_id, role_id),
            old as (
                insert into live.old_roles (guild_id, role_id, since)
                select guild_id, role_id, {clock.GetUtcNow()} from gone where role_id is not null on conflict do nothing)
            select count(*) from gone
            """,
            ct) == 1;
    }

    public Task<int> SetAsync(Session session, string guild, Guid streamer, StreamerSettings s, CancellationToken ct) => session.ExecuteAsync(
        $"""
        update live.guild_streamers
        set enabled = {s.Enabled ?? true}, custom_content = {s.CustomContent}, channel_id = {s.ChannelId}, quiet_from = {s.QuietFrom},
            quiet_to = {s.QuietTo}, filter = {s.Filter}, reannounce_minutes = {s.ReannounceMinutes ?? StreamerSettings.DefaultReannounce},
            live_update = {s.LiveUpdate ?? true}, on_end = {s.OnEnd ?? "edit"}
        where guild_id = {guild} and streamer_id = {streamer}
        """,
        ct);

    public Task<int> SetTextAsync(Session session, string guild, Guid streamer, string? content, CancellationToken ct) => session.ExecuteAsync(
        $"update live.guild_streamers set custom_content = {content} where guild_id = {guild} and streamer_id = {streamer}", ct);

    public Task<int> EnableAsync(Session session, string guild, Guid streamer, bool enabled, CancellationToken ct) => session.ExecuteAsync(
        $"update live.guild_streamers set enabled = {enabled} where guild_id = {guild} and streamer_id = {streamer}", ct);

    /// <summary>Somebody of Discord, as far as a row of theirs needs one.</summary>
    public Task<int> SeeUserAsync(Session session, string userId, string name, CancellationToken ct) => session.ExecuteAsync(
        $"""
        insert into live.users (user_id, username, created_at, last_login)
        values ({userId}, {name}, {clock.GetUtcNow()}, null)
        on conflict (user_id) do update set username = excluded.username
        """,
        ct);

    public Task<IReadOnlyList<string>> BroadcasterIdsAsync(CancellationToken ct) => db.Write.ListAsync(
        $"select twitch_broadcaster_id from live.streamers order by 1", r => r.GetString(0), ct);

    /// <summary>Removes those nobody follows any more. One who was just looked up is about to be followed, and stays.</summary>
    public Task<int> RemoveOrphansAsync(CancellationToken ct) => db.Write.ExecuteAsync(
        $"""
        delete from live.streamers s
        where s.last_updated < {clock.GetUtcNow() - Grace}
          and not exists (select from live.guild_streamers gs where gs.streamer_id = s.id)
        """,
        ct);
}
