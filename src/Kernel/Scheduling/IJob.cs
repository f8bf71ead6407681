namespace Rookery.Kernel.Scheduling;

/// <summary>A sweep that may run anywhere at any time. The kernel owns the loop, the clock and the error log.</summary>
public interface IJob
{
    TimeSpan Period { get; }

    ValueTask RunAsync(CancellationToken ct);
}
