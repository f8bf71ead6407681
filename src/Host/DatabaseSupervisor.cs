using Rookery.Kernel.Data;

namespace Rookery.Host;

/// <summary>Looks after the embedded database while the server runs: one that died is started again.</summary>
internal sealed partial class DatabaseSupervisor(EmbeddedPostgres postgres, TimeProvider clock, ILogger<DatabaseSupervisor> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (await postgres.ReviveAsync(stoppingToken))
                {
                    Revived();
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                ReviveFailed(e);
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "The database had stopped and was started again; its log is postgres/server.log.1 in the data folder.")]
    private partial void Revived();

    [LoggerMessage(LogLevel.Error, "The database has stopped and could not be started; it is tried again.")]
    private partial void ReviveFailed(Exception exception);
}
