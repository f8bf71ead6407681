using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Scheduling;

namespace Rookery.Kernel.Coordination;

/// <summary>What this node has of the work that the nodes share.</summary>
public sealed class Claims : IDisposable
{
    private readonly ConcurrentDictionary<Platform, IClaimant> _claimants = new();
    private readonly ConcurrentDictionary<string, Claim> _held = new(StringComparer.Ordinal);
    private readonly LiveStore _live;

    public Claims(Database db, Node node, ChangeFeed feed, IOptions<CoordinationOptions> options, TimeProvider clock)
    {
        Store = new ClaimStore(db, node, options, clock);
        _live = new LiveStore(db, clock);
        Bell = new Bell(clock);
        feed.On("coordination", PassedOn);
    }

    internal ClaimStore Store { get; }

    internal Bell Bell { get; }

    internal IEnumerable<IClaimant> Claimants => _claimants.Values;

    /// <summary>Also those that are over and not ended yet.</summary>
    internal IEnumerable<Claim> All => _held.Values;

    /// <summary>From now on this node claims rows of the claimant's platform.</summary>
    public void Serve(IClaimant claimant)
    {
        _claimants[claimant.Platform] = claimant;
        Bell.Ring();
    }

    /// <summary>
    /// Says all that can be claimed of a platform. What is new is put up, what is no longer among it is taken back, what is
    /// switched off in <c>kernel.servers</c> is left out; the rest stays as it is.
    /// </summary>
    public Task OfferAsync(Platform platform, IReadOnlyList<ChannelId> channels, CancellationToken ct) =>
        Store.OfferAsync(platform, channels, ct);

    /// <summary>The claim of this node on a channel.</summary>
    public Claim? Find(ChannelId channel) => _held.TryGetValue(channel.ToString(), out var claim) && claim.IsHeld ? claim : null;

    public IReadOnlyList<Claim> Of(Platform platform) => [.. _held.Values.Where(c => c.Platform == platform && c.IsHeld)];

    /// <summary>Writes how the streams of claimed channels stand; a claim that is lost writes nothing.</summary>
    public Task SetLiveAsync(IReadOnlyList<LiveState> states, CancellationToken ct) => _live.SetAsync(states, ct);

    /// <summary>Writes at once that a stream began (<paramref name="since"/>) or ended (null), whoever holds the channel.</summary>
    public Task SetLiveAsync(ChannelId channel, DateTimeOffset? since, CancellationToken ct) =>
        _live.SetAsync(channel.ToString(), since, ct);

    public void Dispose() => Bell.Dispose();

    internal IClaimant ClaimantOf(Claim claim) => _claimants[claim.Platform];

    internal List<Claim> Mine(Platform platform) => [.. _held.Values.Where(c => c.Platform == platform)];

    /// <returns>The claim on the same row from before, if there is one.</returns>
    internal Claim? Put(Claim claim)
    {
        _held.TryGetValue(claim.EntityId, out var before);
        _held[claim.EntityId] = claim;
        return before;
    }

    internal void Remove(Claim claim) => _held.TryRemove(KeyValuePair.Create(claim.EntityId, claim));

    /// <summary>A row changed hands, came or went.</summary>
    private void PassedOn(string entityId)
    {
        if (_held.TryGetValue(entityId, out var claim))
        {
            claim.Doubt();
        }

        Bell.Ring();
    }
}
