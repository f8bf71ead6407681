using Microsoft.Extensions.Diagnostics.HealthChecks;
using Rookery.Kernel.Data;

namespace Rookery.Platforms.Slack;

/// <summary>Tells of workspaces whose token only a person can bring back; the node works on for all others.</summary>
internal sealed class TokenCheck(TokenStore store, TokenRenewal renewal) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var lost = await store.LostAsync(cancellationToken);
            return lost is [var first, ..]
                ? HealthCheckResult.Degraded(FormattableString.Invariant(
                    $"{lost.Count} without a good token, the first is {first.Team}: {first.Error} {renewal.Cure}"))
                : HealthCheckResult.Healthy();
        }
        catch (StorageUnavailableException e)
        {
            return HealthCheckResult.Degraded("Unknown while the database cannot be reached.", e);
        }
    }
}
