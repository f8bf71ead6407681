using System.ComponentModel.DataAnnotations;

namespace Rookery.Router;

internal sealed class RouterOptions
{
    /// <summary>Events that may wait in one channel; beyond it callers get 503.</summary>
    [Range(1, 1_000_000)]
    public int LaneCapacity { get; init; } = 1024;

    /// <summary>Events that may have or wait for a turn on this node, all channels together.</summary>
    [Range(1, 1_000_000)]
    public int MaxInFlight { get; init; } = 16_384;

    /// <summary>
    /// Transactions of execution rows under way at once. One gathers the largest groups and costs the least; more pay
    /// where the disk is slow and cores are idle.
    /// </summary>
    [Range(1, 8)]
    public int Writers { get; init; } = 1;
}
