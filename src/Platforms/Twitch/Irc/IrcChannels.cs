using System.Collections.Frozen;
using Rookery.Platforms.Twitch.Auth;

namespace Rookery.Platforms.Twitch.Irc;

/// <summary>A channel whose chat is to be heard.</summary>
/// <param name="Login">Its name in small letters.</param>
/// <param name="Scopes">What its broadcaster allowed; what that lets EventSub tell is not taken from IRC too.</param>
internal sealed record IrcChannel(string Id, string Login, IReadOnlySet<string> Scopes);

/// <summary>The channels this node holds, by the names IRC calls them.</summary>
internal sealed class IrcChannels(ChannelStore channels, ChannelClaims claims, TokenStore tokens)
{
    private FrozenDictionary<string, IrcChannel> _held = FrozenDictionary<string, IrcChannel>.Empty;

    /// <summary>As of the last look.</summary>
    public IrcChannel? Find(string login) => Volatile.Read(ref _held).GetValueOrDefault(login);

    /// <returns>The names of those that are held now.</returns>
    public async Task<IReadOnlySet<string>> LookAsync(CancellationToken ct)
    {
        var scopes = (await tokens.ListAsync(ct)).ToDictionary(t => t.UserId, t => t.Scopes, StringComparer.Ordinal);
        var none = new HashSet<string>(StringComparer.Ordinal);
        var held = (await channels.ActiveAsync(ct)).Where(c => claims.Holds(c.ChannelId))
            .Select(c => new IrcChannel(
                c.ChannelId, c.BroadcasterName.ToLowerInvariant(), scopes.GetValueOrDefault(c.BroadcasterId, none)))
            .DistinctBy(c => c.Login, StringComparer.Ordinal)
            .ToFrozenDictionary(c => c.Login, StringComparer.Ordinal);
        Volatile.Write(ref _held, held);
        return held.Keys.ToHashSet(StringComparer.Ordinal);
    }
}
