using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Modules.LivePosts.Guilds;
using Rookery.Modules.LivePosts.Preferences;
using Rookery.Modules.LivePosts.Streamers;

namespace Rookery.Modules.LivePosts.Roles;

/// <summary>
/// Roles that are one streamer's in one guild: posts mention them, and members take and drop them. Made on the platform first
/// and noted then; one that loses against another made at the same time goes to those that are removed.
/// </summary>
internal sealed class StreamerRoles(Database db, StreamerLinks links, PreferenceStore preferences, IEnumerable<IServerRoles> roles, TimeProvider clock)
{
    private readonly Dictionary<Platform, IServerRoles> _roles = roles.ToDictionary(r => r.Platform);

    /// <returns>Why there is none, for people; null: there is one.</returns>
    public async Task<string?> AddAsync(Guild guild, Streamer streamer, Actor by, CancellationToken ct)
    {
        if (streamer.RoleId is not null)
        {
            return null;
        }

        if (!_roles.TryGetValue(guild.Platform, out var platform))
        {
            return "Only Discord has roles that a post can mention.";
        }

        var made = await platform.MakeAsync(guild.GuildId, NameOf(streamer), "Posts about the streamer mention it.", ct);
        if (made.Id is not { } role)
        {
            return made.Problem;
        }

        await db.TransactionAsync(
            async t =>
            {
                if (await NoteAsync(t, guild.GuildId, streamer.Id, null, role, ct))
                {
                    await links.AuditAsync(t, guild, by, "live.add_role", streamer.TwitchLogin, ct);
                }
            },
            ct);
        return null;
    }

    /// <returns>False when there was none.</returns>
    public Task<bool> RemoveAsync(Guild guild, Streamer streamer, Actor by, CancellationToken ct) => db.TransactionAsync(
        async t =>
        {
            var gone = await t.ExecuteAsync(
                $"""
                with old as (
                    select guild_id, role_id from live.guild_streamers
                    where guild_id = {guild.GuildId} and streamer_id = {streamer.Id} and role_id is not null for update),
                noted as (
                    insert into live.old_roles (guild_id, role_id, since) select guild_id, role_id, {clock.GetUtcNow()} from old
                    on conflict do nothing)
                update live.guild_streamers gs set role_id = null, role_problem = null, role_failing_since = null, role_retry_at = null
                from old where gs.guild_id = old.guild_id and gs.streamer_id = {streamer.Id}
                """,
                ct) == 1;
            if (gone)
            {
                await preferences.WithoutRoleAsync(t, guild.GuildId, streamer.Id, ct);
                await links.AuditAsync(t, guild, by, "live.remove_role", streamer.TwitchLogin, ct);
            }

            return gone;
        },
        ct);

    /// <summary>A role that somebody removed on the platform is made anew, and given to those who want it.</summary>
    public async Task ReplaceAsync(string guild, Guid streamer, string name, string lost, Platform platform, CancellationToken ct)
    {
        if (_roles.TryGetValue(platform, out var known)
            && await known.MakeAsync(guild, name, "The role that posts mention was removed.", ct) is { Id: { } role })
        {
            await db.TransactionAsync(t => NoteAsync(t, guild, streamer, lost, role, ct), ct);
        }
    }

    /// <returns>Why it still is there; null: it is gone.</returns>
    public Task<string?> DropAsync(Platform platform, string guild, string role, CancellationToken ct) =>
        _roles.TryGetValue(platform, out var known)
            ? known.RemoveAsync(guild, role, "No post mentions it any more.", ct)
            : Task.FromResult<string?>(null);

    public static string NameOf(Streamer streamer) => $"{streamer.Name} live";

    private async Task<bool> NoteAsync(Transaction t, string guild, Guid streamer, string? before, string role, CancellationToken ct)
    {
        var isNoted = await t.ExecuteAsync(
            $"""
            update live.guild_streamers set role_id = {role}, role_problem = null, role_failing_since = null, role_retry_at = null
            where guild_id = {guild} and streamer_id = {streamer} and role_id is not distinct from {before}
            """,
            ct) == 1;
        if (isNoted)
        {
            await preferences.RenewAsync(t, guild, streamer, null, ct);
        }
        else
        {
            await t.ExecuteAsync(
                $"insert into live.old_roles (guild_id, role_id, since) values ({guild}, {role}, {clock.GetUtcNow()}) on conflict do nothing", ct);
        }

        return isNoted;
    }
}
