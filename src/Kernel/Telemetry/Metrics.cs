using System.Diagnostics.Metrics;

namespace Rookery.Kernel.Telemetry;

/// <summary>
/// The instruments of the kernel. <c>/metrics</c> shows every instrument whose meter's name starts with Rookery.
/// </summary>
public static class Metrics
{
    public static Meter Meter { get; } = new("Rookery");

    public static Counter<long> OutboxInDoubt { get; } =
        Meter.CreateCounter<long>(
            "rookery_outbox_in_doubt", description: "Actions that a stopped node may have sent already.");

    public static Counter<long> RepliesDropped { get; } =
        Meter.CreateCounter<long>(
            "rookery_replies_dropped", description: "Answers that waited for a platform until they were too late, or may have been said.");

    public static Histogram<int> BatchRows { get; } = Meter.CreateHistogram(
        "rookery_batch_rows",
        description: "Rows of one group commit.",
        advice: new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512] });

    public static Histogram<double> BatchDuration { get; } = Meter.CreateHistogram(
        "rookery_batch_duration",
        unit: "s",
        description: "Time of one group commit, from taking a connection to the commit.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5, 30] });
}
