using Rookery.Kernel.Data;
using Rookery.Kernel.Scheduling;

namespace Rookery.Modules.LivePosts.Posting;

/// <summary>
/// Takes over what became of posts: where they stand, or why they do not. A guild in which the bot may not post is left alone
/// until somebody saves its settings again.
/// </summary>
internal sealed class NoteOutcomes(Database db, TimeProvider clock) : IJob
{
    private const int AtOnce = 1000;

    /// <summary>How long the commit of an outcome may take after its time.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(5);

    /// <summary>How often everything that waits is looked at, also what was done longer ago.</summary>
    private static readonly TimeSpan Thorough = TimeSpan.FromSeconds(30);

    private static readonly string[] Lasting =
        ["The channel is gone", "cannot see the channel", "lacks a permission", "is_archived", "not_in_channel", "channel_not_found"];

    private DateTimeOffset _looked;
    private DateTimeOffset _lookedAtAll;

    public TimeSpan Period => TimeSpan.FromSeconds(1);

    /// <summary>
    /// Goes by what was done lately, not by what waits: that may be ten thousand rows, of which some dozens are done in a second.
    /// </summary>
    public async ValueTask RunAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var isThorough = now - _lookedAtAll >= Thorough;
        var since = isThorough ? DateTimeOffset.UnixEpoch : _looked - Overlap;
        while (await NoteAsync(since, ct) == AtOnce)
        {
            // More than were taken at once.
        }

        _looked = now;
        _lookedAtAll = isThorough ? now : _lookedAtAll;
    }

    private Task<int> NoteAsync(DateTimeOffset since, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return db.TransactionAsync(
            async t =>
            {
                var noted = await t.ListAsync(
                    $"""
                    with done as materialized (
                        select l.id, o.status, o.platform_message_id, o.last_error, o.attempts, o.finished_at
                        from live.notification_log l join kernel.outbox o on o.idempotency_key = l.outbox_key
                        where l.status = 'pending' and o.status <> 'pending' and o.finished_at >= {since}
                        limit {AtOnce} for update of l skip locked)
                    update live.notification_log l
                    set status = done.status, message_id = done.platform_message_id, attempts = done.attempts, sent_at = done.finished_at,
                        reason = case when done.status = 'failed' then done.last_error end
                    from done where l.id = done.id
                    returning l.guild_id, l.channel_id, l.status, coalesce(l.reason, '')
                    """,
                    r => (Guild: r.GetString(0), Channel: r.IsDBNull(1) ? null : r.GetString(1), Status: r.GetString(2), Reason: r.GetString(3)),
                    ct);
                var lasting = noted.Where(n => n.Status == "failed" && Lasts(n.Reason)).ToList();
                if (lasting.Count > 0)
                {
                    await t.ExecuteAsync(
                        $"""
                        update live.guild_config c set paused_reason = f.reason, paused_at = {now}
                        from (select unnest({lasting.Select(f => f.Guild).ToArray()}) as guild,
                            unnest({lasting.Select(f => f.Channel).ToArray()}) as channel,
                            unnest({lasting.Select(f => f.Reason).ToArray()}) as reason) f
                        where c.guild_id = f.guild and c.channel_id = f.channel and c.paused_reason is null
                        """,
                        ct);
                }

                return noted.Count;
            },
            ct);
    }

    /// <summary>Trying again would fail again: the channel is gone or closed to the bot.</summary>
    private static bool Lasts(string reason) => Array.Exists(Lasting, known => reason.Contains(known, StringComparison.Ordinal));
}
