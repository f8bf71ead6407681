using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Rookery.Router.Lanes;

/// <summary>Ready while this node takes more events.</summary>
internal sealed class LaneCheck(LaneTable lanes, IOptions<RouterOptions> options) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var (now, most) = (lanes.InFlight, options.Value.MaxInFlight);
        return Task.FromResult(now < most
            ? HealthCheckResult.Healthy($"{now} of {most} events in flight.")
            : HealthCheckResult.Unhealthy(
                $"{now} events in flight, the most this node takes. Send fewer at once, look for a slow handler, or raise Router:MaxInFlight."));
    }
}
