using System.ComponentModel.DataAnnotations;

namespace Rookery.Kernel.Delivery;

internal sealed class OutboxOptions
{
    /// <summary>How many actions one node has under way at a sender at a time. Each sender has as many for itself.</summary>
    [Range(1, 1000)]
    public int InFlight { get; init; } = 64;

    /// <summary>
    /// How many of them may be of those that come many at once; where there is more than one place, one is left for the others.
    /// Fifty a second, as Discord takes, need ten of them at 0.2 s each; what is beyond only makes answers wait for their turn.
    /// </summary>
    [Range(1, 1000)]
    public int BulkInFlight { get; init; } = 12;

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
