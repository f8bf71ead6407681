using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Npgsql;
using Rookery.Kernel.Data;

namespace Rookery.Workflows.Webhooks;

/// <summary>
/// Counts calls of webhooks for all nodes together: never more than a webhook takes lie in any stretch of its window's length.
/// The window moves on by sixtieths. For a webhook that is called often a node counts some calls of the running sixtieth ahead, as many
/// as came in the one before and at most a hundredth of the limit, and gives back with the next count what did not come.
/// It also ties a signature to the key it came with first, so that whoever copies a signed call cannot have it done again under
/// another key. Both in group commits into tables that are not logged, so no disk is waited for.
/// </summary>
internal sealed class CallLimiter : IAsyncDisposable
{
    public const int Slots = 60;

    private readonly BatchWriter<Taking> _writer;
    private readonly ConcurrentDictionary<Guid, CallsAhead> _ahead = new();
    private readonly TimeProvider _clock;

    public CallLimiter(Database db, TimeProvider clock, ILogger<CallLimiter> log)
    {
        _clock = clock;
        _writer = new BatchWriter<Taking>(db, TakeAsync, log);
    }

    /// <param name="signature">Null: the call has none, or one without a time.</param>
    /// <param name="key">The same for calls that mean the same.</param>
    /// <returns>Null when it may go.</returns>
    public async ValueTask<Refusal?> TakeAsync(OpenWebhook webhook, string? signature, string? key, CancellationToken ct)
    {
        var taking = new Taking(webhook, signature, key ?? "", _clock.GetUtcNow());
        taking.IsGranted = _ahead.GetOrAdd(webhook.WebhookId, _ => new CallsAhead()).TryTake(taking.Slot);
        if (taking.IsGranted && signature is null)
        {
            return null;
        }

        await _writer.WriteAsync(taking).WaitAsync(ct);
        return !taking.IsGranted ? Refusal.TooMany(webhook.RateWindow, webhook.RateMax)
            : taking.IsCopied ? Refusal.Copied
            : null;
    }

    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    private async Task TakeAsync(NpgsqlConnection connection, IReadOnlyList<Taking> rows, CancellationToken ct)
    {
        // By id: whoever counts for several webhooks locks them in the same order.
        var counts = rows.Where(r => !r.IsGranted).GroupBy(r => r.Webhook.WebhookId).OrderBy(g => g.Key)
            .Select(g => new Count([.. g], _ahead[g.Key])).ToList();
        var signed = rows.Where(r => r.Signature is not null).ToLookup(r => (r.Webhook.WebhookId, r.Signature));
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { Take(counts) } };
        if (signed.Count > 0)
        {
            batch.BatchCommands.Add(Tie([.. signed.Select(s => s.First())]));
        }

        await using var reader = await batch.ExecuteReaderAsync(ct);
        foreach (var count in counts)
        {
            await reader.ReadAsync(ct);
            count.Grant(reader.GetInt32(0));
        }

        await reader.NextResultAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            var key = reader.GetString(2);
            foreach (var taking in signed[(reader.GetGuid(0), reader.GetString(1))].Where(t => t.Key != key))
            {
                taking.IsCopied = true;
            }
        }
    }

    private static NpgsqlBatchCommand Take(IReadOnlyList<Count> counts) => new(
        """
        select workflows.take_calls(u.webhook, u.wanted, u.most, u.slot, u.unused, u.unused_slot)
        from (
            select unnest($1) as webhook, unnest($2) as wanted, unnest($3) as most, unnest($4) as slot, unnest($5) as unused,
                unnest($6) as unused_slot) u
        """)
    {
        Parameters =
        {
            Rows.Array(counts, c => c.Webhook.WebhookId),
            Rows.Array(counts, c => c.Wanted),
            Rows.Array(counts, c => c.Webhook.RateMax),
            Rows.Array(counts, c => c.Slot),
            Rows.Array(counts, c => c.Unused.Calls),
            Rows.Array(counts, c => c.Unused.Slot),
        },
    };

    private static NpgsqlBatchCommand Tie(IReadOnlyList<Taking> rows) => new(
        """
        insert into workflows.workflow_webhook_signatures as s (webhook_id, signature, key, seen_at)
        select unnest($1), unnest($2), unnest($3), unnest($4)
        on conflict (webhook_id, signature) do update set seen_at = s.seen_at
        returning s.webhook_id, s.signature, s.key
        """)
    {
        Parameters = { Rows.Array(rows, r => r.Webhook.WebhookId), Rows.Array(rows, r => r.Signature), Rows.Array(rows, r => r.Key), Rows.Array(rows, r => r.At) },
    };

    /// <summary>What is to be counted for one webhook.</summary>
    private sealed class Count
    {
        private readonly IReadOnlyList<Taking> _calls;
        private readonly CallsAhead _ahead;

        public Count(IReadOnlyList<Taking> calls, CallsAhead ahead)
        {
            (_calls, _ahead) = (calls, ahead);
            Slot = calls.Max(c => c.Slot);
            Wanted = calls.Count + Math.Min(ahead.Expected(Slot), Webhook.RateMax / 100);
            Unused = ahead.TakeUnused(Slot);
        }

        public OpenWebhook Webhook => _calls[^1].Webhook;

        public long Slot { get; }

        public int Wanted { get; }

        public (int Calls, long Slot) Unused { get; }

        public void Grant(int granted)
        {
            foreach (var call in _calls.Take(granted))
            {
                call.IsGranted = true;
            }

            _ahead.Add(Slot, granted - _calls.Count);
        }
    }

    private sealed class Taking(OpenWebhook webhook, string? signature, string key, DateTimeOffset at)
    {
        public OpenWebhook Webhook => webhook;

        public string? Signature => signature;

        public string Key => key;

        public DateTimeOffset At => at;

        public long Slot { get; } = at.UtcTicks / Math.Max(1, webhook.RateWindow.Ticks / Slots);

        public bool IsGranted { get; set; }

        public bool IsCopied { get; set; }
    }
}
