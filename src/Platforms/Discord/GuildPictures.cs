using System.Text.Json;
using Rookery.Kernel.Coordination;
using Rookery.Kernel.Data;

namespace Rookery.Platforms.Discord;

/// <summary>
/// The table <c>discord.guild_pictures</c>: Discord tells of its servers when a session begins and not when it is resumed,
/// so what was told is kept for whoever resumes it.
/// </summary>
internal sealed class GuildPictures(Database db, Guilds guilds, TimeProvider clock)
{
    /// <summary>Writes what changed in the servers of a shard, if the claim on it still holds.</summary>
    public async Task SaveAsync(Claim claim, int shard, int shards, CancellationToken ct)
    {
        if (guilds.TakeChanged(shard, shards) is not { Count: > 0 } changed)
        {
            return;
        }

        try
        {
            await SaveAsync(claim.Token, changed, ct);
        }
        catch
        {
            guilds.Untake(changed);
            throw;
        }
    }

    /// <summary>Takes in the servers of a shard whose session is to be resumed.</summary>
    /// <remarks>Source: Discord developer documentation, Gateway, sharding: <c>(guild_id >> 22) % shards</c>.</remarks>
    public async Task RestoreAsync(int shard, int shards, CancellationToken ct)
    {
        foreach (var picture in await db.Write.ListAsync(
            $"""
            select guild_id, owner_id, permissions::text, voice::text from discord.guild_pictures
            where (guild_id::bigint >> 22) % {shards} = {shard}
            """,
            r => new GuildPicture(
                r.GetString(0),
                r.IsDBNull(1) ? null : r.GetString(1),
                JsonSerializer.Deserialize(r.GetString(2), DiscordJson.Default.IReadOnlyDictionaryStringUInt64),
                JsonSerializer.Deserialize(r.GetString(3), DiscordJson.Default.IReadOnlyListInVoice)!),
            ct))
        {
            guilds.Restore(picture);
        }
    }

    private async Task SaveAsync(long token, IReadOnlyList<GuildPicture> changed, CancellationToken ct)
    {
        var there = changed.Where(p => p.Permissions is not null).ToList();
        string[] gone = [.. changed.Where(p => p.Permissions is null).Select(p => p.GuildId)];
        string[] ids = [.. there.Select(p => p.GuildId)];
        string?[] owners = [.. there.Select(p => p.OwnerId)];
        string[] permissions =
            [.. there.Select(p => JsonSerializer.Serialize(p.Permissions!, DiscordJson.Default.IReadOnlyDictionaryStringUInt64))];
        string[] voices = [.. there.Select(p => JsonSerializer.Serialize(p.Voice, DiscordJson.Default.IReadOnlyListInVoice))];
        await db.Write.ExecuteAsync(
            $"""
            with held as materialized (
                select from kernel.coordination where fencing_token = {token} for share),
            left_ones as (delete from discord.guild_pictures where guild_id = any({gone}) and exists (select from held))
            insert into discord.guild_pictures (guild_id, owner_id, permissions, voice, updated_at)
            select p.guild_id, p.owner_id, p.permissions::jsonb, p.voice::jsonb, {clock.GetUtcNow()}
            from unnest({ids}, {owners}, {permissions}, {voices}) as p (guild_id, owner_id, permissions, voice)
            where exists (select from held)
            on conflict (guild_id) do update
            set owner_id = excluded.owner_id, permissions = excluded.permissions, voice = excluded.voice, updated_at = excluded.updated_at
            """,
            ct);
    }
}
