using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rookery.Kernel;
using Rookery.Kernel.Data;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;
using Rookery.Workflows.Api;

namespace Rookery.Workflows.Webhooks;

/// <summary>The table <c>workflow_webhooks</c>. A webhook belongs to the community of its workflow.</summary>
internal sealed class WebhookStore(Database db, SecretBox box, WorkflowAudit audit, TimeProvider clock)
{
    private const string Table = "workflows.workflow_webhooks";
    private const int TokenBytes = 16;
    private const int ShownOfToken = 4;

    public static string Digest(string token) => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(token)));

    public static SecretPlace Secret(Guid webhook) => new(Table, webhook.ToString(), "secret");

    public static SecretPlace PreviousSecret(Guid webhook) => new(Table, webhook.ToString(), "previous_secret");

    public Task<IReadOnlyList<Webhook>> ListAsync(long community, Guid workflow, PageQuery page, CancellationToken ct)
    {
        Guid? after = Guid.TryParse(page.After, out var id) ? id : null;
        return db.Read.ListAsync(
            $"""
            select {Webhook.Columns} from workflows.workflow_webhooks w join workflows.workflow_definitions d using (workflow_id)
            where w.workflow_id = {workflow} and d.community_id = {community} and ({after}::uuid is null or w.webhook_id > {after})
            order by w.webhook_id limit {page.Limit + 1}
            """,
            Webhook.Read,
            ct);
    }

    public Task<Webhook?> FindAsync(Session session, long community, Guid workflow, Guid webhook, CancellationToken ct) => session.FindAsync(
        $"""
        select {Webhook.Columns} from workflows.workflow_webhooks w join workflows.workflow_definitions d using (workflow_id)
        where w.webhook_id = {webhook} and w.workflow_id = {workflow} and d.community_id = {community}
        """,
        Webhook.Read,
        ct);

    /// <param name="address">What comes before the token in the address.</param>
    public Task<CreatedWebhook> CreateAsync(
        long community, Guid workflow, WebhookRequest request, string address, Actor actor, CancellationToken ct) => db.TransactionAsync(
        async transaction =>
        {
            var now = clock.GetUtcNow();
            var (id, token, secret) = (Ids.New(now), NewToken(), NewToken());
            await transaction.ExecuteAsync(
                $"""
                insert into workflows.workflow_webhooks (webhook_id, workflow_id, token, secret, name, description, url, enabled,
                    require_signature, legacy_signature, ip_allowlist, rate_limit_max, rate_limit_window, created_at, updated_at)
                values ({id}, {workflow}, {Digest(token)}, {box.SealText(Secret(id), secret)}, {request.Name}, {request.Description},
                    {$"{address}{token[..ShownOfToken]}…"}, {request.Enabled ?? true}, {request.RequireSignature ?? true},
                    {request.LegacySignature ?? false}, {(request.IpAllowlist ?? []).ToArray()}, {request.RateLimitMax ?? 60},
                    {request.RateLimitWindow ?? 60}, {now}, {now})
                """,
                ct);
            var made = (await FindAsync(transaction, community, workflow, id, ct))!;
            await NoteAsync(transaction, community, "created", null, made, actor, ct);
            return new CreatedWebhook(made, token, address + token, secret);
        },
        ct);

    public Task<Webhook?> UpdateAsync(
        long community, Guid workflow, Guid webhook, WebhookRequest request, Actor actor, CancellationToken ct) => db.TransactionAsync(
        async transaction =>
        {
            if (await LockAsync(transaction, community, workflow, webhook, ct) is not { } before)
            {
                return null;
            }

            await transaction.ExecuteAsync(
                $"""
                update workflows.workflow_webhooks w
                set name = coalesce({request.Name}, w.name), description = coalesce({request.Description}, w.description),
                    enabled = coalesce({request.Enabled}, w.enabled), require_signature = coalesce({request.RequireSignature}, w.require_signature),
                    legacy_signature = coalesce({request.LegacySignature}, w.legacy_signature),
                    ip_allowlist = coalesce({request.IpAllowlist?.ToArray()}, w.ip_allowlist),
                    rate_limit_max = coalesce({request.RateLimitMax}, w.rate_limit_max),
                    rate_limit_window = coalesce({request.RateLimitWindow}, w.rate_limit_window), updated_at = {clock.GetUtcNow()}
                where w.webhook_id = {webhook}
                """,
                ct);
            if (request.RateLimitWindow is not null)
            {
                // What was counted was counted in parts of another length.
                await transaction.ExecuteAsync($"delete from workflows.workflow_webhook_calls where webhook_id = {webhook}", ct);
            }

            var after = (await FindAsync(transaction, community, workflow, webhook, ct))!;
            await NoteAsync(transaction, community, "updated", before, after, actor, ct);
            return after;
        },
        ct);

    /// <summary>Makes a new secret; the one before it stays good for a while.</summary>
    public Task<RotatedSecret?> RotateAsync(
        long community, Guid workflow, Guid webhook, TimeSpan overlap, Actor actor, CancellationToken ct) => db.TransactionAsync(
        async transaction =>
        {
            if (await LockAsync(transaction, community, workflow, webhook, ct) is not { } before)
            {
                return null;
            }

            var old = await transaction.ValueAsync<string>($"select secret from workflows.workflow_webhooks where webhook_id = {webhook}", ct);
            var (now, secret) = (clock.GetUtcNow(), NewToken());
            var previous = box.SealText(PreviousSecret(webhook), box.OpenText(Secret(webhook), old));
            await transaction.ExecuteAsync(
                $"""
                update workflows.workflow_webhooks
                set secret = {box.SealText(Secret(webhook), secret)}, previous_secret = {previous}, previous_until = {now + overlap}, updated_at = {now}
                where webhook_id = {webhook}
                """,
                ct);
            await NoteAsync(transaction, community, "rotated", before, await FindAsync(transaction, community, workflow, webhook, ct), actor, ct);
            return new RotatedSecret(webhook, secret, now + overlap);
        },
        ct);

    /// <summary>Its deliveries go with it; the runs it started stay.</summary>
    public Task<bool> DeleteAsync(long community, Guid workflow, Guid webhook, Actor actor, CancellationToken ct) => db.TransactionAsync(
        async transaction =>
        {
            if (await LockAsync(transaction, community, workflow, webhook, ct) is not { } before)
            {
                return false;
            }

            await transaction.ExecuteAsync($"delete from workflows.workflow_webhooks where webhook_id = {webhook}", ct);
            await transaction.ExecuteAsync($"delete from workflows.workflow_webhook_deliveries where webhook_id = {webhook}", ct);
            await transaction.ExecuteAsync($"delete from workflows.workflow_webhook_calls where webhook_id = {webhook}", ct);
            await NoteAsync(transaction, community, "deleted", before, null, actor, ct);
            return true;
        },
        ct);

    /// <summary>The webhook as it is until the transaction ends.</summary>
    private static Task<Webhook?> LockAsync(Transaction transaction, long community, Guid workflow, Guid webhook, CancellationToken ct) => transaction.FindAsync(
        $"""
        select {Webhook.Columns} from workflows.workflow_webhooks w join workflows.workflow_definitions d using (workflow_id)
        where w.webhook_id = {webhook} and w.workflow_id = {workflow} and d.community_id = {community} for update of w
        """,
        Webhook.Read,
        ct);

    private Task NoteAsync(Transaction transaction, long community, string action, Webhook? before, Webhook? after, Actor actor, CancellationToken ct)
    {
        var webhook = (after ?? before)!;
        var (old, now) = Act.Changes(Values(before), Values(after));
        return audit.WriteAsync(
            transaction, actor, new Act(community, webhook.WorkflowId, $"webhook.{action}", "webhook", webhook.WebhookId.ToString()) { Old = old, New = now }, ct);
    }

    private static JsonObject? Values(Webhook? webhook) =>
        webhook is null ? null : JsonSerializer.SerializeToNode(webhook, WorkflowsJson.Default.Webhook)!.AsObject();

    private static string NewToken() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TokenBytes));
}
