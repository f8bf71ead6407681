using System.ComponentModel.DataAnnotations;
using Rookery.Kernel.Startup;

namespace Rookery.Platforms.Discord;

/// <summary>The section <c>Platforms:Discord</c>. Without <see cref="BotToken"/> the platform is off.</summary>
internal sealed class DiscordOptions : IPlatformOptions, IValidatableObject
{
    /// <summary>The bot's token from the developer portal, without the word Bot.</summary>
    public string? BotToken { get; init; }

    /// <summary>Null: Discord is asked.</summary>
    public string? ApplicationId { get; init; }

    /// <summary>Hexadecimal; verifies interactions that come over HTTP.</summary>
    [RegularExpression("^[0-9a-fA-F]{64}$", ErrorMessage = "Platforms:Discord:PublicKey takes 64 hexadecimal digits.")]
    public string? PublicKey { get; init; }

    /// <summary>From <b>OAuth2</b>; people can sign in with Discord when it is set.</summary>
    public string? ClientSecret { get; init; }

    /// <summary>Where browsers are sent to sign in.</summary>
    public Uri AuthorizeUrl { get; init; } = new("https://discord.com/oauth2/authorize");

    public Uri ApiBaseUrl { get; init; } = new("https://discord.com/api/v10/");

    /// <summary>Null: what Discord recommends.</summary>
    public Uri? GatewayUrl { get; init; }

    /// <summary>Null: as many as Discord recommends.</summary>
    [Range(1, 10_000)]
    public int? Shards { get; init; }

    /// <summary>
    /// Bits of what the gateway tells. The default needs the privileged intents "server members" and "message content",
    /// which are switched on in the developer portal.
    /// </summary>
    [Range(0, int.MaxValue)]
    public int Intents { get; init; } = (int)Gateway.Intents.Default;

    /// <summary>Calls a second over all channels. Discord allows fifty, and more to big bots that ask for it.</summary>
    [Range(1, 10_000)]
    public int CallsPerSecond { get; init; } = 50;

    public bool IsOn => !string.IsNullOrEmpty(BotToken);

    public string? OffBecause => IsOn ? null : "Platforms:Discord:BotToken is not set";

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!IsOn && (ApplicationId ?? PublicKey ?? ClientSecret) is { Length: > 0 })
        {
            yield return new("Platforms:Discord:BotToken is missing; ApplicationId, PublicKey and ClientSecret alone do nothing.");
        }
    }
}
