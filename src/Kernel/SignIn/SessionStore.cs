using System.Net;
using Npgsql;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Web;

namespace Rookery.Kernel.SignIn;

/// <param name="Ip">As <see cref="CallerAddress"/> has it.</param>
/// <param name="UserAgent">What the browser says it is.</param>
internal sealed record Device(IPAddress? Ip, string? UserAgent)
{
    private const int MaxUserAgent = 200;

    /// <summary>Visible ASCII, and not more than a person would read.</summary>
    public string? ShortUserAgent { get; } = UserAgent is { Length: > 0 }
        ? string.Concat(UserAgent.Take(MaxUserAgent).Select(c => c is >= ' ' and <= '~' ? c : '?'))
        : null;
}

/// <summary>A session as its owner sees it.</summary>
public sealed record SessionView(
    Guid Id, string? Ip, string? UserAgent, DateTimeOffset CreatedAt, DateTimeOffset LastSeenAt, DateTimeOffset ExpiresAt,
    IReadOnlyList<Identity> Identities, bool IsCurrent);

/// <summary>The tables <c>sign_ins</c> and <c>sign_in_identities</c>. They belong to people, so the rows carry no community.</summary>
internal sealed class SessionStore(Database db, TimeProvider clock)
{
    private static readonly SqlFragment Columns = Sql.Fragment(
        """
        s.id, s.created_at, s.expires_at, s.ip, s.user_agent, s.last_seen_at,
            array(select i.platform from kernel.sign_in_identities i where i.sign_in_id = s.id order by i.platform),
            array(select i.user_id from kernel.sign_in_identities i where i.sign_in_id = s.id order by i.platform),
            array(select i.username from kernel.sign_in_identities i where i.sign_in_id = s.id order by i.platform),
            array(select coalesce(i.avatar, '') from kernel.sign_in_identities i where i.sign_in_id = s.id order by i.platform)
        """);

    /// <summary>From the primary: a replica may not know yet that it was revoked.</summary>
    public Task<SignedIn?> FindAsync(byte[] hash, CancellationToken ct) => db.Write.FindAsync(
        $"""
        select {Columns} from kernel.sign_ins s
        where s.token_hash = {hash} and s.revoked_at is null and s.expires_at > {clock.GetUtcNow()}
        """,
        Read,
        ct);

    /// <summary>Ends a session that is to be replaced, so that nothing else can replace it too.</summary>
    /// <returns>Its id; null when it was over already.</returns>
    public async Task<Guid?> EndAsync(Transaction transaction, byte[] hash, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var ended = await transaction.ListAsync(
            $"""
            update kernel.sign_ins set revoked_at = {now}
            where token_hash = {hash} and revoked_at is null and expires_at > {now} returning id
            """,
            r => r.GetGuid(0),
            ct);
        return ended is [var id] ? id : null;
    }

    public Task<int> AddAsync(
        Transaction transaction, Guid id, byte[] hash, Proof proof, Device device, TimeSpan life, CancellationToken ct)
    {
        var (now, who) = (clock.GetUtcNow(), proof.Identity);
        return transaction.ExecuteAsync(
            $"""
            with made as (
                insert into kernel.sign_ins (id, token_hash, ip, user_agent, created_at, last_seen_at, expires_at)
                values ({id}, {hash}, {device.Ip?.ToString()}, {device.ShortUserAgent}, {now}, {now}, {now + life})
                returning id)
            insert into kernel.sign_in_identities (sign_in_id, platform, user_id, username, avatar, guild_ids, proven_at)
            select id, {who.Platform.Name()}, {who.UserId}, {who.Username}, {who.Avatar}, {proof.Guilds.ToArray()}, {now} from made
            """,
            ct);
    }

    /// <summary>
    /// Takes the accounts of other platforms over from the session before, unless somebody else signs in here; the new one
    /// then ends when that would have ended, for nothing proves those accounts again.
    /// </summary>
    public Task<int> LinkAsync(Transaction transaction, Guid id, Guid before, Identity who, CancellationToken ct) => transaction.ExecuteAsync(
        $"""
        with linked as (
            insert into kernel.sign_in_identities (sign_in_id, platform, user_id, username, avatar, guild_ids, proven_at)
            select {id}, platform, user_id, username, avatar, guild_ids, proven_at from kernel.sign_in_identities
            where sign_in_id = {before} and platform <> {who.Platform.Name()}
              and not exists (
                  select from kernel.sign_in_identities
                  where sign_in_id = {before} and platform = {who.Platform.Name()} and user_id <> {who.UserId})
            returning sign_in_id)
        update kernel.sign_ins s set expires_at = least(s.expires_at, b.expires_at)
        from kernel.sign_ins b where b.id = {before} and s.id in (select sign_in_id from linked)
        """,
        ct);

