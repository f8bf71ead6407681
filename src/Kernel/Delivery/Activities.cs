using Npgsql;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;

namespace Rookery.Kernel.Delivery;

/// <summary>Something somebody did that is worth points.</summary>
/// <param name="Community">Whose points these are: the community of the channel.</param>
/// <param name="Key">The platform's id of what happened, by which a repeat is known.</param>
/// <param name="EventId">Its id in <c>{platform}_events</c>; that of the message where talk is not stored.</param>
/// <param name="Counts">The points go into the score of the user. False for an account that stands for nobody.</param>
public sealed record Activity(
    long Community, Platform Platform, string Key, string EventId, string Type, string UserId, string UserName, decimal Points,
    bool Counts, DateTimeOffset At)
{
    /// <summary>Its place in the inbox, beside that of the event itself.</summary>
    public InboxClaim Claim(DateTimeOffset now) => new(Platform, $"activity:{Key}", Ids.New(now), now);
}

/// <summary>Rows of <c>{platform}_activities</c>.</summary>
public static class Activities
{
    /// <summary>
    /// Statements for a batch that begins with the claims: a row where the claim of the activity holds, and none where
    /// it was seen before.
    /// </summary>
    /// <param name="claims">Those of the rows, in their order.</param>
    public static IEnumerable<NpgsqlBatchCommand> Insert(
        IReadOnlyList<Activity> rows, IReadOnlyList<InboxClaim> claims, InboxClaims together) => rows
        .Zip(claims)
        .GroupBy(r => r.First.Platform)
        .Where(g => Table(g.Key) is not null)
        .Select(g => Insert(Table(g.Key)!.Value, [.. g.Select(r => r.First)], [.. g.Select(r => r.Second.EventId)], together));

    private static NpgsqlBatchCommand Insert(
        SqlFragment table, IReadOnlyList<Activity> rows, Guid[] claims, InboxClaims together)
    {
        return new NpgsqlBatchCommand(
            $"""
            insert into {table.Text} (community_id, event_id, activity_type, user_id, username, amount, context_sent,
                reputation_sent, created_at)
            select r.community_id, r.event_id, r.activity_type, r.user_id, r.username, r.amount, true, r.counts, r.created_at
            from (
                select unnest($1::bigint[]) as community_id, unnest($2::text[]) as event_id,
                    unnest($3::text[]) as activity_type, unnest($4::text[]) as user_id, unnest($5::text[]) as username,
                    unnest($6::numeric[]) as amount, unnest($7::boolean[]) as counts,
                    unnest($8::timestamptz[]) as created_at, unnest($9::uuid[]) as claim) r
            where r.claim in (select event_id from kernel.inbox where event_key = any($10) and received_on = $11)
            """)
        {
            Parameters =
            {
                Rows.Array(rows, r => r.Community),
                Rows.Array(rows, r => r.EventId),
                Rows.Array(rows, r => r.Type),
                Rows.Array(rows, r => r.UserId),
                Rows.Array(rows, r => r.UserName),
                Rows.Array(rows, r => r.Points),
                Rows.Array(rows, r => r.Counts),
                Rows.Array(rows, r => r.At),
                new NpgsqlParameter<Guid[]> { TypedValue = claims },
                new NpgsqlParameter<string[]> { TypedValue = together.Keys },
                new NpgsqlParameter<DateOnly> { TypedValue = together.Today },
            },
        };
    }

    /// <summary>The sandbox keeps no activities; what counts there shows in the scores.</summary>
    private static SqlFragment? Table(Platform platform) => platform switch
    {
        Platform.Discord => Sql.Fragment("discord.discord_activities"),
        Platform.Twitch => Sql.Fragment("twitch.twitch_activities"),
        Platform.Slack => Sql.Fragment("slack.slack_activities"),
        _ => null,
    };
}
