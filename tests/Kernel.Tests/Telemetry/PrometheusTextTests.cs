using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Rookery.Kernel.Telemetry;

namespace Rookery.Kernel.Tests.Telemetry;

public sealed class PrometheusTextTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly PrometheusText _text;
    private readonly Meter _meter;

    public PrometheusTextTests()
    {
        var factory = _services.GetRequiredService<IMeterFactory>();
        _text = new PrometheusText(factory);
        _meter = factory.Create("Rookery.Test");
    }

    [Fact]
    public void A_counter_sums_by_labels()
    {
        var counter = _meter.CreateCounter<long>("test_calls", description: "Calls.");
        counter.Add(2, new KeyValuePair<string, object?>("kind", "a"));
        counter.Add(3, new KeyValuePair<string, object?>("kind", "a"));
        counter.Add(1, new KeyValuePair<string, object?>("kind", "b"));

        Lines("test_calls").ShouldBe(
            ["# HELP test_calls_total Calls.", "# TYPE test_calls_total counter", "test_calls_total{kind=\"a\"} 5", "test_calls_total{kind=\"b\"} 1"], ignoreOrder: true);
    }

    [Fact]
    public void A_histogram_counts_into_cumulative_buckets_with_its_unit_in_the_name()
    {
        var histogram = _meter.CreateHistogram(
            "test.time", unit: "s", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        foreach (var value in new[] { 0.05, 0.1, 0.5, 7 })
        {
            histogram.Record(value);
        }

        Lines("test_time").Where(l => l[0] != '#').ShouldBe(
        [
            "test_time_seconds_bucket{le=\"0.1\"} 2", "test_time_seconds_bucket{le=\"1\"} 3", "test_time_seconds_bucket{le=\"+Inf\"} 4",
            "test_time_seconds_sum 7.65", "test_time_seconds_count 4",
        ]);
    }

    [Fact]
    public void A_gauge_shows_what_is_and_forgets_what_is_no_more()
    {
        var measurements =
            new List<Measurement<int>> { new(1, new KeyValuePair<string, object?>("id", "x")), new(2, new KeyValuePair<string, object?>("id", "y")) };
        _meter.CreateObservableGauge("test_gauge", () => measurements);
        Lines("test_gauge{").Count.ShouldBe(2);

        measurements.RemoveAt(0);

        Lines("test_gauge{").ShouldBe(["test_gauge{id=\"y\"} 2"]);
    }

    [Fact]
    public void Labels_are_escaped()
    {
        _meter.CreateCounter<int>("test_odd").Add(1, new KeyValuePair<string, object?>("a.b", "\"x\\y\nz"));

        Lines("test_odd_total{").ShouldBe(["test_odd_total{a_b=\"\\\"x\\\\y\\nz\"} 1"]);
    }

    [Fact]
    public async Task Many_threads_lose_no_count()
    {
        var counter = _meter.CreateCounter<long>("test_many");
        var histogram = _meter.CreateHistogram<int>("test_sizes");

        await Parallel.ForEachAsync(Enumerable.Range(0, 8), TestContext.Current.CancellationToken, (_, _) =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                counter.Add(1, new KeyValuePair<string, object?>("k", i % 3));
                histogram.Record(1);
            }

            return ValueTask.CompletedTask;
        });

        Lines("test_many_total{")
            .Sum(l => double.Parse(l.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture))
            .ShouldBe(80_000);
        Lines("test_sizes_count").ShouldBe(["test_sizes_count 80000"]);
    }

    [Fact]
    public void Labels_without_end_do_not_fill_the_memory()
    {
        var counter = _meter.CreateCounter<long>("test_endless");
        for (var i = 0; i < 5000; i++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("user", i));
        }

        Lines("test_endless_total{").Count.ShouldBe(2000);
    }

    [Fact]
    public void Meters_of_others_are_not_ours()
    {
        using var foreign = new Meter("Somebody.Else");
        foreign.CreateCounter<int>("test_foreign").Add(1);
        using var otherHost = new ServiceCollection().AddMetrics().BuildServiceProvider();
        otherHost.GetRequiredService<IMeterFactory>()
            .Create("Rookery.Test")
            .CreateCounter<int>("test_other_host")
            .Add(1);

        Lines("test_foreign").ShouldBeEmpty();
        Lines("test_other_host").ShouldBeEmpty();
    }

    public void Dispose()
    {
        _text.Dispose();
        _services.Dispose();
    }

    private List<string> Lines(string about) =>
        [.. _text.Write().Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => l.Contains(about, StringComparison.Ordinal))];
}
