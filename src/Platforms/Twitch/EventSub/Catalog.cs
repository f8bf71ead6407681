namespace Rookery.Platforms.Twitch.EventSub;

/// <summary>A subscription that should exist.</summary>
/// <param name="Owner">Whose token makes it over a socket: the bot's or the broadcaster's. A webhook's is the application's.</param>
/// <param name="IsFree">
/// It costs nothing at Twitch, because the person it is about let this application in. The others of one account may cost 10.
/// </param>
internal sealed record Wanted(
    string Type, string Version, IReadOnlyDictionary<string, string?> Condition, string Owner, bool IsFree = true)
{
    public string Key => KeyOf(Type, Version, Condition);

    /// <summary>What tells one subscription from another; Twitch adds empty conditions to those it was asked for.</summary>
    public static string KeyOf(string type, string version, IReadOnlyDictionary<string, string?> condition) => string.Join(
        '|',
        condition.Where(c => !string.IsNullOrEmpty(c.Value)).OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => $"{c.Key}={c.Value}")
            .Prepend(version).Prepend(type));
}

/// <summary>What is subscribed to in a channel.</summary>
/// <remarks>Source: dev.twitch.tv/docs/eventsub/eventsub-subscription-types.</remarks>
internal static class Catalog
{
    private const string Broadcaster = "broadcaster_user_id";

    /// <summary>What the bot asks a person who lets it speak as that account.</summary>
    public static IReadOnlyList<string> BotScopes { get; } =
    [
        "user:read:chat", "user:write:chat", "user:bot", "moderator:manage:chat_messages", "moderator:manage:banned_users",
        "moderator:manage:warnings", "moderator:read:followers", "chat:read", WhisperSender.Scope,
    ];

    private static readonly (string Type, string Version)[] Stream =
        [("stream.online", "1"), ("stream.offline", "1"), ("channel.update", "2")];

    /// <summary>What needs the broadcaster's consent, and which.</summary>
    private static readonly (string Type, string Version, string Scope)[] OfBroadcaster =
    [
        ("channel.subscribe", "1", "channel:read:subscriptions"),
        ("channel.subscription.gift", "1", "channel:read:subscriptions"),
        ("channel.subscription.message", "1", "channel:read:subscriptions"),
        ("channel.cheer", "1", "bits:read"),
        ("channel.channel_points_custom_reward_redemption.add", "1", "channel:read:redemptions"),
        ("channel.hype_train.begin", "2", "channel:read:hype_train"),
        ("channel.hype_train.progress", "2", "channel:read:hype_train"),
        ("channel.hype_train.end", "2", "channel:read:hype_train"),
        ("channel.ban", "1", "channel:moderate"),
        ("channel.unban", "1", "channel:moderate"),
        ("channel.moderator.add", "1", "moderation:read"),
        ("channel.moderator.remove", "1", "moderation:read"),
    ];

    /// <summary>What the bot asks a broadcaster.</summary>
    public static IReadOnlyList<string> ChannelScopes { get; } =
        [.. OfBroadcaster.Select(s => s.Scope).Distinct(StringComparer.Ordinal), "channel:bot"];

    /// <param name="scopes">What the broadcaster allowed; empty when he or she never logged in.</param>
    /// <param name="chat">With IRC the talk is not subscribed to.</param>
    public static IEnumerable<Wanted> For(string channel, string bot, IReadOnlySet<string> scopes, ChatTransport chat)
    {
        var isFree = scopes.Count > 0;
        if (chat == ChatTransport.EventSub)
        {
            yield return new(TwitchDecoder.Chat, "1", Where((Broadcaster, channel), ("user_id", bot)), bot);
        }

        yield return new("channel.follow", "2", Where((Broadcaster, channel), ("moderator_user_id", bot)), bot);
        yield return new("channel.raid", "1", Where(("to_broadcaster_user_id", channel)), bot, isFree);
        foreach (var one in OfStream(channel, bot, isFree))
        {
            yield return one;
        }

        foreach (var (type, version, scope) in OfBroadcaster)
        {
            if (scopes.Contains(scope))
            {
                yield return new(type, version, Where((Broadcaster, channel)), channel);
            }
        }
    }

    /// <summary>What tells of a broadcaster's streams, and needs nobody's consent.</summary>
    public static IEnumerable<Wanted> OfStream(string broadcaster, string bot, bool isFree) =>
        Stream.Select(s => new Wanted(s.Type, s.Version, Where((Broadcaster, broadcaster)), bot, isFree));

    public static bool IsOfStream(string type) => Array.Exists(Stream, s => s.Type == type);

    private static Dictionary<string, string?> Where(params (string Name, string Value)[] conditions) =>
        conditions.ToDictionary(c => c.Name, string? (c) => c.Value, StringComparer.Ordinal);
}
