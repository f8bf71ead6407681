using Npgsql;
using Rookery.Kernel.Data;
using Rookery.Kernel.Web;

namespace Rookery.Modules.LivePosts.Preferences;

/// <summary>What somebody wants to hear of a streamer in a guild; a row of <c>user_preferences</c>.</summary>
/// <param name="Via">role or dm.</param>
internal sealed record Preference(
    string GuildId, string GuildName, Guid StreamerId, string TwitchLogin, bool Enabled, string Via, DateTimeOffset UpdatedAt)
{
    public static readonly SqlFragment Columns = Sql.Fragment(
        "p.guild_id, g.name, p.streamer_id, s.twitch_login, p.notifications_enabled, p.via, p.updated_at");

    public static Preference Read(NpgsqlDataReader r) => new(
        r.GetString(0),
        r.GetString(1),
        r.GetGuid(2),
        r.GetString(3),
        r.GetBoolean(4),
        r.GetString(5),
        r.GetFieldValue<DateTimeOffset>(6));
}

/// <summary>A member's role that does not follow what the member wants yet.</summary>
internal sealed record RoleChange(string UserId, string GuildId, Guid StreamerId, int Version, bool Has, string RoleId, long CommunityId)
{
    public const string Prefix = "live:role:";
    public const string Given = $"{Prefix}give:";

    public string Key => FormattableString.Invariant($"{(Has ? Given : $"{Prefix}take:")}{GuildId}:{StreamerId:N}:{UserId}:{Version}");
}

/// <summary>The table <c>user_preferences</c>. Who has no row has chosen nothing.</summary>
internal sealed class PreferenceStore(Database db, TimeProvider clock)
{
    /// <summary>Each costs a call of the platform for every stream; beyond these a role serves better.</summary>
    public const int MaxDirect = 500;

    public Task<IReadOnlyList<Preference>> PageAsync(IReadOnlyList<string> users, PageQuery page, CancellationToken ct) => db.Write.ListAsync(
        $"""
        select {Preference.Columns}
        from live.user_preferences p join live.guilds g on g.guild_id = p.guild_id join live.streamers s on s.id = p.streamer_id
        where p.user_id = any({users.ToArray()}) and g.left_at is null
          and ({page.After}::text is null or p.guild_id || ':' || p.streamer_id > {page.After})
        order by p.guild_id || ':' || p.streamer_id limit {page.Limit + 1}
        """,
        Preference.Read,
        ct);

    /// <returns>Null when nothing was chosen.</returns>
    public Task<bool?> FindAsync(string user, string guild, Guid streamer, CancellationToken ct) => db.Write.ValueAsync<bool?>(
        $"""
        select (select notifications_enabled from live.user_preferences
            where user_id = {user} and guild_id = {guild} and streamer_id = {streamer})
        """,
        ct);

    /// <returns>False when as many have direct messages as may, or the guild does not follow the streamer.</returns>
    public async Task<bool> SetAsync(
        Session session, string user, string guild, Guid streamer, bool enabled, string via, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return await session.ExecuteAsync(
            $"""
            insert into live.user_preferences as p
                (user_id, guild_id, streamer_id, notifications_enabled, created_at, updated_at, via, applied)
            select {user}, {guild}, {streamer}, {enabled}, {now}, {now}, {via}, case when gs.role_id is null then 1 else 0 end
            from (select guild_id, role_id from live.guild_streamers where guild_id = {guild} and streamer_id = {streamer}) gs
            where not {enabled} or {via} = 'role' or {MaxDirect} > (
                select count(*) from live.user_preferences
                where guild_id = {guild} and streamer_id = {streamer} and notifications_enabled and via = 'dm' and user_id <> {user})
            on conflict (user_id, guild_id, streamer_id) do update
            set notifications_enabled = excluded.notifications_enabled, updated_at = excluded.updated_at, via = excluded.via,
                version = p.version + 1, applied = case when excluded.applied = 0 then p.applied else p.version + 1 end,
                failed = p.failed and excluded.applied = 0
            """,
            ct) == 1;
    }

