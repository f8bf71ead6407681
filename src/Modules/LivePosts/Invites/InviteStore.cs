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

    /// <summary>Counts a use. Of two that come for the last one, the second finds none left; who comes again uses none up.</summary>
    /// <returns>False when it is over for whoever has not used it yet.</returns>
    public async Task<bool> UseAsync(Transaction t, Invite invite, Actor by, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return await t.ValueAsync<bool>(
            $"select exists (select from live.invite_uses where invite_id = {invite.Id} and user_id = {by.UserId})", ct)
            || await t.ExecuteAsync(
            $"""
            with used as (
                update live.invite_links set use_count = use_count + 1
                where id = {invite.Id} and (expires_at is null or expires_at > {now}) and (max_uses = 0 or use_count < max_uses)
                returning id),
            known as (
                insert into live.users (user_id, username, created_at, last_login)
                select {by.UserId}, {by.Name}, {now}, null from used
                on conflict (user_id) do update set username = excluded.username returning user_id)
            insert into live.invite_uses (invite_id, user_id, used_at) select used.id, known.user_id, {now} from used, known
            """,
            ct) == 1;
    }

    public Task<int> NoteAsync(Session session, Guid invite, string user, Guid streamer, CancellationToken ct) => session.ExecuteAsync(
        $"update live.invite_uses set streamer_id = {streamer} where invite_id = {invite} and user_id = {user}", ct);
}