    public Task SeenAsync(Guid id, CancellationToken ct) => db.Write.ExecuteAsync(
        $"update kernel.sign_ins set last_seen_at = {clock.GetUtcNow()} where id = {id}", ct);

    /// <summary>Sessions that live and in which no account is somebody else's.</summary>
    public Task<IReadOnlyList<SessionView>> ListAsync(SignedIn person, PageQuery page, CancellationToken ct)
    {
        var (platforms, users) = KeysOf(person);
        Guid? after = Guid.TryParse(page.After, out var id) ? id : null;
        return db.Write.ListAsync(
            $"""
            select {Columns} from kernel.sign_ins s
            where s.id in (
                select i.sign_in_id from kernel.sign_in_identities i
                left join unnest({platforms}, {users}) as mine (platform, user_id) using (platform, user_id)
                where i.sign_in_id in (
                    select o.sign_in_id from kernel.sign_in_identities o
                    join unnest({platforms}, {users}) as m (platform, user_id) using (platform, user_id))
                group by i.sign_in_id having bool_and(mine.user_id is not null))
              and s.revoked_at is null and s.expires_at > {clock.GetUtcNow()} and ({after}::uuid is null or s.id < {after})
            order by s.id desc limit {page.Limit + 1}
            """,
            r => View(r, person.Id),
            ct);
    }

    /// <param name="only">Null: every session that has one of the person's accounts, to be on the safe side.</param>
    /// <returns>The digests of the tokens that are worth nothing now.</returns>
    public Task<IReadOnlyList<byte[]>> RevokeAsync(Session session, SignedIn person, Guid? only, CancellationToken ct)
    {
        var (platforms, users) = KeysOf(person);
        return session.ListAsync(
            $"""
            update kernel.sign_ins s set revoked_at = {clock.GetUtcNow()}
            where s.revoked_at is null and ({only}::uuid is null or s.id = {only})
              and exists (
                  select from kernel.sign_in_identities i
                  join unnest({platforms}, {users}) as m (platform, user_id) using (platform, user_id)
                  where i.sign_in_id = s.id)
              and ({only}::uuid is null or not exists (
                  select from kernel.sign_in_identities i
                  left join unnest({platforms}, {users}) as m (platform, user_id) using (platform, user_id)
                  where i.sign_in_id = s.id and m.user_id is null))
            returning s.token_hash
            """,
            r => r.GetFieldValue<byte[]>(0),
            ct);
    }

    /// <summary>The servers the person said to be in when they signed in, by platform.</summary>
    public Task<IReadOnlyList<(Platform Platform, string Server)>> ServersAsync(Guid id, CancellationToken ct) => db.Write.ListAsync(
        $"""
        select i.platform, g.server from kernel.sign_in_identities i cross join unnest(i.guild_ids) as g (server)
        join kernel.community_servers c on c.platform = i.platform and c.server_id = g.server
        where i.sign_in_id = {id} order by 1, 2
        """,
        r => (Platforms.Parse(r.GetString(0)), r.GetString(1)),
        ct);

    private static (string[] Platforms, string[] Users) KeysOf(SignedIn person) =>
        ([.. person.Identities.Select(i => i.Platform.Name())], [.. person.Identities.Select(i => i.UserId)]);

    private static SessionView View(NpgsqlDataReader r, Guid current)
    {
        var session = Read(r);
        return new SessionView(
            session.Id, r.IsDBNull(3) ? null : r.GetString(3), r.IsDBNull(4) ? null : r.GetString(4), session.CreatedAt,
            r.GetFieldValue<DateTimeOffset>(5), session.ExpiresAt, session.Identities, session.Id == current);
    }

    private static SignedIn Read(NpgsqlDataReader r)
    {
        var (platforms, users, names, avatars) =
            (r.GetFieldValue<string[]>(6), r.GetFieldValue<string[]>(7), r.GetFieldValue<string[]>(8), r.GetFieldValue<string[]>(9));
        return new SignedIn(
            r.GetGuid(0),
            [.. platforms.Select((p, i) => new Identity(Platforms.Parse(p), users[i], names[i], avatars[i] is { Length: > 0 } a ? a : null))],
            r.GetFieldValue<DateTimeOffset>(1),
            r.GetFieldValue<DateTimeOffset>(2));
    }
}