    /// <summary>What members want is to be made true once more: the streamer has a role anew, or a member is back.</summary>
    /// <param name="streamer">Null: every one.</param>
    /// <param name="user">Null: everybody.</param>
    public Task<int> RenewAsync(Session session, string guild, Guid? streamer, string? user, CancellationToken ct) => session.ExecuteAsync(
        $"""
        update live.user_preferences set version = version + 1, failed = false
        where guild_id = {guild} and ({streamer}::uuid is null or streamer_id = {streamer}) and ({user}::text is null or user_id = {user})
          and (failed or (notifications_enabled and via = 'role'))
        """,
        ct);

    /// <summary>
    /// The streamer has no role any more: who had it gets direct messages, those first who wished first, up to <see cref="MaxDirect"/>.
    /// It does not ring for the others, and their wish says so.
    /// </summary>
    public Task<int> WithoutRoleAsync(Session session, string guild, Guid streamer, CancellationToken ct) => session.ExecuteAsync(
        $"""
        with ordered as (
            select user_id, row_number() over (order by via = 'role', created_at, user_id) as place from live.user_preferences
            where guild_id = {guild} and streamer_id = {streamer} and notifications_enabled)
        update live.user_preferences p
        set via = 'dm', applied = p.version, failed = false, updated_at = {clock.GetUtcNow()},
            notifications_enabled = p.notifications_enabled
                and p.user_id in (select user_id from ordered where place <= {MaxDirect})
        where p.guild_id = {guild} and p.streamer_id = {streamer} and p.via = 'role'
        """,
        ct);

    /// <summary>Somebody left: direct messages about a guild they are not in any more would come without an end.</summary>
    public Task<int> LeftAsync(Session session, string guild, string user, CancellationToken ct) => session.ExecuteAsync(
        $"""
        update live.user_preferences
        set failed = false, notifications_enabled = notifications_enabled and via <> 'dm',
            updated_at = case when notifications_enabled and via = 'dm' then {clock.GetUtcNow()} else updated_at end
        where guild_id = {guild} and user_id = {user} and (failed or (notifications_enabled and via = 'dm'))
        """,
        ct);

    /// <summary>Roles that are behind. One that has a change under way waits for its end, so an older wish never comes last.</summary>
    public Task<IReadOnlyList<RoleChange>> BehindAsync(Transaction t, int most, CancellationToken ct) => t.ListAsync(
        $"""
        select p.user_id, p.guild_id, p.streamer_id, p.version, p.notifications_enabled and p.via = 'role', gs.role_id, g.community_id
        from live.user_preferences p
            join live.guilds g on g.guild_id = p.guild_id
            join live.guild_streamers gs on gs.guild_id = p.guild_id and gs.streamer_id = p.streamer_id
        where p.applied < p.version and g.platform = 'discord' and g.left_at is null and gs.role_id is not null and p.change_key is null
        order by p.guild_id, p.streamer_id, p.user_id limit {most} for update of p skip locked
        """,
        r => new RoleChange(
            r.GetString(0), r.GetString(1), r.GetGuid(2), r.GetInt32(3), r.GetBoolean(4), r.GetString(5), r.GetInt64(6)),
        ct);

    public Task<int> BegunAsync(Session session, IReadOnlyList<RoleChange> changes, CancellationToken ct) => session.ExecuteAsync(
        $"""
        update live.user_preferences p set applied = u.version, change_key = u.key
        from unnest({changes.Select(c => c.UserId).ToArray()}, {changes.Select(c => c.GuildId).ToArray()},
            {changes.Select(c => c.StreamerId).ToArray()}, {changes.Select(c => c.Version).ToArray()},
            {changes.Select(c => c.Key).ToArray()}) as u (user_id, guild_id, streamer_id, version, key)
        where p.user_id = u.user_id and p.guild_id = u.guild_id and p.streamer_id = u.streamer_id
        """,
        ct);
}
