using System.ComponentModel.DataAnnotations;

namespace Rookery.Kernel.Scheduling;

internal sealed class TimerOptions
{
    /// <summary>How many timers one node takes at a time.</summary>
    [Range(1, 1000)]
    public int BatchSize { get; init; } = 64;

    /// <summary>How long a node may hold a timer before another takes it as abandoned.</summary>
    [Range(typeof(TimeSpan), "00:00:05", "01:00:00")]
    public TimeSpan Lease { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Tries before a timer is laid aside as failed.</summary>
    [Range(1, 100)]
    public int MaxAttempts { get; init; } = 10;

    /// <summary>The longest sleep while no timer is due; a new timer rings at once.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:10:00")]
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(30);
}
