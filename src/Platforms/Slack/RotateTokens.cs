using Rookery.Kernel.Scheduling;

namespace Rookery.Platforms.Slack;

/// <summary>Renews tokens long before they expire, so that an outage of hours costs nothing.</summary>
internal sealed class RotateTokens(TokenRenewal renewal, TokenStore store, TimeProvider clock) : IJob
{
    /// <summary>Slack's tokens live twelve hours.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromHours(3);

    public TimeSpan Period => TimeSpan.FromMinutes(5);

    public async ValueTask RunAsync(CancellationToken ct)
    {
        var before = clock.GetUtcNow() + Ahead;
        foreach (var team in await store.ExpiringAsync(before, ct))
        {
            await renewal.RenewAsync(team, before, null, ct);
        }
    }
}
