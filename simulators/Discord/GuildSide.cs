using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;

namespace Rookery.Simulators.Discord;

/// <summary>The servers the bot is in.</summary>
public sealed class GuildSide
{
    public const string Moderators = "moderators";

    /// <summary>The bot's own role, above all others until one is put higher.</summary>
    public const string Bot = "bot";

    /// <summary>View Channel, Send Messages, Embed Links, Read Message History, Mention Everyone, Manage Roles.</summary>
    public const ulong BotPermissions = (1UL << 10) | (1UL << 11) | (1UL << 14) | (1UL << 16) | (1UL << 17) | (1UL << 28);

    private const int BotPosition = 10;

    private static readonly Overwrite Gone = new("gone");

    private readonly DiscordSimulator _discord;
    private readonly ConcurrentDictionary<string, (string Guild, string Name)> _channels = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, JsonObject> _guilds = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Guild, string User), string[]> _members = new();
    private readonly ConcurrentDictionary<string, Overwrite[]> _overwrites = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    internal GuildSide(DiscordSimulator discord)
    {
        _discord = discord;
        _guilds[DiscordSimulator.GuildId] = Guild(DiscordSimulator.GuildId, "The rookery", DiscordSimulator.OwnerId);
        _members[(DiscordSimulator.GuildId, DiscordSimulator.OwnerId)] = [];
        _members[(DiscordSimulator.GuildId, DiscordSimulator.ModeratorId)] = [Moderators];
        _members[(DiscordSimulator.GuildId, DiscordSimulator.MemberId)] = [];
        _members[(DiscordSimulator.GuildId, DiscordSimulator.BotId)] = [Bot];
    }

    /// <summary>Somebody lets the bot into a server.</summary>
    public void Add(string id, string name, string owner)
    {
        _guilds[id] = Guild(id, name, owner);
        _members[(id, owner)] = [];
        _members[(id, DiscordSimulator.BotId)] = [Bot];
        Tell(id);
    }

    /// <summary>Tells of a server again, as when it is back from an outage.</summary>
    public void Tell(string id) => _discord.Gateway.Dispatch("GUILD_CREATE", Copy(_guilds[id]));

    public void Rename(string id, string name, string owner)
    {
        (_guilds[id]["name"], _guilds[id]["owner_id"]) = (name, owner);
        _discord.Gateway.Dispatch("GUILD_UPDATE", Copy(_guilds[id]));
    }

    public void SetIcon(string id, string? hash)
    {
        _guilds[id]["icon"] = hash;
        _discord.Gateway.Dispatch("GUILD_UPDATE", Copy(_guilds[id]));
    }

    /// <summary>An outage of Discord's.</summary>
    public void Away(string id) => _discord.Gateway.Dispatch("GUILD_DELETE", new JsonObject { ["id"] = id, ["unavailable"] = true });

    /// <summary>The bot is put out.</summary>
    /// <param name="told">False: while it does not listen.</param>
    public void Remove(string id, bool told = true)
    {
        _guilds.TryRemove(id, out _);
        if (told)
        {
            _discord.Gateway.Dispatch("GUILD_DELETE", new JsonObject { ["id"] = id });
        }
    }

    /// <summary>Somebody comes into a server, or has other roles there from now on.</summary>
    /// <param name="told">False: the bot does not hear of it.</param>
    public void SetRoles(string guild, string user, bool told, params string[] roles)
    {
        var isNew = !_members.ContainsKey((guild, user));
        _members[(guild, user)] = roles;
        if (told)
        {
            var member = Member(user, roles);
            member["guild_id"] = guild;
            _discord.Gateway.Dispatch(isNew ? "GUILD_MEMBER_ADD" : "GUILD_MEMBER_UPDATE", member);
        }
    }

    /// <summary>Somebody leaves a server.</summary>
    public void Leave(string guild, string user)
    {
        _members.TryRemove((guild, user), out _);
        _discord.Gateway.Dispatch("GUILD_MEMBER_REMOVE", new JsonObject { ["guild_id"] = guild, ["user"] = SignInSide.User(user) });
    }

    /// <summary>Makes a role, which the bot does not hear of.</summary>
    /// <param name="position">The bot's own stands at 10, and it can give no role that does not stand below.</param>
    public void AddRole(string guild, string role, ulong permissions, int position = 1, bool mentionable = false) => WithRoles(guild, roles =>
    {
        roles.Add(Role(role, role, permissions, position, mentionable));
        return true;
    });

    /// <summary>A role may do other things from now on.</summary>
    public void SetPermissions(string guild, string role, ulong permissions)
    {
        var changed = WithRoles(guild, roles =>
        {
            var found = roles.Select(r => r!.AsObject()).Single(r => r["id"]!.GetValue<string>() == role);
            found["permissions"] = permissions.ToString(System.Globalization.CultureInfo.InvariantCulture);
            return found.DeepClone();
        });
        _discord.Gateway.Dispatch("GUILD_ROLE_UPDATE", new JsonObject { ["guild_id"] = guild, ["role"] = changed });
    }

    /// <summary>A channel allows and denies what the server does not.</summary>
    public void SetOverwrites(string channel, params Overwrite[] overwrites) => _overwrites[channel] = overwrites;

    /// <summary>Somebody removes a channel.</summary>
    public void RemoveChannel(string channel) => _overwrites[channel] = [Gone];

    /// <summary>Why the bot cannot post in a channel, as far as overwrites for everyone or for its role tell; null: it can.</summary>
    internal (int Status, int Code, string Message)? ClosedBecause(string channel)
    {
        var own = _overwrites.GetValueOrDefault(channel, []);
        var denied = own.Where(o => !o.IsMember && (o.Id == Bot || _guilds.ContainsKey(o.Id))).Aggregate(0UL, (all, o) => all | o.Deny);
        return own.Contains(Gone) ? (404, 10003, "Unknown Channel")
            : (denied & (1UL << 10)) != 0 ? (403, 50001, "Missing Access")
            : (denied & (1UL << 11)) != 0 ? (403, 50013, "Missing Permissions")
            : null;
    }

    /// <summary>The ids of the roles somebody has; null: no member.</summary>
    public IReadOnlyList<string>? RolesOf(string guild, string user) => _members.GetValueOrDefault((guild, user));

    /// <summary>Looks at the roles of a server, and may change them.</summary>
    /// <returns>What <paramref name="act"/> tells; there is nothing to tell of a server the bot is not in.</returns>
    internal T? WithRoles<T>(string guild, Func<JsonArray, T> act)
    {
        lock (_gate)
        {
            return _guilds.TryGetValue(guild, out var found) ? act(found["roles"]!.AsArray()) : default;
        }
    }

    /// <summary>A role that is gone nobody has.</summary>
    internal void TakeFromAll(string guild, string role)
    {
        foreach (var (who, roles) in _members.Where(m => m.Key.Guild == guild && m.Value.Contains(role)))
        {
            _members[who] = [.. roles.Where(r => r != role)];
        }
    }

    internal JsonObject? Find(string id) => _guilds.TryGetValue(id, out var guild) ? Copy(guild) : null;

    internal JsonObject? FindMember(string guild, string user) => _members.TryGetValue((guild, user), out var roles) ? Member(user, roles) : null;

    internal IReadOnlyList<JsonObject> Of(string user) => [.. _members.Keys.Where(m => m.User == user).Select(m => Find(m.Guild)).OfType<JsonObject>()];

    /// <summary>A text channel that can be listed; talk needs none.</summary>
    public void AddChannel(string guild, string id, string name) => _channels[id] = (guild, name);

    internal JsonArray Channels(string guild) => new([.. _channels.Where(c => c.Value.Guild == guild)
        .Select(c => new JsonObject
        {
            ["id"] = c.Key,
            ["name"] = c.Value.Name,
            ["type"] = 0,
            ["permission_overwrites"] = new JsonArray([.. _overwrites.GetValueOrDefault(c.Key, []).Select(o => o.Json())]),
        })]);

    internal IReadOnlyList<JsonObject> All() => [.. _guilds.Values.Select(Copy)];

    internal void Map(WebApplication app)
    {
        app.MapPost("/_control/join", (string guild, string name, string owner) => Add(guild, name, owner));
        app.MapPost("/_control/leave", (string guild) => Remove(guild));
        app.MapGet("/_control/members", (string? guild) => new JsonArray([.. Members(guild ?? DiscordSimulator.GuildId)]));
        app.MapPost("/_control/overwrite", (string channel, string id, bool? member, ulong? allow, ulong? deny) =>
            SetOverwrites(channel, new Overwrite(id, member ?? false, allow ?? 0, deny ?? 0)));
    }

    internal static JsonObject Role(string id, string name, ulong permissions, int position, bool mentionable = false) => new()
    {
        ["id"] = id,
        ["name"] = name,
        ["permissions"] = permissions.ToString(System.Globalization.CultureInfo.InvariantCulture),
        ["position"] = position,
        ["mentionable"] = mentionable,
    };

    /// <summary>Who is in a server, with the names of their roles.</summary>
    private IEnumerable<JsonNode> Members(string guild)
    {
        var names = WithRoles(guild, roles => roles.ToDictionary(
            r => r!["id"]!.GetValue<string>(), r => r!["name"]!.GetValue<string>(), StringComparer.Ordinal)) ?? [];
        return _members.Where(m => m.Key.Guild == guild).OrderBy(m => m.Key.User, StringComparer.Ordinal).Select(m => new JsonObject
        {
            ["user"] = m.Key.User,
            ["roles"] = new JsonArray([.. m.Value.Select(r => new JsonObject { ["id"] = r, ["name"] = names.GetValueOrDefault(r) })]),
        });
    }

    private JsonObject Copy(JsonObject guild)
    {
        lock (_gate)
        {
            return (JsonObject)guild.DeepClone();
        }
    }

    private static JsonObject Member(string user, string[] roles) => new()
    {
        ["user"] = SignInSide.User(user),
        ["nick"] = null,
        ["roles"] = new JsonArray([.. roles.Select(r => JsonValue.Create(r))]),
    };

    private JsonObject Guild(string id, string name, string owner) => new()
    {
        ["id"] = id,
        ["name"] = name,
        ["owner_id"] = owner,
        ["icon"] = null,
        ["joined_at"] = _discord.Time.GetUtcNow().ToString("O"),
        ["roles"] = new JsonArray(
            Role(id, "@everyone", 1UL << 10, 0), Role(Moderators, "Moderators", 1UL << 13, 1), Role(Bot, "Rookery", BotPermissions, BotPosition)),
    };
}

/// <summary>What a channel allows and denies a role, or one member.</summary>
/// <param name="Id">Of the role, which for everyone is the server's, or of the member.</param>
public sealed record Overwrite(string Id, bool IsMember = false, ulong Allow = 0, ulong Deny = 0)
{
    internal JsonObject Json() => new()
    {
        ["id"] = Id,
        ["type"] = IsMember ? 1 : 0,
        ["allow"] = Allow.ToString(System.Globalization.CultureInfo.InvariantCulture),
        ["deny"] = Deny.ToString(System.Globalization.CultureInfo.InvariantCulture),
    };
}
