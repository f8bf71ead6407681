using Rookery.Kernel.Data;
using Rookery.Kernel.Scheduling;

namespace Rookery.Modules.LivePosts.Guilds;

/// <summary>
/// Archives guilds for which nothing was posted for 90 days and nothing could be: the bot is out, posting is off, paused or has
/// no channel, or nobody is followed. Archived ones cost no subscription. One that only waits for a streamer who is rarely live
/// stays as it is, for its post is not to be missed.
/// </summary>
internal sealed class ArchiveGuilds(Database db, TimeProvider clock) : IJob
{
    private static readonly TimeSpan After = TimeSpan.FromDays(90);

    public TimeSpan Period => TimeSpan.FromHours(6);

    public async ValueTask RunAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var limit = now - After;
        await db.Write.ExecuteAsync(
            $"""
            update live.guilds g set archived_at = {now}
            where g.archived_at is null and g.created_at < {limit} and (g.left_at is null or g.left_at < {limit})
              and not exists (select from live.notification_log l where l.guild_id = g.guild_id and l.status = 'sent' and l.sent_at >= {limit})
              and not exists (
                  select from live.guild_config c where c.guild_id = g.guild_id and c.updated_at >= {limit})
              and not exists (
                  select from live.guild_config c join live.guild_streamers gs on gs.guild_id = c.guild_id
                  where c.guild_id = g.guild_id and g.left_at is null and c.enabled and c.paused_reason is null and gs.enabled
                    and coalesce(gs.channel_id, c.channel_id) <> '')
            """,
            ct);
    }
}
