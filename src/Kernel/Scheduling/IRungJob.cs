namespace Rookery.Kernel.Scheduling;

/// <summary>
/// A job that also runs when its bell rings, and not only when its period is over, which it may state anew after each run.
/// </summary>
public interface IRungJob : IJob
{
    Bell Bell { get; }
}
