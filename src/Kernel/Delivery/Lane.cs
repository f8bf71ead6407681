namespace Rookery.Kernel.Delivery;

/// <summary>What one node has under way at one sender: how many actions, and in which channels, of which each has one at most.</summary>
internal sealed class Lane(ISender sender, OutboxOptions options)
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _channels = new(StringComparer.Ordinal);
    private readonly int _bulkPlaces = Math.Clamp(options.BulkInFlight, 1, Math.Max(1, options.InFlight - 1));
    private int _all;
    private int _bulk;

    public ISender Sender => sender;

    /// <summary>How many more it can take, how many of them in bulk, and in which channels it does something.</summary>
    public Room Look()
    {
        lock (_lock)
        {
            var free = options.InFlight - _all;
            return new Room(sender.Name, free, Math.Min(free, _bulkPlaces - _bulk), [.. _channels]);
        }
    }

    public void Enter(OutboxRow row) => Count(row, 1);

    public void Leave(OutboxRow row) => Count(row, -1);

    private void Count(OutboxRow row, int change)
    {
        lock (_lock)
        {
            _all += change;
            _bulk += row.Priority == OutboxPriority.Bulk ? change : 0;
            if (row.EntityId is { } channel)
            {
                _ = change > 0 ? _channels.Add(channel) : _channels.Remove(channel);
            }
        }
    }
}

/// <summary>What a lane can take.</summary>
/// <param name="Busy">Channels that have to wait for what is under way in them.</param>
internal sealed record Room(string Sender, int Free, int FreeBulk, IReadOnlyList<string> Busy);
