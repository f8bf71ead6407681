using Microsoft.AspNetCore.Http.HttpResults;
using Rookery.Kernel.Communities;
using Rookery.Kernel.Data;
using Rookery.Kernel.Web;
using Rookery.Workflows.Definition;

namespace Rookery.Workflows.Api;

/// <summary>Finds a workflow of a community for somebody who may do with it what they want to, or says why not.</summary>
internal sealed class Gate(Database db, WorkflowStore store, Rights rights, WorkflowAudit audit, EntityDirectory entities)
{
    /// <param name="action">What is tried, as the audit log calls it.</param>
    /// <returns>Either the workflow or the refusal.</returns>
    public async Task<(Workflow? Workflow, ProblemHttpResult? Refusal)> EnterAsync(
        long community, Guid id, Actor actor, string right, string action, CancellationToken ct)
    {
        if (await store.FindAsync(db.Write, community, id, ct) is not { } workflow)
        {
            return (null, Problems.NotFound($"No workflow with id {id}."));
        }

        if (await rights.MayAsync(workflow, actor, right, ct))
        {
            return (workflow, null);
        }

        var why = $"{actor.Key} lacks the right {right} on this workflow.";
        await audit.RefusedAsync(actor, new Act(community, id, action), why, ct);
        return (null, Problems.Forbidden(why));
    }

    /// <returns>Null: they may make workflows here.</returns>
    public async Task<ProblemHttpResult?> RefuseMakingAsync(long community, Actor actor, string action, CancellationToken ct)
    {
        if (await rights.MayCreateAsync(community, actor, ct))
        {
            return null;
        }

        var why = $"{actor.Key} may not make workflows here; moderators and above may.";
        await audit.RefusedAsync(actor, new Act(community, null, action), why, ct);
        return Problems.Forbidden(why);
    }

    /// <returns>Null: they may change what belongs to the whole community.</returns>
    public async Task<ProblemHttpResult?> RefuseAdministeringAsync(long community, Actor actor, string action, CancellationToken ct)
    {
        if (await rights.MayAdministerAsync(community, actor, null, ct))
        {
            return null;
        }

        var why = $"{actor.Key} may not do this; administrators may.";
        await audit.RefusedAsync(actor, new Act(community, null, action), why, ct);
        return Problems.Forbidden(why);
    }

    /// <summary>The channel of a request, which must be one of the community's.</summary>
    public async Task<Entity?> EntityAsync(long community, string? entityId, CancellationToken ct) =>
        entityId is not null && await entities.FindByEntityIdAsync(entityId, ct) is { } entity && entity.CommunityId == community ? entity : null;
}
