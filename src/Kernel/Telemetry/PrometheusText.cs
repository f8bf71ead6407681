using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;

namespace Rookery.Kernel.Telemetry;

/// <summary>
/// Listens to this process's instruments and writes them down as Prometheus reads them: our own, the process's memory,
/// collections and threads, the requests of the web server and the connections to the database.
/// </summary>
/// <remarks>
/// Source: Prometheus exposition format, version 0.0.4; names as in "OpenTelemetry to Prometheus", unit and total as
/// suffixes.
/// </remarks>
public sealed class PrometheusText : IDisposable
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private static readonly string[] RequestInstruments =
        ["http.server.request.duration", "kestrel.active_connections"];

    private readonly ConcurrentDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();
    private readonly Lock _scraping = new();
    private readonly IMeterFactory _factory;

    public PrometheusText(IMeterFactory factory)
    {
        _factory = factory;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (IsWanted(instrument))
            {
                var family = new MetricFamily(instrument);
                listener.EnableMeasurementEvents(instrument, _families.GetOrAdd(family.Name, family));
            }
        };
        _listener.SetMeasurementEventCallback<byte>((_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<short>((_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<int>((_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<long>((_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<float>((_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<double>((_, value, tags, state) => Record(value, tags, state));
        _listener.Start();
    }

    /// <summary>Everything as it stands now.</summary>
    public string Write()
    {
        lock (_scraping)
        {
            foreach (var family in _families.Values)
            {
                family.BeginScrape();
            }

            _listener.RecordObservableInstruments();
            var text = new StringBuilder();
            foreach (var family in _families.Values.OrderBy(f => f.Name, StringComparer.Ordinal))
            {
                family.WriteTo(text);
            }

            return text.ToString();
        }
    }

    public void Dispose() => _listener.Dispose();

    /// <summary>
    /// Instruments of another host in this process belong to that one's text. What is measured at every statement is
    /// left alone.
    /// </summary>
    private bool IsWanted(Instrument instrument)
    {
        var meter = instrument.Meter;
        return (meter.Scope is null || ReferenceEquals(meter.Scope, _factory))
            && (meter.Name.StartsWith("Rookery", StringComparison.Ordinal)
                || (meter.Name is "System.Runtime" or "Npgsql" && instrument.IsObservable)
                || RequestInstruments.Contains(instrument.Name));
    }

    private static void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state) =>
        ((MetricFamily)state!).Record(value, tags);
}
