using System.Text.Json.Nodes;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Privacy;

namespace Rookery.Modules.LivePosts;

/// <summary>Whom this module knows. A person of Discord stands by the bare id, others with their platform before it.</summary>
internal static class UserIds
{
    public static string Of(Platform platform, string userId) =>
        platform == Platform.Discord ? userId : Person.Key(platform, userId);

    /// <summary>As the person's own platform has it.</summary>
    public static string Bare(string id) => id.IndexOf(':') is >= 0 and var colon ? id[(colon + 1)..] : id;
}

/// <summary>A person's row and wishes; streamers the person added stay followed.</summary>
internal sealed class LivePersonalData : IPersonalData
{
    public string Name => "live_posts";

    public Task<JsonArray> ExportAsync(Session session, Platform platform, string userId, CancellationToken ct)
    {
        var id = UserIds.Of(platform, userId);
        return Person.RowsAsync(
            session,
            $"""
            select to_jsonb(u)::text from live.users u where user_id = {id}
            union all
            select to_jsonb(p)::text from live.user_preferences p where user_id = {id}
            union all
            select jsonb_build_object('guild_id', guild_id, 'streamer_id', streamer_id, 'added_at', added_at)::text
                from live.guild_streamers where added_by = {id}
            union all
            select to_jsonb(i)::text from live.invite_uses i where user_id = {id}
            union all
            select to_jsonb(l)::text from live.invite_links l where created_by = {Person.Key(platform, userId)}
            union all
            select jsonb_build_object('guild_id', guild_id, 'updated_by', updated_by)::text
                from live.guild_config where updated_by = {Person.Key(platform, userId)}
            union all
            select jsonb_build_object('guild_id', guild_id, 'owner_id', owner_id)::text
                from live.guilds where platform = {platform.Name()} and owner_id = {userId}
            """,
            ct);
    }

    public async Task<int> EraseAsync(Session session, Platform platform, string userId, CancellationToken ct)
    {
        var id = UserIds.Of(platform, userId);
        var added = await session.ExecuteAsync($"update live.guild_streamers set added_by = null where added_by = {id}", ct);
        var owned = await session.ExecuteAsync(
            $"update live.guilds set owner_id = null where platform = {platform.Name()} and owner_id = {userId}", ct);
        var made = await session.ExecuteAsync(
            $"update live.invite_links set created_by = {Person.Erased} where created_by = {Person.Key(platform, userId)}", ct);
        var saved = await session.ExecuteAsync(
            $"update live.guild_config set updated_by = null where updated_by = {Person.Key(platform, userId)}", ct);
        return added + owned + made + saved + await session.ExecuteAsync($"delete from live.users where user_id = {id}", ct);
    }
}
