using System.Text.Json.Nodes;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;

namespace Rookery.Kernel.Privacy;

/// <summary>
/// What the tables of the platforms hold about an account: its activity, the events it caused, servers it owns, its consent
/// for the bot.
/// </summary>
internal sealed class PlatformPersonalData : IPersonalData
{
    public string Name => "platforms";

    public Task<JsonArray> ExportAsync(Session session, Platform platform, string userId, CancellationToken ct)
    {
        var name = platform.Name();
        return Person.RowsAsync(
            session,
            $"""
            select to_jsonb(a)::text from discord.discord_activities a where {name} = 'discord' and user_id = {userId}
            union all
            select to_jsonb(a)::text from twitch.twitch_activities a where {name} = 'twitch' and user_id = {userId}
            union all
            select to_jsonb(a)::text from slack.slack_activities a where {name} = 'slack' and user_id = {userId}
            union all
            select to_jsonb(e)::text from discord.discord_events e
                where {name} = 'discord' and platform_ids ->> 'user_id' = {userId}
            union all
            select to_jsonb(e)::text from twitch.twitch_events e
                where {name} = 'twitch' and platform_ids ->> 'user_id' = {userId}
            union all
            select to_jsonb(e)::text from slack.slack_events e where {name} = 'slack' and platform_ids ->> 'user_id' = {userId}
            union all
            select to_jsonb(s)::text from kernel.servers s where platform = {name} and owner = {userId}
            union all
            select to_jsonb(g)::text from discord.discord_guilds g where {name} = 'discord' and owner_id = {userId}
            union all
            select to_jsonb(g)::text from slack.slack_guilds g where {name} = 'slack' and owner_id = {userId}
            union all
            select (to_jsonb(t) - 'access_token' - 'refresh_token')::text from twitch.twitch_tokens t
                where {name} = 'twitch' and user_id = {userId}
            """,
            ct);
    }

    public async Task<int> EraseAsync(Session session, Platform platform, string userId, CancellationToken ct) =>
        await session.ExecuteAsync(
            $"update kernel.servers set owner = null where platform = {platform.Name()} and owner = {userId}", ct)
        + platform switch
        {
            Platform.Discord => await EraseDiscordAsync(session, userId, ct),
            Platform.Twitch => await EraseTwitchAsync(session, userId, ct),
            Platform.Slack => await EraseSlackAsync(session, userId, ct),
            _ => 0,
        };

    private static async Task<int> EraseDiscordAsync(Session session, string userId, CancellationToken ct) =>
        await session.ExecuteAsync($"delete from discord.discord_activities where user_id = {userId}", ct)
        + await session.ExecuteAsync($"delete from discord.discord_events where platform_ids ->> 'user_id' = {userId}", ct)
        + await session.ExecuteAsync($"update discord.discord_guilds set owner_id = null where owner_id = {userId}", ct)
        + await session.ExecuteAsync($"update discord.guild_pictures set owner_id = null where owner_id = {userId}", ct)
        + await session.ExecuteAsync(
            $"""
            update discord.guild_pictures
            set voice = (select coalesce(jsonb_agg(v), '[]') from jsonb_array_elements(voice) v where v ->> 'user_id' <> {userId})
            where exists (select from jsonb_array_elements(voice) v where v ->> 'user_id' = {userId})
            """,
            ct);

    private static async Task<int> EraseTwitchAsync(Session session, string userId, CancellationToken ct) =>
        await session.ExecuteAsync($"delete from twitch.twitch_activities where user_id = {userId}", ct)
        + await session.ExecuteAsync($"delete from twitch.twitch_events where platform_ids ->> 'user_id' = {userId}", ct)
        + await session.ExecuteAsync($"delete from twitch.twitch_tokens where user_id = {userId}", ct);

    private static async Task<int> EraseSlackAsync(Session session, string userId, CancellationToken ct) =>
        await session.ExecuteAsync($"delete from slack.slack_activities where user_id = {userId}", ct)
        + await session.ExecuteAsync($"delete from slack.slack_events where platform_ids ->> 'user_id' = {userId}", ct)
        + await session.ExecuteAsync($"update slack.slack_guilds set owner_id = null where owner_id = {userId}", ct);
}
