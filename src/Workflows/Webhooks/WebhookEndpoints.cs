using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;
using Rookery.Workflows.Api;

namespace Rookery.Workflows.Webhooks;

/// <summary>The webhooks of a workflow, for those who may change it.</summary>
internal static class WebhookEndpoints
{
    private const int MaxOverlapSeconds = 7 * 86_400;

    public static void Map(RouteGroupBuilder group)
    {
        var webhooks = group.MapGroup("/{workflow_id:guid}/webhooks").WithTags("workflows");
        webhooks.MapGet("", ListAsync).Needs(Scopes.WorkflowsRead).WithSummary("Lists the webhooks of a workflow.").ProducesProblem(403).ProducesProblem(404);
        webhooks.MapPost("", CreateAsync).Needs(Scopes.WorkflowsWrite)
            .WithSummary("Adds a webhook. Its address and its secret are shown this once.").ProducesProblem(400).ProducesProblem(403).ProducesProblem(404);
        webhooks.MapGet("/{webhook_id:guid}", GetAsync).Needs(Scopes.WorkflowsRead).WithSummary("Shows a webhook.").ProducesProblem(403).ProducesProblem(404);
        webhooks.MapPatch("/{webhook_id:guid}", PatchAsync).Needs(Scopes.WorkflowsWrite)
            .WithSummary("Changes the fields that are given; enabled switches it on and off.").ProducesProblem(400).ProducesProblem(403).ProducesProblem(404);
        webhooks.MapPost("/{webhook_id:guid}/rotate", RotateAsync).Needs(Scopes.WorkflowsWrite)
            .WithSummary("Makes a new secret, shown this once; the old one stays good for a while.").ProducesProblem(400).ProducesProblem(403).ProducesProblem(404);
        webhooks.MapDelete("/{webhook_id:guid}", DeleteAsync).Needs(Scopes.WorkflowsWrite)
            .WithSummary("Deletes a webhook with its deliveries.").ProducesProblem(403).ProducesProblem(404);
    }

    public static ProblemHttpResult NoWebhook(Guid id) => Problems.NotFound($"The workflow has no webhook with id {id}.");

    private static async Task<Results<Ok<Page<Webhook>>, ProblemHttpResult>> ListAsync(
        long community_id, Guid workflow_id, PageQuery page, Actor actor, Gate gate, WebhookStore store, CancellationToken ct)
    {
        var (workflow, refusal) = await gate.EnterAsync(community_id, workflow_id, actor, Right.View, "webhook.list", ct);
        return workflow is null ? refusal! : TypedResults.Ok(Page.Of(await store.ListAsync(community_id, workflow_id, page, ct), page.Limit, w => w.WebhookId));
    }

    private static async Task<Results<Ok<Webhook>, ProblemHttpResult>> GetAsync(
        long community_id, Guid workflow_id, Guid webhook_id, Actor actor, Gate gate, WebhookStore store, Kernel.Data.Database db, CancellationToken ct)
    {
        var (workflow, refusal) = await gate.EnterAsync(community_id, workflow_id, actor, Right.View, "webhook.view", ct);
        return workflow is null ? refusal!
            : await store.FindAsync(db.Read, community_id, workflow_id, webhook_id, ct) is { } webhook ? TypedResults.Ok(webhook)
            : NoWebhook(webhook_id);
    }

    private static async Task<Results<Created<CreatedWebhook>, ProblemHttpResult>> CreateAsync(
        long community_id, Guid workflow_id, WebhookRequest request, Actor actor, Gate gate, WebhookStore store, IOptions<WebhookOptions> options,
        HttpRequest http, CancellationToken ct)
    {
        var (workflow, refusal) = await gate.EnterAsync(community_id, workflow_id, actor, Right.Edit, "webhook.created", ct);
        if (workflow is null)
        {
            return refusal!;
        }

        if (request.Check(isNew: true) is { Ok: false } checks)
        {
            return checks.Problem();
        }

        var server = options.Value.PublicUrl?.ToString().TrimEnd('/') ?? $"{http.Scheme}://{http.Host}";
        var made = await store.CreateAsync(community_id, workflow_id, request, $"{server}/api/v1/webhooks/", actor, ct);
        return TypedResults.Created($"/api/v1/communities/{community_id}/workflows/{workflow_id}/webhooks/{made.Webhook.WebhookId}", made);
    }

    private static async Task<Results<Ok<Webhook>, ProblemHttpResult>> PatchAsync(
        long community_id, Guid workflow_id, Guid webhook_id, WebhookRequest request, Actor actor, Gate gate, WebhookStore store, WebhookTable table,
        CancellationToken ct)
    {
        var (workflow, refusal) = await gate.EnterAsync(community_id, workflow_id, actor, Right.Edit, "webhook.updated", ct);
        if (workflow is null)
        {
            return refusal!;
        }

        if (request.Check(isNew: false) is { Ok: false } checks)
        {
            return checks.Problem();
        }

        var changed = await store.UpdateAsync(community_id, workflow_id, webhook_id, request, actor, ct);
        table.Forget();
        return changed is not null ? TypedResults.Ok(changed) : NoWebhook(webhook_id);
    }

    private static async Task<Results<Ok<RotatedSecret>, ProblemHttpResult>> RotateAsync(
        long community_id, Guid workflow_id, Guid webhook_id, RotateRequest request, Actor actor, Gate gate, WebhookStore store, WebhookTable table,
        CancellationToken ct)
    {
        var (workflow, refusal) = await gate.EnterAsync(community_id, workflow_id, actor, Right.Edit, "webhook.rotated", ct);
        if (workflow is null)
        {
            return refusal!;
        }

        if (request.OverlapSeconds is < 0 or > MaxOverlapSeconds)
        {
            return Problems.Invalid("overlap_seconds", "must be 0 to 604800.");
        }

        var overlap = TimeSpan.FromSeconds(request.OverlapSeconds ?? 86_400);
        var rotated = await store.RotateAsync(community_id, workflow_id, webhook_id, overlap, actor, ct);
        table.Forget();
        return rotated is not null ? TypedResults.Ok(rotated) : NoWebhook(webhook_id);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        long community_id, Guid workflow_id, Guid webhook_id, Actor actor, Gate gate, WebhookStore store, WebhookTable table, CancellationToken ct)
    {
        var (workflow, refusal) = await gate.EnterAsync(community_id, workflow_id, actor, Right.Edit, "webhook.deleted", ct);
        if (workflow is null)
        {
            return refusal!;
        }

        var deleted = await store.DeleteAsync(community_id, workflow_id, webhook_id, actor, ct);
        table.Forget();
        return deleted ? TypedResults.NoContent() : NoWebhook(webhook_id);
    }
}
