using Rookery.Kernel.Scheduling;

namespace Rookery.Modules.LivePosts.Guilds;

/// <summary>Finds servers that are not known here, and keeps up with their names, pictures and owners.</summary>
internal sealed class KeepGuilds(GuildStore guilds) : IJob
{
    public TimeSpan Period => TimeSpan.FromMinutes(1);

    public async ValueTask RunAsync(CancellationToken ct)
    {
        await guilds.AdoptAsync(ct);
        await guilds.RefreshAsync(ct);
    }
}
