using Microsoft.Extensions.Diagnostics.HealthChecks;
using Rookery.Kernel.Data;
using Rookery.Kernel.Security;
using Rookery.Kernel.Telemetry;

namespace Rookery.Host;

/// <summary>What one condition of <c>/readyz</c> is: ok, or what to do.</summary>
internal sealed record Condition(bool Ok, string? Detail);

/// <summary>The answer of <c>/readyz</c>.</summary>
internal sealed record Readiness(bool Ready, IReadOnlyDictionary<string, Condition> Checks);

/// <summary>The addresses that operators' tools look at: alive, ready, measured.</summary>
internal static class HealthEndpoints
{
    public static void Map(WebApplication app)
    {
        app.MapGet("/healthz", () => TypedResults.Text("ok")).NeedsNoKey().WithTags("health")
            .WithSummary("Answers while the process lives.");
        app.MapGet("/readyz", ReadyAsync).NeedsNoKey().WithTags("health")
            .WithSummary("Tells whether this node can do its work, and if not, what to do.")
            .Produces<Readiness>().Produces<Readiness>(StatusCodes.Status503ServiceUnavailable);

        // Asked for here, so that it listens from the start and not from the first scrape.
        var metrics = app.Services.GetRequiredService<PrometheusText>();
        app.MapGet("/metrics", () => TypedResults.Text(metrics.Write(), PrometheusText.ContentType))
            .Needs(Scopes.Metrics)
            .WithTags("health")
            .WithSummary("Everything that is measured, as Prometheus reads it.").Produces<string>(
                contentType: "text/plain");
    }

    private static async Task<IResult> ReadyAsync(HealthCheckService health, CancellationToken ct)
    {
        var report = await health.CheckHealthAsync(ct);
        var checks = report.Entries.ToDictionary(e => e.Key, e => Tell(e.Value), StringComparer.Ordinal);

        // What is degraded wants a person, not another node.
        var ready = report.Status != HealthStatus.Unhealthy;
        return TypedResults.Json(
            new Readiness(ready, checks),
            statusCode: ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    /// <summary>What a check threw is for the log: it may name hosts and users.</summary>
    private static Condition Tell(HealthReportEntry entry) => new(
        entry.Status == HealthStatus.Healthy,
        entry.Exception is null or StorageUnavailableException ? entry.Description : "This could not be checked; the log says why.");
}
