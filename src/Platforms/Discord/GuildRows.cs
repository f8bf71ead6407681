using System.Globalization;
using System.Text.Json.Nodes;
using Rookery.Kernel.Data;

namespace Rookery.Platforms.Discord;

/// <summary>The table <c>discord_guilds</c>: the servers the bot is or was in. They are of all communities, so the rows carry none.</summary>
internal sealed class GuildRows(Database db, TimeProvider clock)
{
    /// <summary>Takes over what a server is called and who owns it.</summary>
    /// <returns>False when it is not one the bot is in already.</returns>
    public Task<bool> RefreshAsync(GuildEvent guild, CancellationToken ct) => db.Write.ValueAsync<bool>(
        $"""
        with changed as (
            update discord.discord_guilds
            set name = coalesce({guild.Name}, name), owner_id = coalesce({guild.OwnerId}, owner_id), updated_at = {clock.GetUtcNow()}
            where guild_id = {guild.Id} and is_active
              and (name, owner_id) is distinct from (coalesce({guild.Name}, name), coalesce({guild.OwnerId}, owner_id)))
        select exists (select from discord.discord_guilds where guild_id = {guild.Id} and is_active)
        """,
        ct);

    public Task AddAsync(GuildEvent guild, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var config = new JsonObject { ["joined_at"] = JoinedAt(guild) }.ToJsonString();
        return db.Write.ExecuteAsync(
            $"""
            insert into discord.discord_guilds (guild_id, name, owner_id, config, is_active, created_at, updated_at)
            values ({guild.Id}, {guild.Name ?? guild.Id}, {guild.OwnerId}, {config}::jsonb, true, {now}, {now})
            on conflict (guild_id) do update
            set name = excluded.name, owner_id = excluded.owner_id, is_active = true, updated_at = excluded.updated_at,
                config = discord_guilds.config || excluded.config
            """,
            ct);
    }

    /// <returns>When the bot came into the server it is in; null when it is in it no more.</returns>
    public async Task<string?> FindAsync(string guild, CancellationToken ct)
    {
        var rows = await db.Write.ListAsync(
            $"select coalesce(config ->> 'joined_at', '') from discord.discord_guilds where guild_id = {guild} and is_active",
            r => r.GetString(0),
            ct);
        return rows is [var joined] ? joined : null;
    }

    public Task LeaveAsync(string guild, CancellationToken ct) => db.Write.ExecuteAsync(
        $"update discord.discord_guilds set is_active = false, updated_at = {clock.GetUtcNow()} where guild_id = {guild} and is_active", ct);

    /// <summary>The servers of a shard that the bot should be in and which Discord does not name.</summary>
    /// <remarks>Source: Discord developer documentation, Sharding formula.</remarks>
    public Task<IReadOnlyList<string>> MissingAsync(IReadOnlyList<string> named, int shard, int shards, CancellationToken ct) => db.Write.ListAsync(
        $"""
        select guild_id from discord.discord_guilds
        where is_active and guild_id <> all({named.ToArray()}) and guild_id ~ '^[0-9]+$'
          and mod(trunc(guild_id::numeric / 4194304), {shards}) = {shard}
        """,
        r => r.GetString(0),
        ct);

    private static string JoinedAt(GuildEvent guild) => guild.JoinedAt?.ToString("O", CultureInfo.InvariantCulture) ?? "";
}
