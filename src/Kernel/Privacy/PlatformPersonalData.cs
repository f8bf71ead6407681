using System.Text.Json.Nodes;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;

namespace Rookery.Kernel.Privacy;

/// <summary>
/// What the tables of the platforms hold about an account: its activity, servers it owns, its consent for the bot.
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
        platform switch
        {
            Platform.Discord =>
                await session.ExecuteAsync($"delete from discord.discord_activities where user_id = {userId}", ct)
                + await session.ExecuteAsync(
                    $"update discord.discord_guilds set owner_id = null where owner_id = {userId}", ct),
            Platform.Twitch =>
                await session.ExecuteAsync($"delete from twitch.twitch_activities where user_id = {userId}", ct)
                + await session.ExecuteAsync($"delete from twitch.twitch_tokens where user_id = {userId}", ct),
            Platform.Slack => await session.ExecuteAsync($"delete from slack.slack_activities where user_id = {userId}", ct)
                + await session.ExecuteAsync(
                    $"update slack.slack_guilds set owner_id = null where owner_id = {userId}", ct),
            _ => 0,
        };
}
