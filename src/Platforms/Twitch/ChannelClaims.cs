using Rookery.Kernel.Chat;
using Rookery.Kernel.Coordination;
using Rookery.Kernel.Data;
using Rookery.Platforms.Twitch.Auth;
using Rookery.Platforms.Twitch.EventSub;

namespace Rookery.Platforms.Twitch;

/// <summary>
/// Which channels are this node's. They are put up for claims, and so is the care for the webhooks of all of them; what is
/// won or lost, the loops that compare subscriptions act on at once.
/// </summary>
internal sealed class ChannelClaims : IClaimant
{
    private readonly Claims _claims;
    private readonly ChannelStore _channels;
    private readonly Changes _changes;
    private bool _serves;

    public ChannelClaims(Claims claims, ChannelStore channels, Tokens tokens, Changes changes, ChangeFeed feed)
    {
        _claims = claims;
        _channels = channels;
        _changes = changes;
        feed.On("twitch_channels", _ => changes.Ring());
        feed.On("stream_watch", _ => changes.Ring());
        feed.On("twitch_tokens", user =>
        {
            tokens.Forget(user);
            changes.Ring();
        });
    }

    /// <summary>No broadcaster's number, so no channel's.</summary>
    public static ChannelId Webhooks { get; } = TwitchDecoder.Channel("webhooks");

    public Platform Platform => Platform.Twitch;

    public IReadOnlyList<string> SupportedEvents { get; } =
        [.. Catalog.For("", "", Catalog.ChannelScopes.ToHashSet(StringComparer.Ordinal), ChatTransport.EventSub).Select(w => w.Type)];

    public bool HoldsWebhooks => _claims.Find(Webhooks) is not null;

    public bool Holds(string broadcaster) => _claims.Find(TwitchDecoder.Channel(broadcaster)) is not null;

    /// <summary>Puts the channels that the bot serves now up for claims.</summary>
    public async Task OfferAsync(CancellationToken ct)
    {
        var active = await _channels.ActiveAsync(ct);
        await _claims.OfferAsync(
            Platform.Twitch, [.. active.Select(c => TwitchDecoder.Channel(c.ChannelId)).Append(Webhooks)], ct);
        if (!_serves)
        {
            _serves = true;
            _claims.Serve(this);
        }
    }

    public Task StartAsync(Claim claim, CancellationToken ct)
    {
        _changes.Ring();
        return Task.CompletedTask;
    }

    public Task<string?> StopAsync(Claim claim, CancellationToken ct)
    {
        _changes.Ring();
        return Task.FromResult<string?>(null);
    }
}
