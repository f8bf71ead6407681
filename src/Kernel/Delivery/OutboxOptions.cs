using System.ComponentModel.DataAnnotations;

namespace Rookery.Kernel.Delivery;

internal sealed class OutboxOptions
{
    /// <summary>How many actions one node takes at a time.</summary>
    [Range(1, 1000)]
    public int BatchSize { get; init; } = 64;

    /// <summary>How long a node may hold an action before another takes it as abandoned.</summary>
    [Range(typeof(TimeSpan), "00:00:05", "01:00:00")]
    public TimeSpan Lease { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Tries before an action is given up.</summary>
    [Range(1, 100)]
    public int MaxAttempts { get; init; } = 12;

    /// <summary>How often the table is looked at when nothing rings.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:10:00")]
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long finished actions stay readable.</summary>
    [Range(1, 3650)]
    public int KeepDays { get; init; } = 14;
}
