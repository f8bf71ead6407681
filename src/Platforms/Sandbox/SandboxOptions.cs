using System.ComponentModel.DataAnnotations;

namespace Rookery.Platforms.Sandbox;

internal sealed class SandboxOptions
{
    /// <summary>Sockets open at once on this node; one more is answered 503.</summary>
    [Range(1, 100_000)]
    public int MaxConnections { get; init; } = 500;

    /// <summary>
    /// How long a client may take to accept one frame. A slower one is dropped; when it comes back, it gets what it
    /// missed.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan SendTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How often a quiet socket is pinged, and how long the answer may take before the socket is dropped.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan PingEvery { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long messages stay.</summary>
    [Range(1, 3650)]
    public int KeepDays { get; init; } = 90;
}
