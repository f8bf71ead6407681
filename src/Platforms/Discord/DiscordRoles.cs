using System.Text.Json;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Web;
using Rookery.Platforms.Discord.Rest;

namespace Rookery.Platforms.Discord;

/// <summary>Makes and removes roles that exist to be mentioned.</summary>
/// <remarks>Source: Discord developer documentation, Create Guild Role, Delete Guild Role.</remarks>
internal sealed class DiscordRoles(IOptions<DiscordOptions> options, DiscordRest rest) : IServerRoles
{
    private const int LongestName = 100;
    private const string NoServer = "There is no such server on Discord.";

    public Platform Platform => Platform.Discord;

    public async Task<MadeRole> MakeAsync(string server, string name, string reason, CancellationToken ct)
    {
        if (Refuse(server) is { } refusal)
        {
            return new MadeRole(null, refusal);
        }

        if (string.IsNullOrWhiteSpace(name))
        {
            return new MadeRole(null, "A role needs a name.");
        }

        // Mentionable, so that the bot needs no Mention Everyone to ring it: that would let it ring everyone.
        var role = new RoleRequest(Cut(name.Trim()), Permissions: 0, Mentionable: true);
        var path = $"guilds/{server}/roles";
        var call = Call.Of(HttpMethod.Post, "guilds/{guild}/roles", server, path, role, DiscordJson.Default.RoleRequest);
        var answer = await rest.CallAsync(call with { Reason = reason }, ct);
        return answer.Ok
            ? new MadeRole(JsonSerializer.Deserialize(answer.Body, DiscordJson.Default.DiscordRole)!.Id)
            : new MadeRole(null, Explain(answer));
    }

    public async Task<string?> RemoveAsync(string server, string role, string reason, CancellationToken ct)
    {
        if (Refuse(server) is { } refusal)
        {
            return refusal;
        }

        if (!Snowflake.IsOne(role))
        {
            return null;
        }

        var call = new Call(HttpMethod.Delete, "guilds/{guild}/roles/{role}", server, $"guilds/{server}/roles/{role}") { Reason = reason };
        var answer = await rest.CallAsync(call, ct);
        return answer.Ok || answer.Status == 404 ? null : Explain(answer);
    }

    private string? Refuse(string server) => options.Value.OffBecause is { } why ? $"Discord is off: {why}."
        : Snowflake.IsOne(server) ? null
        : NoServer;

    private static string Explain(GuardedResponse answer) => RoleErrors.Of(answer) switch
    {
        RoleError.TooMany => "The server has 250 roles, the most Discord allows. Remove one that nobody needs.",
        RoleError.Forbidden =>
            "The bot may not manage this role. Give the bot's role \"Manage Roles\", and keep it above the roles it makes.",
        RoleError.NoServer => RoleErrors.NotThere,
        _ when RestAnswer.Tell(answer) is { RetryAfter: null, Error: { } error } => error,
        _ => "Discord does not answer now; try again soon.",
    };

    /// <summary>As much as Discord takes, without half a character at the end.</summary>
    private static string Cut(string name) => name.Length <= LongestName ? name
        : name[..(char.IsHighSurrogate(name[LongestName - 1]) ? LongestName - 1 : LongestName)];
}
