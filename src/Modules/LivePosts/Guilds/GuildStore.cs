using System.Text.Json;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Web;
using Rookery.Modules.LivePosts.Posting;
using Rookery.Modules.LivePosts.Templates;

namespace Rookery.Modules.LivePosts.Guilds;

/// <summary>The tables <c>guilds</c> and <c>guild_config</c>.</summary>
internal sealed class GuildStore(Database db, TimeProvider clock)
{
    /// <param name="community">Null: of all.</param>
    public Task<IReadOnlyList<Guild>> PageAsync(long? community, PageQuery page, CancellationToken ct) => db.Read.ListAsync(
        $"""
        select {Guild.Columns} from live.guilds
        where left_at is null and ({community}::bigint is null or community_id = {community})
          and ({page.After}::text is null or guild_id > {page.After})
        order by guild_id limit {page.Limit + 1}
        """,
        Guild.Read,
        ct);

    /// <param name="community">The guild must be of it; null: of any.</param>
    public Task<Guild?> FindAsync(string guild, long? community, CancellationToken ct) => db.Write.FindAsync(
        $"""
        select {Guild.Columns} from live.guilds
        where guild_id = {guild} and left_at is null and ({community}::bigint is null or community_id = {community})
        """,
        Guild.Read,
        ct);

    /// <summary>The bot is in a guild.</summary>
    /// <param name="name">Null: not known; what was known stays.</param>
    public async Task<Guild> SeenAsync(
        Session session, Platform platform, string guild, long community, string? name, string? owner, CancellationToken ct) =>
        (await session.FindAsync(
        $"""
        insert into live.guilds as g (guild_id, name, owner_id, created_at, platform, community_id)
        values ({guild}, {name ?? guild}, {owner}, {clock.GetUtcNow()}, {platform.Name()}, {community})
        on conflict (guild_id) do update
        set name = coalesce({name}, g.name), owner_id = coalesce({owner}, g.owner_id), community_id = excluded.community_id,
            left_at = null, archived_at = null
        returning {Guild.Columns}
        """,
        Guild.Read,
        ct))!;

    public Task<int> LeftAsync(string guild, CancellationToken ct) => db.Write.ExecuteAsync(
        $"update live.guilds set left_at = {clock.GetUtcNow()} where guild_id = {guild} and left_at is null", ct);

    /// <summary>Takes over the servers where the bot was before this module came.</summary>
    public Task<int> AdoptAsync(CancellationToken ct) => db.Write.ExecuteAsync(
        $"""
        insert into live.guilds (guild_id, name, owner_id, created_at, platform, community_id)
        select s.server_id, s.server_id, null, {clock.GetUtcNow()}, s.platform, c.community_id
        from kernel.servers s
            join kernel.community_servers c on c.platform = s.platform and c.server_id = s.server_id
        where s.is_active and s.platform in ('discord', 'slack') and s.server_id is not null
        on conflict (guild_id) do nothing
        """,
        ct);

    /// <summary>Takes over what servers are called, their pictures and who owns them.</summary>
    public Task<int> RefreshAsync(CancellationToken ct) => db.Write.ExecuteAsync(
        $"""
        with now_so as (
            select platform, server_id, name, icon, regexp_replace(owner, '^[a-z]+:', '') as owner_id
            from kernel.servers where is_active and channel is null and server_id is not null)
        update live.guilds g
        set name = coalesce(n.name, g.name), icon = n.icon, owner_id = coalesce(n.owner_id, g.owner_id)
        from now_so n
        where n.platform = g.platform and n.server_id = g.guild_id
          and (g.name, g.icon, g.owner_id) is distinct from (coalesce(n.name, g.name), n.icon, coalesce(n.owner_id, g.owner_id))
        """,
        ct);

    /// <returns>What holds, also when nothing was saved yet.</returns>
    public async Task<GuildConfig> ConfigAsync(Session session, Guild guild, CancellationToken ct) => await session.FindAsync(
        $"select {GuildConfig.Columns} from live.guild_config where guild_id = {guild.GuildId}", GuildConfig.Read, ct)
        ?? new GuildConfig(
            guild.GuildId,
            guild.Platform == Platform.Sandbox ? GuildIds.SandboxChannel(guild.GuildId) : "",
            null,
            JsonElement.Parse(PostTemplate.DefaultJson),
            true,
            null,
            0,
            "UTC",
            null);

    public Task<GuildConfig> ConfigAsync(Guild guild, CancellationToken ct) => ConfigAsync(db.Read, guild, ct);

    /// <summary>Makes the settings of a guild that has none yet.</summary>
    /// <param name="channel">Where it was asked for; "": elsewhere.</param>
    public Task<int> BeginAsync(Session session, Guild guild, string channel, CancellationToken ct) => session.ExecuteAsync(
        $"""
        insert into live.guild_config (guild_id, channel_id, message_template, updated_at)
        values ({guild.GuildId}, {channel}, {PostTemplate.DefaultJson}::jsonb, {clock.GetUtcNow()})
        on conflict (guild_id) do nothing
        """,
        ct);

    /// <summary>Lets sending go on.</summary>
    /// <returns>Who began a stream meanwhile that was not posted; null when sending was not paused.</returns>
    public Task<IReadOnlyList<string>?> ResumeAsync(Session session, Guild guild, CancellationToken ct) => session.FindAsync(
        $"""
        with resumed as (
            update live.guild_config c set paused_reason = null, paused_at = null from live.guild_config old
            where c.guild_id = {guild.GuildId} and c.paused_reason is not null and old.guild_id = c.guild_id
            returning old.paused_at)
        select array(
            select distinct coalesce(s.twitch_display_name, s.twitch_login)
            from live.notification_log l join live.streamers s on s.id = l.streamer_id
            where l.guild_id = {guild.GuildId} and (
                (l.status = 'skipped' and l.sent_at >= resumed.paused_at and starts_with(l.reason, {Following.Paused}))
                or (l.status = 'failed' and l.sent_at >= resumed.paused_at - interval '5 seconds'))
            order by 1)
        from resumed
        """,
        r => (IReadOnlyList<string>)r.GetFieldValue<string[]>(0),
        ct);

    /// <summary>Saves settings, which also lets sending go on.</summary>
    /// <param name="by">As in the audit log.</param>
    /// <returns>Null when somebody else changed them since they were read.</returns>
    public Task<GuildConfig?> SaveAsync(Session session, GuildConfig config, string by, CancellationToken ct) => session.FindAsync(
        $"""
        insert into live.guild_config as c (guild_id, channel_id, mention_role_id, message_template, enabled, updated_at, time_zone,
            bell, updated_by)
        select {config.GuildId}, {config.ChannelId}, {config.MentionRoleId}, {config.MessageTemplate.GetRawText()}::jsonb, {config.Enabled},
            {clock.GetUtcNow()}, {config.TimeZone}, {config.Bell}, {by}
        where {config.Version} = 0 or exists (select from live.guild_config where guild_id = {config.GuildId})
        on conflict (guild_id) do update
        set channel_id = excluded.channel_id, mention_role_id = excluded.mention_role_id, message_template = excluded.message_template,
            enabled = excluded.enabled, updated_at = excluded.updated_at, time_zone = excluded.time_zone, version = c.version + 1,
            bell = excluded.bell, updated_by = excluded.updated_by, paused_reason = null, paused_at = null
        where c.version = {config.Version}
        returning {GuildConfig.Columns}
        """,
        GuildConfig.Read,
        ct);
}
