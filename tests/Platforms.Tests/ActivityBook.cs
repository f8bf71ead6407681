using Rookery.Kernel.Data;

namespace Rookery.Platforms.Tests;

/// <summary>What was scored on a platform.</summary>
internal sealed class ActivityBook(TestHost host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private Database Db => host.Get<Database>();

    /// <summary>
    /// Waits until this one activity of somebody is on record, with its points in their score in the community of the
    /// channel, and its event in its table, where it is not mere talk.
    /// </summary>
    public async Task HasAsync(string platform, string user, string type, decimal points, bool isStored = true, bool counts = true)
    {
        await TestHost.EventuallyAsync(async () => (await RowsAsync(platform, user)).Count > 0, $"{user} is scored for {type}");
        var row = (await RowsAsync(platform, user)).ShouldHaveSingleItem();
        row.ShouldBe(new Row(type, points, HasContext: true, HasReputation: counts, row.EventId, row.Community));
        row.Community.ShouldBeGreaterThan(1);
        (await Db.Write.ListAsync(
            $"select score from reputation.reputation_scores where platform = {platform} and user_id = {user} and community_id = {row.Community}",
            r => r.GetDecimal(0),
            Ct)).ShouldBe(counts ? [points] : []);
        if (isStored)
        {
            (await IsStoredAsync(platform, row.EventId)).ShouldBeTrue($"{row.EventId} is an event of {platform}");
        }
    }

    public async Task<IReadOnlyList<Row>> RowsAsync(string platform, string user) => await Db.Write.ListAsync(
        $"""
        select activity_type, amount, context_sent, reputation_sent, event_id, community_id from (
            select 'discord' as platform, a.* from discord.discord_activities a
            union all select 'twitch', a.* from twitch.twitch_activities a
            union all select 'slack', a.* from slack.slack_activities a) a
        where platform = {platform} and user_id = {user} order by id
        """,
        r => new Row(r.GetString(0), r.GetDecimal(1), r.GetBoolean(2), r.GetBoolean(3), r.GetString(4), r.GetInt64(5)),
        Ct);

    private Task<bool> IsStoredAsync(string platform, string id) => Db.Write.ValueAsync<bool>(
        $"""
        select exists (select from discord.discord_events where {platform} = 'discord' and event_id = {id})
            or exists (select from twitch.twitch_events where {platform} = 'twitch' and event_id = {id})
            or exists (select from slack.slack_events where {platform} = 'slack' and event_id = {id})
        """,
        Ct);

    internal sealed record Row(
        string Type, decimal Points, bool HasContext, bool HasReputation, string EventId, long Community);
}
