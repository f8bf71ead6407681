using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Rookery.Kernel.Data;

namespace Rookery.Kernel.Scheduling;

/// <summary>Runs one job for as long as the host lives. A failed run is logged and the next one still comes.</summary>
internal sealed partial class JobRunner<T>(T job, TimeProvider clock, ILogger<T> log) : BackgroundService
    where T : IJob
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(job.Period, clock);
        do
        {
            var started = clock.GetTimestamp();
            try
            {
                await job.RunAsync(stoppingToken);
            }
            catch (StorageUnavailableException e)
            {
                RunPutOff(typeof(T).Name, e.Message);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                RunFailed(e, typeof(T).Name, clock.GetElapsedTime(started).TotalMilliseconds);
            }
        }
        while (await NextAsync(timer, stoppingToken));
    }

    private async ValueTask<bool> NextAsync(PeriodicTimer timer, CancellationToken ct)
    {
        try
        {
            if (job is not IRungJob rung)
            {
                return await timer.WaitForNextTickAsync(ct);
            }

            await rung.Bell.WaitAsync(job.Period, ct);
            return true;
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Job {Job} waits for its next period: {Reason}")]
    private partial void RunPutOff(string job, string reason);

    [LoggerMessage(LogLevel.Error, "Job {Job} failed after {ElapsedMs} ms; it runs again at its next period.")]
    private partial void RunFailed(Exception exception, string job, double elapsedMs);
}
