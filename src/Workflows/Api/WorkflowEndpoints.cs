using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;
using Rookery.Workflows.Definition;

namespace Rookery.Workflows.Api;

/// <summary>Workflows themselves: make, find, change, archive.</summary>
internal static class WorkflowEndpoints
{
    private static readonly string[] Statuses = ["draft", "published", "archived"];

    public static void Map(RouteGroupBuilder group)
    {
        var workflows = group.WithTags("workflows");
        workflows.MapPost("", CreateAsync).Needs(Scopes.WorkflowsWrite).WithSummary("Makes a workflow as a draft, and tells what is to be mended before it can run.")
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        workflows.MapGet("", ListAsync).Needs(Scopes.WorkflowsRead)
            .WithSummary("Lists workflows, the one changed last first; archived ones only when status asks for them.").ProducesProblem(400);
        workflows.MapGet("/{id:guid}", GetAsync).Needs(Scopes.WorkflowsRead).WithSummary("Reads one.").ProducesProblem(403).ProducesProblem(404);
        workflows.MapPut("/{id:guid}", UpdateAsync).Needs(Scopes.WorkflowsWrite)
            .WithSummary("Changes the fields that are given. What is published goes on as it is until the next publish.")
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        workflows.MapDelete("/{id:guid}", ArchiveAsync).Needs(Scopes.WorkflowsWrite)
            .WithSummary("Archives one: it starts no more, and what it did stays readable.").ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
    }

    private static async Task<Results<Created<WorkflowAnswer>, ProblemHttpResult>> CreateAsync(
        long community_id, WorkflowRequest request, Actor actor, Drafts drafts, CancellationToken ct)
    {
        var (made, refusal) = await drafts.CreateAsync(community_id, request, actor, "create", ct);
        return made is null ? refusal! : TypedResults.Created($"/api/v1/communities/{community_id}/workflows/{made.Workflow.WorkflowId}", made);
    }

    private static async Task<Results<Ok<Page<WorkflowSummary>>, ProblemHttpResult>> ListAsync(
        long community_id, string? status, string? search, string? entity_id, Actor actor, PageQuery page, WorkflowRows rows, Rights rights, CancellationToken ct)
    {
        var checks = new Checks().That(status is null || Statuses.Contains(status), "status", "must be draft, published or archived.").Optional("search", search, 200);
        if (!checks.Ok)
        {
            return checks.Problem();
        }

        var role = actor.Member is null ? Role.Owner : await rights.RoleAsync(community_id, actor, ct);
        var found = await rows.ListAsync(community_id, new WorkflowFilter(status, search, entity_id, actor.Member, role), page, ct);
        return TypedResults.Ok(Page.Of(found, page.Limit, w => $"{w.UpdatedAt:O}|{w.WorkflowId}"));
    }

    private static async Task<Results<Ok<Workflow>, ProblemHttpResult>> GetAsync(long community_id, Guid id, Actor actor, Gate gate, CancellationToken ct)
    {
        var (workflow, refusal) = await gate.EnterAsync(community_id, id, actor, Right.View, "view", ct);
        return workflow is null ? refusal! : TypedResults.Ok(workflow);
    }

    private static async Task<Results<Ok<WorkflowAnswer>, ProblemHttpResult>> UpdateAsync(
        long community_id, Guid id, WorkflowRequest request, Actor actor, Drafts drafts, CancellationToken ct)
    {
        var (changed, refusal) = await drafts.UpdateAsync(community_id, id, request, actor, ct);
        return changed is null ? refusal! : TypedResults.Ok(changed);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> ArchiveAsync(
        long community_id, Guid id, Actor actor, Gate gate, WorkflowRows rows, WorkflowAudit audit, Database db, CancellationToken ct)
    {
        var (workflow, refusal) = await gate.EnterAsync(community_id, id, actor, Right.Delete, "delete", ct);
        if (workflow is null)
        {
            return refusal!;
        }

        if (workflow.Status == "archived")
        {
            return Problems.Conflict("It is archived already.");
        }

        var act = new Act(community_id, id, "delete") { Old = new JsonObject { ["status"] = workflow.Status }, New = new JsonObject { ["status"] = "archived" } };
        await db.TransactionAsync(
            async transaction =>
            {
                await rows.SetStatusAsync(transaction, community_id, id, "archived", actor.Key, ct);
                await audit.WriteAsync(transaction, actor, act, ct);
            },
            ct);
        return TypedResults.NoContent();
    }
}
