using Npgsql;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;

namespace Rookery.Kernel.Delivery;

/// <summary>An event that is to be stored.</summary>
internal sealed record Taken(RawEvent Event, InboxClaim Claim)
{
    public bool IsBegun { get; set; }
}

/// <param name="Error">Null: it was handled; else why it was given up.</param>
internal sealed record Ended(RawEvent Event, int Attempts, string? Error);

/// <summary>The statements of the intake's batches.</summary>
internal static class IntakeRows
{
    /// <summary>Inserts the rows whose claims hold.</summary>
    public static NpgsqlBatchCommand Insert(Platform platform, List<Taken> rows, InboxClaims claims, Node node) => new(
        $"""
        insert into {Table(platform).Text} (event_id, event_type, platform_ids, event_data, created_at, node_id)
        select r.event_id, r.event_type, r.platform_ids, r.event_data, r.created_at, $6
        from (
            select unnest($1::text[]) as event_id, unnest($2::text[]) as event_type,
                unnest($3::jsonb[]) as platform_ids, unnest($4::jsonb[]) as event_data,
                unnest($5::timestamptz[]) as created_at, unnest($7::uuid[]) as claim) r
        where r.claim in (select event_id from kernel.inbox where event_key = any($8) and received_on = $9)
        on conflict do nothing
        """)
    {
        Parameters =
        {
            Rows.Array(rows, r => r.Event.EventId),
            Rows.Array(rows, r => r.Event.EventType),
            Rows.Json(rows, r => r.Event.PlatformIds),
            Rows.Json(rows, r => r.Event.Data),
            Rows.Array(rows, r => r.Event.At),
            new NpgsqlParameter<Guid> { TypedValue = node.Id },
            Rows.Array(rows, r => r.Claim.EventId),
            new NpgsqlParameter<string[]> { TypedValue = claims.Keys },
            new NpgsqlParameter<DateOnly> { TypedValue = claims.Today },
        },
    };

    public static NpgsqlBatchCommand End(Platform platform, List<Ended> ended, DateTimeOffset now) => new(
        $"""
        update {Table(platform).Text} e
        set processed = d.error is null, processed_at = $5, attempts = d.attempts, error = d.error
        from (
            select unnest($1::text[]) as event_id, unnest($2::timestamptz[]) as created_at,
                unnest($3::int[]) as attempts, unnest($4::text[]) as error) d
        where e.event_id = d.event_id and e.created_at = d.created_at and e.created_at between $6 and $7
        """)
    {
        Parameters =
        {
            Rows.Array(ended, r => r.Event.EventId),
            Rows.Array(ended, r => r.Event.At),
            Rows.Array(ended, r => r.Attempts),
            Rows.Array(ended, r => r.Error),
            new NpgsqlParameter<DateTimeOffset> { TypedValue = now },
            new NpgsqlParameter<DateTimeOffset> { TypedValue = ended.Min(r => r.Event.At) },
            new NpgsqlParameter<DateTimeOffset> { TypedValue = ended.Max(r => r.Event.At) },
        },
    };

    public static SqlFragment Table(Platform platform) => platform switch
    {
        Platform.Discord => Sql.Fragment("discord.discord_events"),
        Platform.Twitch => Sql.Fragment("twitch.twitch_events"),
        Platform.Slack => Sql.Fragment("slack.slack_events"),
        _ => throw new ArgumentOutOfRangeException(nameof(platform), platform, "has no table of events."),
    };
}
