using System.Text.Json;
using Rookery.Kernel.Data;
using Rookery.Platforms.Discord.Gateway;

namespace Rookery.Platforms.Discord.SignIn;

/// <summary>Tells every node when somebody's rights in a server may have changed, so that none goes on with what it remembers.</summary>
internal sealed class RightChanges(Database db)
{
    /// <returns>Null when the dispatch changes no rights.</returns>
    /// <exception cref="JsonException">It is not what Discord documents.</exception>
    public static RightChange? Read(string type, ReadOnlySpan<byte> data) => type switch
    {
        EventTypes.GuildUpdate or EventTypes.GuildDelete => JsonSerializer.Deserialize(data, DiscordJson.Default.RightEvent) is { Id: { } guild }
            ? new RightChange(guild, null)
            : null,
        EventTypes.RoleCreate or EventTypes.RoleUpdate or EventTypes.RoleDelete =>
            JsonSerializer.Deserialize(data, DiscordJson.Default.RightEvent) is { GuildId: { } guild } ? new RightChange(guild, null) : null,
        EventTypes.MemberAdd or EventTypes.MemberUpdate or EventTypes.MemberRemove =>
            JsonSerializer.Deserialize(data, DiscordJson.Default.RightEvent) is { GuildId: { } guild, User.Id: { } user }
                ? new RightChange(guild, user)
                : null,
        _ => null,
    };

    /// <summary>Members change all the time; only those who are signed in have rights that anybody remembers.</summary>
    public Task TellAsync(RightChange change, CancellationToken ct) => db.Write.ExecuteAsync(
        change.User is null
            ? (Sql)$"select pg_notify('rookery', {$"{GuildAdmins.Topic}:{change.Guild}"})"
            : (Sql)$"""
                select pg_notify('rookery', {$"{GuildAdmins.Topic}:{change.Guild}:{change.User}"})
                where exists (select from kernel.sign_in_identities where platform = 'discord' and user_id = {change.User})
                """,
        ct);
}

/// <param name="User">Null: of the server as a whole.</param>
internal sealed record RightChange(string Guild, string? User);

/// <param name="Id">Of the server, where the dispatch is about it.</param>
internal sealed record RightEvent(string? Id, string? GuildId, GuildId? User);
