using System.Globalization;

namespace Rookery.Platforms.Discord.Gateway;

/// <summary>Takes what a shard is told, in its order.</summary>
internal interface IDispatches
{
    ValueTask TakeAsync(Dispatch dispatch, CancellationToken ct);
}

/// <param name="Data">Valid until it is taken.</param>
/// <param name="Session">With the sequence it names the dispatch, also when a resumed session tells it again.</param>
internal readonly record struct Dispatch(string Type, ReadOnlyMemory<byte> Data, string Session, long Sequence)
{
    public string Key => $"{Session}:{Sequence.ToString(CultureInfo.InvariantCulture)}";
}
