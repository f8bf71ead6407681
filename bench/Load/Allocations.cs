using System.Diagnostics.Tracing;

namespace Rookery.Bench.Load;

/// <summary>Which types the memory goes to: the runtime tells about one allocation of every hundred kilobytes.</summary>
internal sealed class Allocations : EventListener
{
    private const long Collections = 1;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _ticks = new(StringComparer.Ordinal);

    /// <summary>The types and their share of all that was allocated since the start, most first.</summary>
    public IEnumerable<(string Type, double Share)> Most(int count)
    {
        lock (_gate)
        {
            var all = _ticks.Values.Sum();
            return [.. _ticks.OrderByDescending(t => t.Value).Take(count).Select(t => (t.Key, (double)t.Value / all))];
        }
    }

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (string.Equals(eventSource.Name, "Microsoft-Windows-DotNETRuntime", StringComparison.Ordinal))
        {
            EnableEvents(eventSource, EventLevel.Verbose, (EventKeywords)Collections);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventName?.StartsWith("GCAllocationTick", StringComparison.Ordinal) == true
            && eventData.PayloadNames?.IndexOf("TypeName") is int at and >= 0
            && eventData.Payload?[at] is string type)
        {
            lock (_gate)
            {
                _ticks[type] = _ticks.GetValueOrDefault(type) + 1;
            }
        }
    }
}
