using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Scheduling;
using Rookery.Modules.LivePosts.Guilds;

namespace Rookery.Modules.LivePosts.Roles;

/// <summary>Removes roles that nobody needs any more, and makes those anew that somebody removed on the platform.</summary>
internal sealed class KeepRoles(Database db, StreamerRoles roles, GuildStore guilds, PlaceChecks places, TimeProvider clock) : IJob
{
    private const int AtOnce = 50;
    private static readonly TimeSpan LookEvery = TimeSpan.FromHours(1);
    private static readonly TimeSpan TryFor = TimeSpan.FromDays(7);
    private DateTimeOffset _looked;

    public TimeSpan Period => TimeSpan.FromSeconds(30);

    public async ValueTask RunAsync(CancellationToken ct)
    {
        await DropAsync(ct);
        if (clock.GetUtcNow() - _looked >= LookEvery)
        {
            _looked = clock.GetUtcNow();
            await LookAsync(ct);
        }
    }

    /// <summary>Looks in every guild whether the roles that posts mention are still there.</summary>
    internal async Task LookAsync(CancellationToken ct)
    {
        var noted = await db.Write.ListAsync(
            $"""
            select gs.guild_id, gs.streamer_id, gs.role_id, coalesce(s.twitch_display_name, s.twitch_login)
            from live.guild_streamers gs join live.guilds g on g.guild_id = gs.guild_id join live.streamers s on s.id = gs.streamer_id
            where gs.role_id is not null and g.left_at is null order by gs.guild_id
            """,
            r => (Guild: r.GetString(0), Streamer: r.GetGuid(1), Role: r.GetString(2), Name: r.GetString(3)),
            ct);
        foreach (var ofGuild in noted.GroupBy(n => n.Guild, StringComparer.Ordinal))
        {
            if (await guilds.FindAsync(ofGuild.Key, null, ct) is { } guild && await places.FindAsync(guild, ct) is { } there)
            {
                foreach (var lost in ofGuild.Where(n => there.Roles.All(r => r.Id != n.Role)))
                {
                    await roles.ReplaceAsync(lost.Guild, lost.Streamer, $"{lost.Name} live", lost.Role, guild.Platform, ct);
                }
            }
        }
    }

    private async Task DropAsync(CancellationToken ct)
    {
        var old = await db.Write.ListAsync(
            $"""
            select o.guild_id, o.role_id, g.platform, o.since from live.old_roles o join live.guilds g on g.guild_id = o.guild_id
            where g.left_at is null order by o.since limit {AtOnce}
            """,
            r => (Guild: r.GetString(0), Role: r.GetString(1), Platform: Platforms.Parse(r.GetString(2)), Since: r.GetFieldValue<DateTimeOffset>(3)),
            ct);
        foreach (var (guild, role, platform, since) in old)
        {
            if (await roles.DropAsync(platform, guild, role, ct) is null || clock.GetUtcNow() - since > TryFor)
            {
                await db.Write.ExecuteAsync($"delete from live.old_roles where guild_id = {guild} and role_id = {role}", ct);
            }
        }
    }
}
