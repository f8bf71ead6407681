namespace Rookery.Kernel.Scheduling;

/// <summary>A job that also runs when its bell rings, and not only when its period is over.</summary>
internal interface IRungJob : IJob
{
    Bell Bell { get; }
}
