using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Chat;
using Rookery.Platforms.Discord.Rest;

namespace Rookery.Platforms.Discord;

/// <summary>Where somebody lets the bot into a server. It asks for what commands and live posts need; moderation needs more.</summary>
/// <remarks>Source: Discord developer documentation, OAuth2, Bot Authorization Flow.</remarks>
internal sealed class DiscordInstallPage(IOptions<DiscordOptions> options, DiscordRest rest) : IInstallPage
{
    private const ulong Asked = Permissions.ViewChannel
        | Permissions.SendMessages
        | Permissions.EmbedLinks
        | Permissions.ReadMessageHistory
        | Permissions.ManageRoles;

    private string? _application;

    public Platform Platform => Platform.Discord;

    public async ValueTask<Uri?> AddressAsync(string? server, CancellationToken ct)
    {
        if (!options.Value.IsOn || (_application ??= await rest.ApplicationIdAsync(ct)) is not { } application)
        {
            return null;
        }

        var query = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["client_id"] = application,
            ["scope"] = "bot applications.commands",
            ["permissions"] = Asked.ToString(CultureInfo.InvariantCulture),
        };
        if (Snowflake.IsOne(server))
        {
            query["guild_id"] = server;
            query["disable_guild_select"] = "true";
        }

        return new Uri(options.Value.AuthorizeUrl.AbsoluteUri + QueryString.Create(query));
    }
}
