using Rookery.Kernel.Data;
using Rookery.Kernel.Scheduling;

namespace Rookery.Modules.LivePosts.Posting;

/// <summary>
/// Takes over what became of edits, and of deletions, that failed. Where the message is gone there is nothing left to edit; if the stream had only
/// been about to go on in it, it gets a post of its own. Any other edit is made again after a while.
/// </summary>
internal sealed class NoteEdits(Database db, PostAgain again, TimeProvider clock) : IJob
{
    /// <summary>How long the commit of an outcome may take after its time.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(5);

    /// <summary>How far a node that starts looks back; what is older is not edited any more.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>Until an edit is made again at first; the longer the stream is over, the longer.</summary>
    private static readonly TimeSpan Wait = TimeSpan.FromMinutes(5);

    /// <summary>In the words of Discord's sender, Slack's and the Sandbox's.</summary>
    private static readonly string[] Gone = ["The message is gone", "The channel is gone", "message_not_found", "There is no message"];

    private DateTimeOffset? _looked;

    public TimeSpan Period => TimeSpan.FromSeconds(1);

    public async ValueTask RunAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var since = _looked is { } looked ? looked - Overlap : now - Longest;
        await db.TransactionAsync(t => NoteAsync(t, since, ct), ct);
        _looked = now;
    }

    private async Task NoteAsync(Transaction t, DateTimeOffset since, CancellationToken ct)
    {
        var failed = await t.ListAsync(
            $"""
            with failed as materialized (
                select idempotency_key as key, coalesce(last_error, '') as error, finished_at from kernel.outbox
                where status <> 'pending' and status = 'failed' and finished_at >= {since}
                  and (idempotency_key like {PostedRow.FirstEdit + "%"} or idempotency_key like {PostedRow.LaterEdit + "%"}
                    or idempotency_key like {PostedRow.Deletion + "%"}))
            select l.id, l.guild_id, f.key, f.error, f.finished_at, b.ended_at
            from failed f
                join live.notification_log l on l.id = split_part(f.key, ':', 3)::uuid and l.edit_key = f.key
                join live.broadcasts b on b.id = l.broadcast_id
            where l.edit_after is null and (not l.is_over or f.key like {PostedRow.Deletion + "%"})
            order by l.id for update of l
            """,
            r => new Failed(
                r.GetGuid(0),
                r.GetString(1),
                r.GetString(2).StartsWith(PostedRow.FirstEdit, StringComparison.Ordinal),
                r.GetString(3),
                r.GetFieldValue<DateTimeOffset>(4),
                r.IsDBNull(5) ? null : r.GetFieldValue<DateTimeOffset>(5)),
            ct);
        if (failed.Count == 0)
        {
            return;
        }

        await t.ExecuteAsync(
            $"""
            update live.notification_log l
            set is_over = u.over, edit_after = u.after, shown_version = case when u.first then 0 else 1 end,
                status = case when u.lost then 'failed' else l.status end, reason = case when u.lost then u.error end,
                message_id = case when not u.lost then l.message_id end, edit_key = case when not u.lost then l.edit_key end,
                continues = case when not u.lost then l.continues end
            from unnest({failed.Select(f => f.Id).ToArray()}, {failed.Select(f => f.IsGone && !f.IsLost).ToArray()},
                {failed.Select(f => f.IsGone ? (DateTimeOffset?)null : f.Again).ToArray()}, {failed.Select(f => f.IsFirst).ToArray()},
                {failed.Select(f => f.IsLost).ToArray()}, {failed.Select(f => f.Error).ToArray()})
                as u (id, over, after, first, lost, error)
            where l.id = u.id
            """,
            ct);
        foreach (var lost in failed.Where(f => f.IsLost))
        {
            await again.RunAsync(t, lost.Guild, lost.Id, ct);
        }
    }

    /// <param name="IsFirst">The post was to go on with a stream that had broken off.</param>
    private sealed record Failed(Guid Id, string Guild, bool IsFirst, string Error, DateTimeOffset At, DateTimeOffset? EndedAt)
    {
        public bool IsGone => Array.Exists(Gone, known => Error.Contains(known, StringComparison.Ordinal));

        /// <summary>The stream is live and has no post.</summary>
        public bool IsLost => IsGone && IsFirst && EndedAt is null;

        public DateTimeOffset Again => At + (EndedAt is { } end && (At - end) / 2 is var half && half > Wait ? half : Wait);
    }
}
