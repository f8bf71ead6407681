using System.Diagnostics.Metrics;
using Rookery.Kernel.Chat;
using Rookery.Router.Executions;
using Rookery.Router.Lanes;

namespace Rookery.Router.Telemetry;

/// <summary>The router's instruments. A measurement allocates nothing.</summary>
internal sealed class RouterMetrics
{
    private static readonly double[] Seconds =
        [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
    private static readonly string[] Outcomes = [.. Enum.GetNames<Outcome>().Select(n => n.ToLowerInvariant())];

    private readonly Counter<long> _events;
    private readonly Histogram<double> _executions;

    public RouterMetrics(IMeterFactory meters, LaneTable lanes)
    {
        var meter = meters.Create("Rookery.Router");
        _events = meter.CreateCounter<long>("rookery_events", description: "Events routed, by what came of them.");
        _executions = meter.CreateHistogram(
            "rookery_execution_duration",
            unit: "s",
            description: "Time of one run of a command or event handler, from its permission to its reply.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds });
        meter.CreateObservableGauge(
            "rookery_lanes", () => lanes.Count, description: "Channels with a lane on this node.");
        meter.CreateObservableGauge(
            "rookery_events_in_flight",
            () => lanes.InFlight,
            description: "Events that have or wait for a turn on this node.");
    }

    public void Routed(Outcome outcome) =>
        _events.Add(1, new KeyValuePair<string, object?>("outcome", Outcomes[(int)outcome]));

    public void Ran(Execution execution)
    {
        if (execution.CompletedAt is { } end)
        {
            _executions.Record(
                (end - execution.CreatedAt).TotalSeconds,
                new KeyValuePair<string, object?>("status", execution.Status));
        }
    }
}
