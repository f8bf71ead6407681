using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Rookery.Kernel.Communities;
using Rookery.Kernel.Data;
using Rookery.Kernel.Expressions;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;
using Rookery.Workflows.Api;
using Rookery.Workflows.Definition;
using Rookery.Workflows.Execution;
using Rookery.Workflows.Triggers;

namespace Rookery.Workflows.Webhooks;

/// <param name="Status">queued or running.</param>
internal sealed record Replayed(Guid ExecutionId, Guid ReplayOf, string Status);

/// <summary>What came in over a webhook, and the same once more.</summary>
internal static class DeliveryEndpoints
{
    public static void Map(RouteGroupBuilder group)
    {
        var deliveries = group.MapGroup("/{workflow_id:guid}/webhooks/{webhook_id:guid}/deliveries").WithTags("workflows");
        deliveries.MapGet("", ListAsync).Needs(Scopes.WorkflowsRead)
            .WithSummary("Lists the calls of a webhook, the newest first.").ProducesProblem(400).ProducesProblem(403).ProducesProblem(404);
        deliveries.MapPost("/{delivery_id:guid}/replay", ReplayAsync).Needs(Scopes.WorkflowsRun)
            .WithSummary("Runs the workflow as it is published now with what a delivery brought.")
            .ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(429);
    }

    private static async Task<Results<Ok<Page<Delivery>>, ProblemHttpResult>> ListAsync(
        long community_id, Guid workflow_id, Guid webhook_id, string? status, PageQuery page, Actor actor, Gate gate, Deliveries deliveries,
        WebhookStore store, Database db, CancellationToken ct)
    {
        var (workflow, refusal) = await gate.EnterAsync(community_id, workflow_id, actor, Right.View, "webhook.deliveries", ct);
        if (workflow is null)
        {
            return refusal!;
        }

        if (status is not (null or "accepted" or "refused"))
        {
            return Problems.Invalid("status", "must be accepted or refused, or be left out.");
        }

        return await store.FindAsync(db.Read, community_id, workflow_id, webhook_id, ct) is null
            ? WebhookEndpoints.NoWebhook(webhook_id)
            : TypedResults.Ok(Page.Of(await deliveries.ListAsync(webhook_id, status, page, ct), page.Limit, d => d.DeliveryId));
    }

    private static async Task<Results<Accepted<Replayed>, ProblemHttpResult>> ReplayAsync(
        long community_id, Guid workflow_id, Guid webhook_id, Guid delivery_id, Actor actor, Gate gate, Deliveries deliveries, WebhookStore store,
        Database db, TriggerTable triggers, Definitions definitions, EntityDirectory entities, Runner runner, WorkflowAudit audit, CancellationToken ct)
    {
        var (known, refusal) = await gate.EnterAsync(community_id, workflow_id, actor, Right.Execute, "delivery.replayed", ct);
        if (known is null)
        {
            return refusal!;
        }

        if (await store.FindAsync(db.Write, community_id, workflow_id, webhook_id, ct) is null)
        {
            return WebhookEndpoints.NoWebhook(webhook_id);
        }

        if (await deliveries.FindDataAsync(webhook_id, delivery_id, ct) is not { } json)
        {
            return Problems.NotFound($"The webhook has no delivery with id {delivery_id} that was accepted and whose run is kept.");
        }

        if (triggers.Find(workflow_id) is not { } listening
            || await definitions.FindAsync(workflow_id, listening.Version, ct) is not { } workflow)
        {
            return Problems.Conflict("The workflow is not published; publish it and try again.");
        }

        if (await entities.FindByKeyAsync(workflow.EntityKey, ct) is not { IsActive: true } entity || entity.CommunityId != workflow.Community)
        {
            return Problems.Conflict("The workflow's channel is switched off or belongs to another community.");
        }

        var data = Value.Parse(Encoding.UTF8.GetBytes(json));
        var act = new Act(community_id, workflow_id, "delivery.replayed", "webhook", webhook_id.ToString())
        {
            Details = new JsonObject { ["delivery_id"] = delivery_id.ToString() },
        };
        await audit.WriteAsync(db.Write, actor, act, ct);
        var started = await runner.StartAsync(
            new Start(workflow, entity, "replay", data, null, actor.Key) { ReplayOf = delivery_id }, CancellationToken.None);
        return started.Outcome == StartOutcome.Full ? WorkflowLimits.QueueFull()
            : started.Outcome == StartOutcome.Refused ? Problems.Conflict("As many runs of the workflow are under way as may be; try again in a moment.")
            : TypedResults.Accepted((string?)null, new Replayed(started.Id, delivery_id, started.Outcome == StartOutcome.Queued ? "queued" : "running"));
    }
}
