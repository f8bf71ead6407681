using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Scheduling;

namespace Rookery.Modules.LivePosts.Streamers;

/// <summary>Every hour and at the start: removes streamers nobody follows, takes over new names.</summary>
internal sealed class KeepStreamers(Database db, StreamerStore streamers, IStreamDirectory directory) : IJob
{
    public TimeSpan Period => TimeSpan.FromHours(1);

    public async ValueTask RunAsync(CancellationToken ct)
    {
        await streamers.RemoveOrphansAsync(ct);
        var ids = await streamers.BroadcasterIdsAsync(ct);
        foreach (var who in ids.Count == 0 ? [] : await directory.FindByIdAsync(ids, ct) ?? [])
        {
            await db.Write.ExecuteAsync(
                $"""
                update live.streamers
                set twitch_login = lower({who.Login}), twitch_display_name = {who.DisplayName}, twitch_avatar_url = {who.AvatarUrl}
                where twitch_broadcaster_id = {who.Id} and (twitch_login, twitch_display_name, twitch_avatar_url)
                    is distinct from (lower({who.Login}), {who.DisplayName}, {who.AvatarUrl})
                """,
                ct);
        }
    }
}
