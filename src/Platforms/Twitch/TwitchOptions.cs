using System.ComponentModel.DataAnnotations;
using Rookery.Kernel.Startup;

namespace Rookery.Platforms.Twitch;

/// <summary>How events come: over a socket that we open, or as calls of Twitch to our address.</summary>
internal enum EventTransport
{
    WebSocket,
    Webhook,
}

/// <summary>How talk comes: as events, or over IRC, which needs no subscription for each channel.</summary>
internal enum ChatTransport
{
    EventSub,
    Irc,
}

/// <summary>The section <c>Platforms:Twitch</c>. Without client id, secret and bot the platform is off.</summary>
internal sealed class TwitchOptions : IPlatformOptions, IValidatableObject
{
    /// <summary>Of the application at dev.twitch.tv/console.</summary>
    public string? ClientId { get; init; }

    public string? ClientSecret { get; init; }

    /// <summary>The account the bot speaks as; its number, not its name.</summary>
    [RegularExpression("[0-9]{1,20}", ErrorMessage = "Platforms:Twitch:BotUserId must be the number of the account.")]
    public string? BotUserId { get; init; }

    public Uri ApiBaseUrl { get; init; } = new("https://api.twitch.tv/helix/");

    public Uri AuthBaseUrl { get; init; } = new("https://id.twitch.tv/oauth2/");

    public Uri EventSubUrl { get; init; } = new("wss://eventsub.wss.twitch.tv/ws");

    public Uri IrcUrl { get; init; } = new("wss://irc-ws.chat.twitch.tv:443");

    public EventTransport Transport { get; init; }

    public ChatTransport ChatTransport { get; init; }

    /// <summary>How long IRC may be silent before it is asked for a sign of life.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan IrcQuiet { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Proves that a webhook comes from Twitch. 10 to 100 ASCII characters; needed with <see cref="EventTransport.Webhook"/>.
    /// </summary>
    public string? WebhookSecret { get; init; }

    /// <summary>True: whoever logs in with Twitch adds the own channel. False: only channels the operator added.</summary>
    public bool OpenToChannels { get; init; }

    /// <summary>How often the subscriptions are compared with what they should be.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan ReconcileEvery { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How often Twitch is asked who is live, with how many viewers.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan PollEvery { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Messages one answer may become when it is too long for one; the rest is cut off.</summary>
    [Range(1, 10)]
    public int MaxParts { get; init; } = 3;

    /// <summary>How long a call of Twitch's API may take.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(10);

    public bool IsOn => ClientId is { Length: > 0 } && ClientSecret is { Length: > 0 } && BotUserId is { Length: > 0 };

    public string? OffBecause => IsOn ? null : $"{string.Join(", ", Missing)} {(Missing.Count > 1 ? "are" : "is")} not set";

    public bool TakesWebhooks => IsOn && WebhookSecret is { Length: > 0 };

    private List<string> Missing =>
    [
        .. new[] { (nameof(ClientId), ClientId), (nameof(ClientSecret), ClientSecret), (nameof(BotUserId), BotUserId) }
            .Where(s => string.IsNullOrEmpty(s.Item2)).Select(s => $"Platforms:Twitch:{s.Item1}"),
    ];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Missing.Count is 1 or 2)
        {
            yield return new ValidationResult(
                $"{string.Join(" and ", Missing)} missing: ClientId, ClientSecret and BotUserId turn Twitch on together.");
        }

        if (WebhookSecret is { Length: > 0 } secret && (secret.Length is < 10 or > 100 || !secret.All(char.IsAscii)))
        {
            yield return new ValidationResult("Platforms:Twitch:WebhookSecret takes 10 to 100 ASCII characters.");
        }

        if (IsOn && Transport == EventTransport.Webhook && !TakesWebhooks)
        {
            yield return new ValidationResult("Platforms:Twitch:Transport is webhook; set WebhookSecret, 10 to 100 characters.");
        }

        foreach (var (name, url, scheme) in new[]
        {
            (nameof(ApiBaseUrl), ApiBaseUrl, "http"), (nameof(AuthBaseUrl), AuthBaseUrl, "http"), (nameof(EventSubUrl), EventSubUrl, "ws"),
            (nameof(IrcUrl), IrcUrl, "ws"),
        })
        {
            if (!url.IsAbsoluteUri || (url.Scheme != scheme && url.Scheme != $"{scheme}s"))
            {
                yield return new ValidationResult($"Platforms:Twitch:{name} must begin with {scheme}:// or {scheme}s://.");
            }
        }
    }
}
