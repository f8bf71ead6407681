using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace Rookery.Bench.Load;

/// <summary>What a stretch of load gave.</summary>
internal sealed record LoadResult(
    double PerSecond, double P50Ms, double P95Ms, double P99Ms, CpuShare Cpu, long Failures);

/// <summary>Sends prepared requests over a number of connections, one at a time on each, for a while.</summary>
internal static class LoadRun
{
    /// <summary>Stands in a request where a fresh message id goes.</summary>
    public const string IdMark = "0000000000000000";

    private static long _nextId = Stopwatch.GetTimestamp();

    public static async Task<LoadResult> RunAsync(
        ServerProcess server, int connections, IReadOnlyList<byte[]> requests, TimeSpan length)
    {
        var before = CpuTimes.Now(server.Pid);
        var started = Stopwatch.GetTimestamp();
        var end = started + (long)(length.TotalSeconds * Stopwatch.Frequency);
        var workers = await Task.WhenAll(
            Enumerable.Range(0, connections).Select(i => WorkAsync(server.Address, requests, i, end)));
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var after = CpuTimes.Now(server.Pid);
        var all = new Latencies();
        foreach (var worker in workers)
        {
            all.Add(worker.Latencies);
        }

        return new LoadResult(
            all.Count / seconds,
            all.Quantile(0.5),
            all.Quantile(0.95),
            all.Quantile(0.99),
            CpuTimes.Share(before, after, all.Count),
            workers.Sum(w => w.Failures));
    }

    private static async Task<(Latencies Latencies, long Failures)> WorkAsync(
        IPEndPoint server, IReadOnlyList<byte[]> requests, int worker, long end)
    {
        using var connection = await HttpConnection.OpenAsync(server, CancellationToken.None);
        var latencies = new Latencies();
        var failures = 0L;
        var next = new Random(worker);
        var buffer = new byte[8 * 1024];
        while (Stopwatch.GetTimestamp() < end)
        {
            var template = requests[next.Next(requests.Count)];
            template.CopyTo(buffer, 0);
            var request = buffer.AsMemory(0, template.Length);
            Stamp(request.Span);
            var sent = Stopwatch.GetTimestamp();
            var (status, _) = await connection.SendAsync(request, CancellationToken.None);
            latencies.Add(Stopwatch.GetTimestamp() - sent);
            failures += status == 200 ? 0 : 1;
        }

        return (latencies, failures);
    }

    private static void Stamp(Span<byte> request)
    {
        var at = request.IndexOf("\"0000000000000000\""u8);
        if (at >= 0)
        {
            Interlocked.Increment(ref _nextId).TryFormat(
                request.Slice(at + 1, 16), out _, "x16", CultureInfo.InvariantCulture);
        }
    }
}
