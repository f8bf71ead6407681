using System.Text.Json;
using Rookery.Kernel.Chat;
using Rookery.Platforms.Discord.Rest;

namespace Rookery.Platforms.Discord;

/// <param name="Type">0 text, 5 announcement.</param>
internal sealed record DiscordChannel(string Id, string? Name, int Type, IReadOnlyList<Overwrite>? PermissionOverwrites = null);

/// <summary>The channels and roles of a server, as Discord tells of them, and which of them the bot cannot use.</summary>
/// <remarks>Source: Discord developer documentation, Get Guild Channels, Get Guild Roles, Get Guild Member.</remarks>
internal sealed class DiscordPlaces(DiscordRest rest, BotUser bot) : IServerPlaces
{
    private const int Text = 0;
    private const int Announcement = 5;

    public Platform Platform => Platform.Discord;

    public async Task<ServerPlaces?> FindAsync(string server, CancellationToken ct)
    {
        if (!Snowflake.IsOne(server))
        {
            return null;
        }

        var guild = await rest.CallAsync(new Call(HttpMethod.Get, "guilds/{guild}", server, $"guilds/{server}"), ct);
        var channels = await rest.CallAsync(new Call(HttpMethod.Get, "guilds/{guild}/channels", server, $"guilds/{server}/channels"), ct);
        if (!guild.Ok || !channels.Ok)
        {
            return null;
        }

        var read = JsonSerializer.Deserialize(guild.Body, DiscordJson.Default.GuildEvent)!;
        var list = JsonSerializer.Deserialize(channels.Body, DiscordJson.Default.IReadOnlyListDiscordChannel)!;
        var problems = await FindBotAsync(server, ct) is { } who ? new PlaceProblems(read, who) : null;
        return new ServerPlaces(
            read.Name ?? server,
            read.OwnerId,
            [.. list.Where(c => c.Type is Text or Announcement).Select(c => new Place(c.Id, c.Name ?? c.Id, problems?.Of(c)))],
            [.. (read.Roles ?? []).Where(r => r.Id != server).Select(r => new Place(r.Id, r.Name ?? r.Id, problems?.Of(r)))]);
    }

    /// <returns>Null when Discord does not tell what the bot's roles are: then it is not known to lack anything.</returns>
    private async Task<Who?> FindBotAsync(string server, CancellationToken ct)
    {
        if (await bot.IdAsync(ct) is not { } id)
        {
            return null;
        }

        var answer = await rest.CallAsync(
            new Call(HttpMethod.Get, "guilds/{guild}/members/{user}", server, $"guilds/{server}/members/{Uri.EscapeDataString(id)}"), ct);
        return answer.Ok
            ? new Who(id, JsonSerializer.Deserialize(answer.Body, DiscordJson.Default.DiscordMember)!.Roles ?? [])
            : null;
    }
}
