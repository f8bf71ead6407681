using Rookery.Kernel.Scheduling;

namespace Rookery.Workflows.Execution;

/// <summary>Rings when runs may be waiting to be taken up.</summary>
internal sealed class RunBell(TimeProvider clock) : IDisposable
{
    public Bell Of { get; } = new(clock);

    public void Dispose() => Of.Dispose();
}
