using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Rookery.Kernel.Telemetry;

/// <summary>One metric with all its series. Recording takes a lookup and an interlocked addition.</summary>
internal sealed class MetricFamily
{
    /// <summary>
    /// More series than this are a mistake in the labels; the rest is left out rather than kept in memory.
    /// </summary>
    private const int MaxSeries = 2000;

    private static readonly double[] DefaultBounds =
        [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

    private readonly ConcurrentDictionary<TagSet, Series> _series = new(new TagSet.Comparer());
    private readonly double[]? _bounds;
    private readonly bool _adds;
    private readonly string _type;
    private readonly string _help;
    private long _scrape;

    public MetricFamily(Instrument instrument)
    {
        var kind = instrument.GetType().GetGenericTypeDefinition();
        var counts = kind == typeof(Counter<>) || kind == typeof(ObservableCounter<>);
        _adds = kind == typeof(Counter<>) || kind == typeof(UpDownCounter<>);
        _bounds = kind == typeof(Histogram<>) ? BoundsOf(instrument) : null;
        _type = _bounds is not null ? "histogram" : counts ? "counter" : "gauge";
        _help = instrument.Description ?? "";
        Name = NameOf(instrument, counts);
    }

    public string Name { get; }

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var lookup = _series.GetAlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>>();
        if (!lookup.TryGetValue(tags, out var series))
        {
            if (_series.Count >= MaxSeries)
            {
                return;
            }

            series = _series.GetOrAdd(new TagSet(tags.ToArray()), _ => new Series(_bounds?.Length ?? 0));
        }

        series.LastScrape = _scrape;
        if (_bounds is not null)
        {
            series.Observe(value, _bounds);
        }
        else if (_adds)
        {
            series.Add(value);
        }
        else
        {
            series.Set(value);
        }
    }

    /// <summary>Begins a scrape: what observable instruments no longer report is left out of it.</summary>
    public void BeginScrape() => _scrape++;

    public void WriteTo(StringBuilder text)
    {
        var isObserved = !_adds && _bounds is null;
        text.Append("# HELP ").Append(Name).Append(' ').Append(Escape(_help, quotes: false)).Append('\n');
        text.Append("# TYPE ").Append(Name).Append(' ').Append(_type).Append('\n');
        foreach (var (tags, series) in _series)
        {
            if (isObserved && series.LastScrape != _scrape)
            {
                continue;
            }

            var labels = Labels(tags);
            if (_bounds is null)
            {
                Line(text, Name, labels, "", series.Value);
                continue;
            }

            var below = 0L;
            for (var i = 0; i <= _bounds.Length; i++)
            {
                below += series.Bucket(i);
                var bound = i == _bounds.Length ? "+Inf" : _bounds[i].ToString(CultureInfo.InvariantCulture);
                Line(text, $"{Name}_bucket", labels, $"le=\"{bound}\"", below);
            }

            Line(text, $"{Name}_sum", labels, "", series.Value);
            Line(text, $"{Name}_count", labels, "", below);
        }
    }

    private static void Line(StringBuilder text, string name, string labels, string more, double value)
    {
        text.Append(name);
        if (labels.Length + more.Length > 0)
        {
            text.Append('{')
                .Append(labels)
                .Append(labels.Length > 0 && more.Length > 0 ? "," : "")
                .Append(more)
                .Append('}');
        }

        text.Append(' ').Append(value.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }

    private static string Labels(TagSet tags)
    {
        var parts = new List<string>();
        foreach (ref readonly var tag in tags.Tags)
        {
            var value = Convert.ToString(tag.Value, CultureInfo.InvariantCulture) ?? "";
            parts.Add($"{Clean(tag.Key)}=\"{Escape(value, quotes: true)}\"");
        }

        return string.Join(',', parts);
    }

    private static double[] BoundsOf(Instrument instrument) => instrument switch
    {
        Histogram<double> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds],
        Histogram<int> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(b => (double)b)],
        Histogram<long> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(b => (double)b)],
        _ => DefaultBounds,
    };

    /// <summary>The exposition's name: words joined by _, the unit and, for counters, total at the end.</summary>
    private static string NameOf(Instrument instrument, bool counts)
    {
        var unit = instrument.Unit switch
        {
            "s" => "_seconds",
            "ms" => "_milliseconds",
            "By" => "_bytes",
            _ => "",
        };
        var name = Clean(instrument.Name);
        name = name.EndsWith(unit, StringComparison.Ordinal) ? name : name + unit;
        return counts && !name.EndsWith("_total", StringComparison.Ordinal) ? $"{name}_total" : name;
    }

    private static string Clean(string name) => string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));

    private static string Escape(string value, bool quotes)
    {
        value = value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return quotes ? value.Replace("\"", "\\\"", StringComparison.Ordinal) : value;
    }

    private sealed class Series(int bounds)
    {
        private readonly long[] _buckets = new long[bounds + 1];
        private double _value;

        public long LastScrape { get; set; }

        public double Value => Volatile.Read(ref _value);

        public long Bucket(int index) => Interlocked.Read(ref _buckets[index]);

        public void Set(double value) => Volatile.Write(ref _value, value);

        public void Add(double value)
        {
            var before = Volatile.Read(ref _value);
            while (true)
            {
                var seen = Interlocked.CompareExchange(ref _value, before + value, before);
                if (seen.Equals(before))
                {
                    return;
                }

                before = seen;
            }
        }

        public void Observe(double value, double[] bounds)
        {
            var index = 0;
            while (index < bounds.Length && value > bounds[index])
            {
                index++;
            }

            Interlocked.Increment(ref _buckets[index]);
            Add(value);
        }
    }
}
