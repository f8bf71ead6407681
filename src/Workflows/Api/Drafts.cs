using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.HttpResults;
using Rookery.Kernel.Data;
using Rookery.Kernel.Web;
using Rookery.Workflows.Definition;

namespace Rookery.Workflows.Api;

/// <summary>Makes and changes drafts, each with its row in the audit log.</summary>
internal sealed class Drafts(
    Database db, Gate gate, WorkflowStore store, WorkflowRows rows, WorkflowLimits limits, WorkflowAudit audit, Definitions definitions)
{
    /// <param name="action">create or import.</param>
    public async Task<(WorkflowAnswer? Made, ProblemHttpResult? Refusal)> CreateAsync(
        long community, WorkflowRequest request, Actor actor, string action, CancellationToken ct)
    {
        if (await gate.RefuseMakingAsync(community, actor, action, ct) is { } refusal)
        {
            return (null, refusal);
        }

        if (request.Check(isNew: true) is { Ok: false } checks)
        {
            return (null, checks.Problem());
        }

        if (await gate.EntityAsync(community, request.EntityId, ct) is not { } entity)
        {
            return (null, Problems.NotFound("entity_id: the community has no such channel."));
        }

        var text = WorkflowText.Of(request.Name!, request.Description, entity.Id, request.ToDocument());
        var most = await limits.WorkflowsAsync(community, ct);
        var made = await db.TransactionAsync<Workflow?>(
            async transaction =>
            {
                if (await rows.CountAsync(transaction, community, ct) >= most)
                {
                    return null;
                }

                var id = await store.CreateAsync(transaction, community, text, actor.Key, ct);
                var workflow = (await store.FindAsync(transaction, community, id, ct))!;
                await audit.WriteAsync(transaction, actor, new Act(community, id, action) { New = Values(workflow) }, ct);
                return workflow;
            },
            ct);
        return made is null
            ? (null, WorkflowLimits.Full(most))
            : (await AnswerAsync(made, ct), null);
    }

    public async Task<(WorkflowAnswer? Changed, ProblemHttpResult? Refusal)> UpdateAsync(
        long community, Guid id, WorkflowRequest request, Actor actor, CancellationToken ct)
    {
        var (before, refusal) = await gate.EnterAsync(community, id, actor, Right.Edit, "update", ct);
        if (before is null)
        {
            return (null, refusal);
        }

        if (request.Check(isNew: false) is { Ok: false } checks)
        {
            return (null, checks.Problem());
        }

        var entity = await gate.EntityAsync(community, request.EntityId ?? before.EntityId, ct);
        if (entity is null)
        {
            return (null, Problems.NotFound("entity_id: the community has no such channel."));
        }

        var changed = await db.TransactionAsync(
            async transaction =>
            {
                await rows.LockAsync(transaction, community, id, ct);
                before = (await store.FindAsync(transaction, community, id, ct))!;
                if (before.Status == "archived" || (request.UpdatedAt is { } known && known.ToUniversalTime() != before.UpdatedAt.ToUniversalTime()))
                {
                    return null;
                }

                await rows.UpdateAsync(transaction, community, id, Merge(before, request, entity.Id), actor.Key, ct);
                var after = (await store.FindAsync(transaction, community, id, ct))!;
                var (old, now) = Act.Changes(Values(before), Values(after));
                await audit.WriteAsync(transaction, actor, new Act(community, id, "update") { Old = old, New = now }, ct);
                return after;
            },
            ct);
        if (changed is null)
        {
            var why = before.Status == "archived"
                ? "It is archived; make it a draft again first."
                : $"It was changed at {before.UpdatedAt:O} by {before.UpdatedBy}. Read it again, and change that.";
            await audit.RefusedAsync(actor, new Act(community, id, "update"), why, ct);
            return (null, Problems.Conflict(why));
        }

        definitions.Forget(id);
        return (await AnswerAsync(changed, ct), null);
    }

    private async Task<WorkflowAnswer> AnswerAsync(Workflow workflow, CancellationToken ct) =>
        new(workflow, (await limits.CompileAsync(workflow.CommunityId, workflow.ToDocument(), ct)).Findings);

    private static WorkflowText Merge(Workflow before, WorkflowRequest request, long entity)
    {
        var document = before.ToDocument();
        return WorkflowText.Of(
            request.Name ?? before.Name,
            request.Description ?? before.Description,
            entity,
            document with
            {
                Nodes = request.Nodes ?? document.Nodes,
                Connections = request.Connections ?? document.Connections,
                GlobalVariables = request.GlobalVariables ?? document.GlobalVariables,
                Settings = request.Settings ?? document.Settings,
            });
    }

    private static JsonObject Values(Workflow workflow) => new()
    {
        ["name"] = workflow.Name,
        ["description"] = workflow.Description,
        ["entity_id"] = workflow.EntityId,
        ["nodes"] = JsonNode.Parse(workflow.Nodes.GetRawText()),
        ["connections"] = JsonNode.Parse(workflow.Connections.GetRawText()),
        ["global_variables"] = JsonNode.Parse(workflow.GlobalVariables.GetRawText()),
        ["settings"] = JsonNode.Parse(workflow.Settings.GetRawText()),
    };
}
