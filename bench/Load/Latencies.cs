using System.Diagnostics;

namespace Rookery.Bench.Load;

/// <summary>Durations as counts in buckets of 1 %: constant memory, quantiles within 1 %.</summary>
internal sealed class Latencies
{
    private const double Growth = 1.01;
    private static readonly double LogGrowth = Math.Log(Growth);

    private readonly long[] _counts = new long[2400];

    public long Count { get; private set; }

    public void Add(long stopwatchTicks)
    {
        var microseconds = stopwatchTicks * 1e6 / Stopwatch.Frequency;
        var bucket = (int)(Math.Log(Math.Max(1, microseconds)) / LogGrowth);
        _counts[Math.Min(bucket, _counts.Length - 1)]++;
        Count++;
    }

    public void Add(Latencies other)
    {
        for (var i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }

        Count += other.Count;
    }

    /// <returns>Milliseconds.</returns>
    public double Quantile(double q)
    {
        var wanted = (long)(q * Count);
        var seen = 0L;
        for (var i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen > wanted)
            {
                return Math.Pow(Growth, i) / 1000;
            }
        }

        return 0;
    }
}
