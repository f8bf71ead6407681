using System.ComponentModel.DataAnnotations;
using Rookery.Kernel.Startup;

namespace Rookery.Platforms.Slack;

internal enum SlackTransport
{
    /// <summary>This node connects to Slack; needs <see cref="SlackOptions.AppToken"/>.</summary>
    Socket,

    /// <summary>Slack calls <c>/platforms/slack/…</c>; needs <see cref="SlackOptions.SigningSecret"/>.</summary>
    Events,
}

/// <summary>The section <c>Platforms:Slack</c>. Without credentials the platform is off.</summary>
internal sealed class SlackOptions : IPlatformOptions, IValidatableObject
{
    /// <summary>Of the one workspace of an app that is not installed over <c>/platforms/slack/install</c>: xoxb-…</summary>
    public string BotToken { get; init; } = "";

    /// <summary>With the scope connections:write: xapp-…</summary>
    public string AppToken { get; init; } = "";

    /// <summary>What Slack signs its calls with; without it they are answered with 404.</summary>
    public string SigningSecret { get; init; } = "";

    public string ClientId { get; init; } = "";

    public string ClientSecret { get; init; } = "";

    public Uri ApiBaseUrl { get; init; } = new("https://slack.com/api/");

    /// <summary>Where a browser is sent to install the app.</summary>
    public Uri AuthorizeUrl { get; init; } = new("https://slack.com/oauth/v2/authorize");

    public SlackTransport Transport { get; init; } = SlackTransport.Socket;

    /// <summary>Sockets held at once; Slack spreads events over them and allows ten for an app.</summary>
    [Range(1, 10)]
    public int Connections { get; init; } = 1;

    /// <summary>
    /// The slash command whose text is a command line. Any other slash command of the app is itself the command's name.
    /// </summary>
    [RegularExpression("^/[^ ]{1,31}$", ErrorMessage = "Platforms:Slack:SlashCommand must be like /rookery.")]
    public string SlashCommand { get; init; } = "/rookery";

    /// <summary>What the bot may do in a workspace it is installed in; separated by commas.</summary>
    public string Scopes { get; init; } =
        "app_mentions:read,channels:history,channels:read,chat:write,commands,files:read,groups:history,groups:read,"
        + "im:history,im:write,links:read,pins:read,reactions:read,team:read,users:read";

    /// <summary>What the one who installs lends to the bot: <c>chat:write</c> of an admin lets it delete messages of others.</summary>
    public string UserScopes { get; init; } = "";

    public bool IsSocketOn => Transport == SlackTransport.Socket && AppToken.Length > 0;

    public bool IsWebhookOn => SigningSecret.Length > 0;

    public bool IsInstallOn => ClientId.Length > 0;

    public string? OffBecause =>
        IsSocketOn || IsWebhookOn ? null : "Platforms:Slack:AppToken and Platforms:Slack:BotToken are not set";

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (BotToken is not "" && !BotToken.StartsWith("xox", StringComparison.Ordinal))
        {
            yield return new("Platforms:Slack:BotToken is the Bot User OAuth Token of the page OAuth & Permissions and begins with xoxb-.");
        }

        if (AppToken is not "" && !AppToken.StartsWith("xapp-", StringComparison.Ordinal))
        {
            yield return new("Platforms:Slack:AppToken is an App-Level Token of the page Basic Information and begins with xapp-.");
        }

        if (AppToken is not "" && BotToken is "" && ClientId is "")
        {
            yield return new("Platforms:Slack:AppToken is set and BotToken is missing, from the page OAuth & Permissions.");
        }

        if (BotToken is not "" && AppToken is "" && SigningSecret is "" && Transport == SlackTransport.Socket)
        {
            yield return new("Platforms:Slack:BotToken is set and AppToken is missing, from the page Basic Information.");
        }

        if (ClientId.Length > 0 != ClientSecret.Length > 0)
        {
            yield return new("Platforms:Slack:ClientId and ClientSecret belong together; set both or none.");
        }

        if (Transport == SlackTransport.Events && (BotToken + ClientId).Length > 0 && SigningSecret.Length == 0)
        {
            yield return new("Platforms:Slack:Transport=events needs SigningSecret, from the page Basic Information.");
        }
    }
}
