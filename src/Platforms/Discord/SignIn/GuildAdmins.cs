using System.Text.Json;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.SignIn;
using Rookery.Kernel.Web;
using Rookery.Platforms.Discord.Rest;

namespace Rookery.Platforms.Discord.SignIn;

/// <summary>
/// Who may administer a server: its owner, and whose roles hold Administrator or Manage Server. Any node may be asked,
/// also one that hears nothing of the server's shard, so Discord is asked with the bot's token.
/// </summary>
internal sealed class GuildAdmins : IServerAdmins
{
    /// <summary>The topic of the change feed: a server's id, and after a colon the id of a member.</summary>
    public const string Topic = "discord_rights";

    private const int MostGuilds = 1_000;
    private const int MostMembers = 10_000;
    private const string NoRight = "Only the owner of this server, and members with Administrator or Manage Server, may do this.";

    private readonly GuildRows _rows;
    private readonly DiscordRest _rest;
    private readonly ShortMemory<string, GuildEvent> _guilds;
    private readonly ShortMemory<(string Guild, string User), Membership> _members;

    public GuildAdmins(GuildRows rows, DiscordRest rest, ChangeFeed feed, TimeProvider clock)
    {
        (_rows, _rest) = (rows, rest);
        _guilds = new(IServerAdmins.Keep, MostGuilds, clock);
        _members = new(IServerAdmins.Keep, MostMembers, clock);
        feed.On(Topic, Forget);
    }

    public Platform Platform => Platform.Discord;

    public async Task<ServerRight?> FindAsync(string server, string userId, CancellationToken ct)
    {
        // Discord counts what it forbids, so it is not asked for servers the bot is not in.
        if (!Snowflake.IsOne(server) || !Snowflake.IsOne(userId) || await _rows.FindAsync(server, ct) is null)
        {
            return ServerRight.Unknown;
        }

        if (await _guilds.GetAsync(server, AskGuildAsync, ct) is not { } guild)
        {
            return null;
        }

        if (guild.Unavailable)
        {
            return ServerRight.Unknown;
        }

        if (guild.OwnerId == userId)
        {
            return new ServerRight(Standing.Admin, guild.Name);
        }

        return await _members.GetAsync((server, userId), AskMemberAsync, ct) switch
        {
            null => null,
            { Roles: null } => new ServerRight(Standing.Stranger, guild.Name, "You are not a member of this server."),
            { Roles: { } roles } => Guilds.MayAdminister(guild, roles)
                ? new ServerRight(Standing.Admin, guild.Name)
                : new ServerRight(Standing.Member, guild.Name, NoRight),
        };
    }

    /// <returns>One that is "unavailable" stands for one the bot is not in.</returns>
    private async Task<GuildEvent?> AskGuildAsync(string guild)
    {
        var answer = await _rest.CallAsync(new Call(HttpMethod.Get, "guilds/{guild}", guild, $"guilds/{guild}"), CancellationToken.None);
        return answer.Status is 403 or 404
            ? new GuildEvent(guild, Unavailable: true)
            : Read(answer, DiscordJson.Default.GuildEvent);
    }

    private async Task<Membership?> AskMemberAsync((string Guild, string User) who)
    {
        var answer = await _rest.CallAsync(
            new Call(HttpMethod.Get, "guilds/{guild}/members/{user}", who.Guild, $"guilds/{who.Guild}/members/{who.User}"),
            CancellationToken.None);
        return answer.Status == 404
            ? new Membership(null)
            : Read(answer, DiscordJson.Default.DiscordMember) is { } member ? new Membership(member.Roles ?? []) : null;
    }

    private static T? Read<T>(GuardedResponse answer, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
        => answer.Ok ? JsonSerializer.Deserialize(answer.Body, type) : null;

    private void Forget(string key)
    {
        switch (key.Split(':'))
        {
            case [{ Length: > 0 } guild, var user]:
                _members.Forget((guild, user));
                break;
            case [{ Length: > 0 } guild]:
                _guilds.Forget(guild);
                break;
            default:
                _guilds.Clear();
                _members.Clear();
                break;
        }
    }

    /// <param name="Roles">Null: no member.</param>
    private sealed record Membership(IReadOnlyList<string>? Roles);
}
