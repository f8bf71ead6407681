using Microsoft.Extensions.Logging;
using Npgsql;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;

namespace Rookery.Modules.Reputation;

/// <summary>
/// Writes activities and what they make of the scores, in group commits: an activity's row, its points in the score and
/// its event are there together or not at all, and once, however often the activity comes.
/// </summary>
internal sealed class ScoreBook : IAsyncDisposable
{
    private const int TalkAtOnce = 1024;
    private const int MostTalkWaiting = 65_536;
    private static readonly TimeSpan TalkGathers = TimeSpan.FromMilliseconds(250);

    private readonly TimeProvider _clock;
    private readonly BatchWriter<Activity> _writer;
    private readonly BatchWriter<Activity> _talk;

    public ScoreBook(Database db, TimeProvider clock, ILogger<ScoreBook> log)
    {
        _clock = clock;
        _writer = new BatchWriter<Activity>(db, FlushAsync, log);

        // Apart from the others, which must not wait behind a channel that talks much.
        _talk = new BatchWriter<Activity>(db, FlushAsync, log, TalkAtOnce, MostTalkWaiting, linger: TalkGathers);
    }

    /// <summary>Completes when it is committed.</summary>
    /// <exception cref="StorageUnavailableException">It is not booked.</exception>
    public Task AddAsync(Activity activity) => _writer.WriteAsync(activity);

    /// <summary>Books it some time soon, unless the process ends before.</summary>
    /// <returns>False when too much waits already.</returns>
    public bool TryAdd(Activity activity) => _talk.TryAdd(activity);

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        await _talk.DisposeAsync();
    }

    private async Task FlushAsync(NpgsqlConnection connection, IReadOnlyList<Activity> rows, CancellationToken ct)
    {
        var now = _clock.GetUtcNow();
        InboxClaim[] claims = [.. rows.Select(r => r.Claim(now))];
        var together = new InboxClaims(claims);
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { together.Command() } };
        foreach (var insert in Activities.Insert(rows, claims, together))
        {
            batch.BatchCommands.Add(insert);
        }

        var counting = rows.Zip(claims).Where(r => r.First.Counts).ToList();
        if (counting.Count > 0)
        {
            batch.BatchCommands.Add(Raise(counting, together));
            batch.BatchCommands.Add(Note(counting, together));
        }

        await using var reader = await batch.ExecuteReaderAsync(ct);
        do
        {
            // A refusal of a later statement is thrown when its result is reached.
        }
        while (await reader.NextResultAsync(ct));
    }

    /// <summary>
    /// Raises the scores. Members are taken in the order of their keys, so that two transactions never wait for each other;
    /// who is taken stays so until the end, so that <see cref="Note"/> finds what this made of them.
    /// </summary>
    private static NpgsqlBatchCommand Raise(List<(Activity Row, InboxClaim Claim)> rows, InboxClaims together) => new(
        """
        insert into reputation.reputation_scores as s (community_id, platform, user_id, user_name, score, events, created_at,
            updated_at)
        select r.community_id, r.platform, r.user_id, (array_agg(r.user_name order by r.n desc))[1], sum(r.points), count(*),
            min(r.created_at), max(r.created_at)
        from (
            select unnest($1::uuid[]) as claim, unnest($2::bigint[]) as community_id, unnest($3::text[]) as platform,
                unnest($4::text[]) as user_id, unnest($5::numeric[]) as points, unnest($6::timestamptz[]) as created_at,
                unnest($7::text[]) as user_name, generate_subscripts($1::uuid[], 1) as n) r
        where r.claim in (select i.event_id from kernel.inbox i where i.event_key = any($8) and i.received_on = $9)
        group by r.community_id, r.platform, r.user_id
        order by r.community_id, r.platform, r.user_id
        on conflict (community_id, platform, user_id) do update
        set score = s.score + excluded.score, events = s.events + excluded.events,
            user_name = case when excluded.user_name = s.user_id then s.user_name else excluded.user_name end,
            updated_at = greatest(s.updated_at, excluded.updated_at)
        """)
    {
        Parameters =
        {
            Rows.Array(rows, r => r.Claim.EventId),
            Rows.Array(rows, r => r.Row.Community),
            Rows.Array(rows, r => r.Row.Platform.Name()),
            Rows.Array(rows, r => r.Row.UserId),
            Rows.Array(rows, r => r.Row.Points),
            Rows.Array(rows, r => r.Row.At),
            Rows.Array(rows, r => r.Row.UserName),
            new NpgsqlParameter<string[]> { TypedValue = together.Keys },
            new NpgsqlParameter<DateOnly> { TypedValue = together.Today },
        },
    };

    /// <summary>Notes each event with the score before and after it, counted back from what the score is now.</summary>
    private static NpgsqlBatchCommand Note(List<(Activity Row, InboxClaim Claim)> rows, InboxClaims together) => new(
        """
        insert into reputation.reputation_events (community_id, platform, user_id, event_id, activity_type, points,
            previous_score, new_score, created_at)
        select r.community_id, r.platform, r.user_id, r.event_id, r.activity_type, r.points,
            s.score - sum(r.points) over later, s.score - sum(r.points) over later + r.points, r.created_at
        from (
            select unnest($1::uuid[]) as claim, unnest($2::bigint[]) as community_id, unnest($3::text[]) as platform,
                unnest($4::text[]) as user_id, unnest($5::numeric[]) as points, unnest($6::timestamptz[]) as created_at,
                unnest($7::text[]) as event_id, unnest($8::text[]) as activity_type,
                generate_subscripts($1::uuid[], 1) as n) r
        join reputation.reputation_scores s using (community_id, platform, user_id)
        where r.claim in (select i.event_id from kernel.inbox i where i.event_key = any($9) and i.received_on = $10)
        window later as (partition by r.community_id, r.platform, r.user_id order by r.n
            rows between current row and unbounded following)
        order by r.n
        """)
    {
        Parameters =
        {
            Rows.Array(rows, r => r.Claim.EventId),
            Rows.Array(rows, r => r.Row.Community),
            Rows.Array(rows, r => r.Row.Platform.Name()),
            Rows.Array(rows, r => r.Row.UserId),
            Rows.Array(rows, r => r.Row.Points),
            Rows.Array(rows, r => r.Row.At),
            Rows.Array(rows, r => r.Row.EventId),
            Rows.Array(rows, r => r.Row.Type),
            new NpgsqlParameter<string[]> { TypedValue = together.Keys },
            new NpgsqlParameter<DateOnly> { TypedValue = together.Today },
        },
    };
}
