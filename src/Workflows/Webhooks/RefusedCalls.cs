using System.Collections.Concurrent;
using System.Net;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Npgsql;
using Rookery.Kernel;
using Rookery.Kernel.Data;

namespace Rookery.Workflows.Webhooks;

/// <summary>
/// Notes calls that were refused among the deliveries of their webhook, for whoever has to find out why. Nobody waits for it,
/// and of a flood only the first of each minute are noted.
/// </summary>
internal sealed class RefusedCalls : IAsyncDisposable
{
    private const int MostPerMinute = 60;
    private const int MostWebhooks = 10_000;
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<Guid, Noted> _noted = new();
    private readonly BatchWriter<Row> _writer;
    private readonly TimeProvider _clock;

    public RefusedCalls(Database db, TimeProvider clock, ILogger<RefusedCalls> log)
    {
        _clock = clock;
        _writer = new BatchWriter<Row>(db, WriteAsync, log, linger: TimeSpan.FromMilliseconds(100));
    }

    public void Note(OpenWebhook webhook, Refusal refusal, IPAddress? address)
    {
        var now = _clock.GetUtcNow();
        if (_noted.Count >= MostWebhooks)
        {
            _noted.Clear();
        }

        var noted = _noted.AddOrUpdate(
            webhook.WebhookId, new Noted(now, 1), (_, n) => now - n.Since >= Minute ? new Noted(now, 1) : n with { Times = n.Times + 1 });
        if (noted.Times <= MostPerMinute)
        {
            _writer.TryAdd(new Row(Ids.New(now), webhook.WebhookId, refusal.Code, address?.ToString(), now));
        }
    }

    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    private static async Task WriteAsync(NpgsqlConnection connection, IReadOnlyList<Row> rows, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            """
            insert into workflows.workflow_webhook_deliveries (delivery_id, webhook_id, status, code, ip_address, received_at)
            select u.id, u.webhook, 'refused', u.code, u.address, u.at from unnest($1, $2, $3, $4, $5) as u (id, webhook, code, address, at)
            """,
            connection)
        {
            Parameters =
            {
                Rows.Array(rows, r => r.Id),
                Rows.Array(rows, r => r.Webhook),
                Rows.Array(rows, r => r.Code),
                Rows.Array(rows, r => r.Address),
                Rows.Array(rows, r => r.At),
            },
        };
        await command.ExecuteNonQueryAsync(ct);
    }

    private sealed record Row(Guid Id, Guid Webhook, string Code, string? Address, DateTimeOffset At);

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Noted(DateTimeOffset Since, int Times);
}
