using System.Security.Cryptography;
using Rookery.Kernel;
using Rookery.Kernel.Data;
using Rookery.Kernel.Web;
using Rookery.Modules.LivePosts.Streamers;

namespace Rookery.Modules.LivePosts.Invites;

/// <summary>The tables <c>invite_links</c> and <c>invite_uses</c>.</summary>
internal sealed class InviteStore(Database db, TimeProvider clock)
{
    public const int MaxOfGuild = 100;
    private const int CodeBytes = 10;

    /// <returns>Null when the guild has as many as it may.</returns>
    public Task<Invite?> AddAsync(Session session, string guild, InviteRequest request, string by, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        DateTimeOffset? expires = request.ExpiresInHours is > 0 and var hours ? now.AddHours(hours) : null;
        var code = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(CodeBytes));
        return session.FindAsync(
            $"""
            insert into live.invite_links as i (id, guild_id, code, created_by, expires_at, max_uses, created_at)
            select {Ids.New(now)}, {guild}, {code}, {by}, {expires}, {request.MaxUses ?? 0}, {now}
            where (select count(*) from live.invite_links where guild_id = {guild}) < {MaxOfGuild}
            returning {Invite.Columns}
            """,
            Invite.Read,
            ct);
    }

    /// <summary>Newest first; ids grow with time.</summary>
    public Task<IReadOnlyList<Invite>> PageAsync(string guild, PageQuery page, CancellationToken ct)
    {
        Guid? after = Guid.TryParse(page.After, out var id) ? id : null;
        return db.Read.ListAsync(
            $"""
            select {Invite.Columns} from live.invite_links i
            where i.guild_id = {guild} and ({after}::uuid is null or i.id < {after}) order by i.id desc limit {page.Limit + 1}
            """,
            Invite.Read,
            ct);
    }

    /// <returns>False when this guild has no such invitation.</returns>
    public async Task<bool> RemoveAsync(Session session, string guild, Guid id, CancellationToken ct) =>
        await session.ExecuteAsync($"delete from live.invite_links where guild_id = {guild} and id = {id}", ct) == 1;

    public Task<Invite?> FindAsync(Session session, string code, CancellationToken ct) => session.FindAsync(
        $"""
        select {Invite.Columns} from live.invite_links i join live.guilds g on g.guild_id = i.guild_id
        where i.code = {code} and g.left_at is null
        """,
        Invite.Read,
        ct);

    /// <summary>
    /// Counts a use. Of two that come for the last one, the second finds none left; a channel that came with the code and is followed uses
    /// none up.
    /// </summary>
    /// <param name="broadcaster">The channel that is proven.</param>
    /// <returns>False when it is over for this channel.</returns>
    public async Task<bool> UseAsync(Transaction t, Invite invite, string broadcaster, CancellationToken ct) =>
        await t.ValueAsync<bool>(
            $"""
            select exists (
                select from live.invite_uses u
                    join live.streamers s on s.id = u.streamer_id
                    join live.guild_streamers gs on gs.streamer_id = u.streamer_id and gs.guild_id = {invite.GuildId}
                where u.invite_id = {invite.Id} and s.twitch_broadcaster_id = {broadcaster})
            """,
            ct)
        || await t.ExecuteAsync(
            $"""
            update live.invite_links set use_count = use_count + 1
            where id = {invite.Id} and (expires_at is null or expires_at > {clock.GetUtcNow()}) and (max_uses = 0 or use_count < max_uses)
            """,
            ct) == 1;

    /// <param name="by">With a <see cref="Actor.UserId"/>.</param>
    public Task<int> NoteAsync(Session session, Invite invite, Guid streamer, Actor by, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return session.ExecuteAsync(
            $"""
            with known as (
                insert into live.users (user_id, username, created_at, last_login)
                values ({by.UserId}, {by.Name}, {now}, null)
                on conflict (user_id) do update set username = excluded.username returning user_id)
            insert into live.invite_uses as u (invite_id, streamer_id, user_id, used_at)
            select {invite.Id}, {streamer}, known.user_id, {now} from known
            on conflict (invite_id, streamer_id) do update set user_id = excluded.user_id, used_at = excluded.used_at
            """,
            ct);
    }
}
