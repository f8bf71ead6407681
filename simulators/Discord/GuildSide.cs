using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;

namespace Rookery.Simulators.Discord;

/// <summary>The servers the bot is in.</summary>
public sealed class GuildSide
{
    private readonly DiscordSimulator _discord;
    private readonly ConcurrentDictionary<string, JsonObject> _guilds = new(StringComparer.Ordinal);

    internal GuildSide(DiscordSimulator discord)
    {
        _discord = discord;
        _guilds[DiscordSimulator.GuildId] = Guild(DiscordSimulator.GuildId, "The rookery", DiscordSimulator.OwnerId);
    }

    /// <summary>Somebody lets the bot into a server.</summary>
    public void Add(string id, string name, string owner)
    {
        _guilds[id] = Guild(id, name, owner);
        Tell(id);
    }

    /// <summary>Tells of a server again, as when it is back from an outage.</summary>
    public void Tell(string id) => _discord.Gateway.Dispatch("GUILD_CREATE", (JsonObject)_guilds[id].DeepClone());

    public void Rename(string id, string name, string owner)
    {
        (_guilds[id]["name"], _guilds[id]["owner_id"]) = (name, owner);
        _discord.Gateway.Dispatch("GUILD_UPDATE", (JsonObject)_guilds[id].DeepClone());
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

    internal IReadOnlyList<JsonObject> All() => [.. _guilds.Values.Select(g => (JsonObject)g.DeepClone())];

    internal void Map(WebApplication app)
    {
        app.MapPost("/_control/join", (string guild, string name, string owner) => Add(guild, name, owner));
        app.MapPost("/_control/leave", (string guild) => Remove(guild));
    }

    private JsonObject Guild(string id, string name, string owner) => new()
    {
        ["id"] = id,
        ["name"] = name,
        ["owner_id"] = owner,
        ["joined_at"] = _discord.Time.GetUtcNow().ToString("O"),
        ["roles"] = new JsonArray(
            new JsonObject { ["id"] = id, ["name"] = "@everyone", ["permissions"] = "1024" },
            new JsonObject { ["id"] = "moderators", ["name"] = "Moderators", ["permissions"] = "8192" }),
    };
}
