using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;
using Rookery.Kernel.Scheduling;

namespace Rookery.Modules.LivePosts.Preferences;

/// <summary>Has the roles of members follow what the members want.</summary>
internal sealed class FollowPreferences(Database db, PreferenceStore store, ChangeResults results, Outbox outbox) : IJob
{
    private const int AtOnce = 200;

    public TimeSpan Period => TimeSpan.FromSeconds(1);

    public async ValueTask RunAsync(CancellationToken ct)
    {
        await db.TransactionAsync(t => results.TakeAsync(t, ct), ct);
        await results.RetryAsync(db.Write, ct);
        while (await db.TransactionAsync(t => PageAsync(t, ct), ct) == AtOnce)
        {
            // More than were taken at once.
        }
    }

    private async Task<int> PageAsync(Transaction t, CancellationToken ct)
    {
        var changes = await store.BehindAsync(t, AtOnce, ct);
        if (changes.Count > 0)
        {
            await outbox.AddAsync(t, [.. changes.Select(Item)], ct);
            await store.BegunAsync(t, changes, ct);
        }

        return changes.Count;
    }

    private static OutboxItem Item(RoleChange c) => new(
        c.Key,
        Platform.Discord.Name(),
        c.CommunityId,
        $"discord:{c.GuildId}:member:{c.UserId}",
        new SetMemberRole(Platform.Discord, c.GuildId, c.UserId, c.RoleId, c.Has, "The member chose when it rings."));
}
