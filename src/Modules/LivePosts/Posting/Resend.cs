using Rookery.Kernel.Data;
using Rookery.Modules.LivePosts.Guilds;
using Rookery.Modules.LivePosts.Streamers;

namespace Rookery.Modules.LivePosts.Posting;

/// <summary>Somebody wants a post again that failed or was skipped.</summary>
internal sealed class Resend(Database db, PostAgain again, StreamerLinks links)
{
    /// <returns>False when it is under way, stands already, or has no channel to go to.</returns>
    public Task<bool> RunAsync(Guild guild, Guid id, Actor by, CancellationToken ct) => db.TransactionAsync(
        async t =>
        {
            if (await again.RunAsync(t, guild.GuildId, id, ct) is not { } login)
            {
                return false;
            }

            await links.AuditAsync(t, guild, by, "live.resend", login, ct);
            return true;
        },
        ct);
}
