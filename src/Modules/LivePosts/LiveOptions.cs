using System.ComponentModel.DataAnnotations;

namespace Rookery.Modules.LivePosts;

/// <summary>The section <c>Modules:live_posts</c>.</summary>
internal sealed class LiveOptions
{
    /// <summary>How often streams that are live are looked at, for their viewers and for ends that were not told.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Waits between the looks at a stream that began and is not shown as live yet; after them it is posted as told.</summary>
    public IReadOnlyList<TimeSpan> LookupWaits { get; init; } = [];

    /// <summary>Between the looks at a stream that ended: for its recording, and whether it ended indeed.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:10:00")]
    public TimeSpan EndWait { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a node may be silent in the middle of posting before another goes on.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Guilds that get their rows in one transaction.</summary>
    [Range(1, 5000)]
    public int PageSize { get; init; } = 1250;

    /// <summary>Pages that are written at a time, each on a connection of its own.</summary>
    [Range(1, 16)]
    public int PagesAtOnce { get; init; } = 3;

    public TimeSpan? LookupWait(int attempt) => (LookupWaits.Count > 0 ? LookupWaits : Waits) is var waits && attempt < waits.Count
        ? waits[attempt]
        : null;

    private static readonly TimeSpan[] Waits = [.. new[] { 2, 5, 10, 20, 30 }.Select(s => TimeSpan.FromSeconds(s))];
}
