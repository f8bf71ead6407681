using Rookery.Kernel.Chat;

namespace Rookery.Platforms.Twitch.EventSub;

/// <summary>
/// The broadcasters whom modules want to know live. Where one is also a channel of the bot, the channel's subscriptions do.
/// </summary>
internal sealed class Watches(IEnumerable<IStreamWatch> watchers)
{
    private readonly IStreamWatch[] _watchers = [.. watchers];

    public async Task<IReadOnlyList<string>> BroadcastersAsync(CancellationToken ct)
    {
        var all = new HashSet<string>(StringComparer.Ordinal);
        foreach (var watcher in _watchers)
        {
            all.UnionWith(await watcher.BroadcastersAsync(ct));
        }

        return [.. all.Order(StringComparer.Ordinal)];
    }

    public async Task HandleAsync(InboundEvent e, CancellationToken ct)
    {
        foreach (var watcher in _watchers)
        {
            await watcher.HandleAsync(e, ct);
        }
    }

    /// <param name="status">Another than the subscription's own.</param>
    public Task ToldAsync(SubscriptionInfo subscription, string? status, CancellationToken ct) =>
        Of(subscription, status) is { } told ? ToldAsync([told], ct) : Task.CompletedTask;

    public async Task ToldAsync(IReadOnlyList<StreamSubscription> subscriptions, CancellationToken ct)
    {
        foreach (var watcher in subscriptions.Count > 0 ? _watchers : [])
        {
            await watcher.ToldAsync(subscriptions, ct);
        }
    }

    /// <returns>Null for one that is not about a stream.</returns>
    public static StreamSubscription? Of(SubscriptionInfo s, string? status = null) =>
        Catalog.IsOfStream(s.Type) && s.Condition.GetValueOrDefault("broadcaster_user_id") is { Length: > 0 } broadcaster
            ? new StreamSubscription(broadcaster, s.Type, s.Id, status ?? s.Status)
            : null;

    /// <summary>One that Twitch did not grant.</summary>
    public static StreamSubscription? Refused(Wanted wanted, string why) =>
        Catalog.IsOfStream(wanted.Type) && wanted.Condition.GetValueOrDefault("broadcaster_user_id") is { } broadcaster
            ? new StreamSubscription(broadcaster, wanted.Type, null, "failed", why)
            : null;
}
