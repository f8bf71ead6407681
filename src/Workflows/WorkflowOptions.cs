using System.ComponentModel.DataAnnotations;

namespace Rookery.Workflows;

internal sealed class WorkflowOptions
{
    /// <summary>Turns of nodes in one run.</summary>
    [Range(10, 100_000)]
    public int MaxNodeExecutions { get; init; } = 1000;

    /// <summary>A wait longer than this leaves the memory and goes on from the database.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan SleepInMemory { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often runs of nodes that died are looked for, and runs that were cancelled while nobody could be told.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan TakeoverEvery { get; init; } = TimeSpan.FromSeconds(5);
}
