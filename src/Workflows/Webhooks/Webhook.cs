using Npgsql;
using Rookery.Kernel.Data;

namespace Rookery.Workflows.Webhooks;

/// <summary>A webhook as the API shows it; fields as the columns, and never its token or secret.</summary>
internal sealed record Webhook(
    Guid WebhookId, Guid WorkflowId, string Name, string? Description, string Url, bool Enabled, bool RequireSignature, bool LegacySignature,
    IReadOnlyList<string> IpAllowlist, int RateLimitMax, int RateLimitWindow, DateTimeOffset? PreviousUntil, DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt, DateTimeOffset? LastTriggeredAt, Guid? LastExecutionId, long TriggerCount)
{
    public static readonly SqlFragment Columns = Sql.Fragment(
        """
        w.webhook_id, w.workflow_id, w.name, w.description, w.url, w.enabled, w.require_signature, w.legacy_signature, w.ip_allowlist,
        w.rate_limit_max, w.rate_limit_window, w.previous_until, w.created_at, w.updated_at, w.last_triggered_at, w.last_execution_id,
        w.trigger_count
        """);

    public static Webhook Read(NpgsqlDataReader r) => new(
        r.GetGuid(0),
        r.GetGuid(1),
        r.GetString(2),
        r.IsDBNull(3) ? null : r.GetString(3),
        r.GetString(4),
        r.GetBoolean(5),
        r.GetBoolean(6),
        r.GetBoolean(7),
        r.GetFieldValue<string[]>(8),
        r.GetInt32(9),
        r.GetInt32(10),
        r.IsDBNull(11) ? null : r.GetFieldValue<DateTimeOffset>(11),
        r.GetFieldValue<DateTimeOffset>(12),
        r.GetFieldValue<DateTimeOffset>(13),
        r.IsDBNull(14) ? null : r.GetFieldValue<DateTimeOffset>(14),
        r.IsDBNull(15) ? null : r.GetGuid(15),
        r.GetInt64(16));
}

/// <summary>A new webhook. This is the only time that its address and its secret are seen.</summary>
internal sealed record CreatedWebhook(Webhook Webhook, string Token, string Url, string Secret);

/// <summary>A new secret. This is the only time it is seen.</summary>
/// <param name="PreviousUntil">Until when the one before it is good too.</param>
internal sealed record RotatedSecret(Guid WebhookId, string Secret, DateTimeOffset PreviousUntil);
