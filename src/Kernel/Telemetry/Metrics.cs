using System.Diagnostics.Metrics;

namespace Rookery.Kernel.Telemetry;

/// <summary>The instruments of the kernel. <c>/metrics</c> shows every instrument whose meter's name starts with Rookery.</summary>
public static class Metrics
{
    public static Meter Meter { get; } = new("Rookery");

    public static Counter<long> OutboxInDoubt { get; } =
        Meter.CreateCounter<long>("rookery_outbox_in_doubt", description: "Actions that a stopped node may have sent already.");
}
