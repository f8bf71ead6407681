using Rookery.Kernel.Coordination;

namespace Rookery.Platforms.Discord.Gateway;

/// <summary>Takes what a shard is told, in its order.</summary>
internal interface IDispatches
{
    ValueTask TakeAsync(Dispatch dispatch, CancellationToken ct);
}

/// <param name="Data">Valid until it is taken.</param>
/// <param name="Session">With the sequence it names the dispatch, also when a resumed session tells it again.</param>
/// <param name="Claim">On the shard that was told; null: nobody else can be.</param>
/// <param name="State">To be told when what the dispatch causes begins and ends.</param>
internal readonly record struct Dispatch(
    string Type, ReadOnlyMemory<byte> Data, string Session, long Sequence, Claim? Claim = null, SessionState? State = null)
{
    /// <summary>Which of several events it holds; null: it is one.</summary>
    public string? Part { get; init; }

    public string Key => Part is null ? FormattableString.Invariant($"{Session}:{Sequence}") : FormattableString.Invariant($"{Session}:{Sequence}:{Part}");
}
