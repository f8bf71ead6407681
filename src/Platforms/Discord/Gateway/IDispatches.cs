namespace Rookery.Platforms.Discord.Gateway;

/// <summary>Takes what a shard is told, in its order.</summary>
internal interface IDispatches
{
    /// <param name="data">Valid until this completes.</param>
    ValueTask TakeAsync(string type, ReadOnlyMemory<byte> data, CancellationToken ct);
}
