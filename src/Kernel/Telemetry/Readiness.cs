using Microsoft.Extensions.Diagnostics.HealthChecks;
using Rookery.Kernel.Data;

namespace Rookery.Kernel.Telemetry;

internal sealed class DatabaseCheck(Database db) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await db.Write.ValueAsync<int>($"select 1", cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (StorageUnavailableException e)
        {
            return HealthCheckResult.Unhealthy(
                "The database cannot be reached. Start it, or mend ConnectionStrings:Primary; nothing else needs doing.", e);
        }
    }
}

internal sealed class MigrationsCheck(Migrator migrator, IEnumerable<SchemaOwner> owners) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            return await migrator.PendingAsync(owners, cancellationToken) is { Count: > 0 } pending
                ? HealthCheckResult.Unhealthy($"Not applied: {string.Join(", ", pending)}. Run: ./run migrate.")
                : HealthCheckResult.Healthy();
        }
        catch (StorageUnavailableException e)
        {
            return HealthCheckResult.Unhealthy("Unknown while the database cannot be reached.", e);
        }
    }
}

internal sealed class ChangeFeedCheck(ChangeFeed feed) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(feed.IsListening
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy(
                "The change feed has no connection, so caches may be out of date. It connects again by itself once the database is back."));
}
