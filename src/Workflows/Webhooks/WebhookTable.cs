using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Rookery.Kernel.Data;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;

namespace Rookery.Workflows.Webhooks;

/// <summary>A webhook as a call of it needs it, with its secrets opened.</summary>
/// <param name="Previous">The secret before this one; null: there is none.</param>
internal sealed record OpenWebhook(
    Guid WebhookId, Guid WorkflowId, bool Enabled, bool RequireSignature, bool LegacySignature, IReadOnlyList<IPNetwork> Allowed, int RateMax,
    TimeSpan RateWindow, byte[] Secret, byte[]? Previous, DateTimeOffset? PreviousUntil);

/// <summary>Webhooks by their tokens, in memory from their first call on; those that are called and not there too.</summary>
internal sealed class WebhookTable
{
    private const int MostKept = 20_000;

    private readonly Database _db;
    private readonly SecretBox _box;

    // What is kept is the reading, and it is kept before it begins: so no change falls between.
    private readonly ConcurrentDictionary<string, Lazy<Task<OpenWebhook?>>> _readings = new(StringComparer.Ordinal);

    public WebhookTable(Database db, SecretBox box, ChangeFeed feed)
    {
        (_db, _box) = (db, box);
        feed.On("workflow_webhooks", Forget);
    }

    public async ValueTask<OpenWebhook?> FindAsync(string token, CancellationToken ct)
    {
        var digest = WebhookStore.Digest(token);
        if (_readings.Count > MostKept)
        {
            _readings.Clear();
        }

        var reading = _readings.GetOrAdd(digest, static (d, self) => new(() => self.ReadAsync(d)), this);
        try
        {
            return await reading.Value.WaitAsync(ct);
        }
        catch when (reading.Value is { IsCompleted: true, IsCompletedSuccessfully: false })
        {
            _readings.TryRemove(KeyValuePair.Create(digest, reading));
            throw;
        }
    }

    /// <summary>The node that changed something need not wait for the notification.</summary>
    public void Forget() => _readings.Clear();

    private void Forget(string digest)
    {
        if (digest.Length == 0)
        {
            Forget();
        }
        else
        {
            _readings.TryRemove(digest, out _);
        }
    }

    private Task<OpenWebhook?> ReadAsync(string digest) => _db.Write.FindAsync(
        $"""
        select webhook_id, workflow_id, enabled, require_signature, legacy_signature, ip_allowlist, rate_limit_max, rate_limit_window, secret,
            previous_secret, previous_until
        from workflows.workflow_webhooks where token = {digest}
        """,
        r => new OpenWebhook(
            r.GetGuid(0),
            r.GetGuid(1),
            r.GetBoolean(2),
            r.GetBoolean(3),
            r.GetBoolean(4),
            [.. r.GetFieldValue<string[]>(5).Select(CallerAddress.Network)],
            r.GetInt32(6),
            TimeSpan.FromSeconds(r.GetInt32(7)),
            Encoding.UTF8.GetBytes(_box.OpenText(WebhookStore.Secret(r.GetGuid(0)), r.GetString(8))),
            r.IsDBNull(9) ? null : Encoding.UTF8.GetBytes(_box.OpenText(WebhookStore.PreviousSecret(r.GetGuid(0)), r.GetString(9))),
            r.IsDBNull(10) ? null : r.GetFieldValue<DateTimeOffset>(10)),
        CancellationToken.None);
}
