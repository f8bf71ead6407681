using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;

namespace Rookery.Workflows.Api;

/// <summary>Who may do what with a workflow, and who did what.</summary>
internal static class PermissionEndpoints
{
    public static void Map(RouteGroupBuilder group)
    {
        var rights = group.WithTags("workflow rights");
        rights.MapGet("/{id:guid}/permissions", ListAsync).Needs(Scopes.WorkflowsRead).WithSummary("Lists what was granted on a workflow.")
            .ProducesProblem(403).ProducesProblem(404);
        rights.MapPost("/{id:guid}/permissions", GrantAsync).Needs(Scopes.WorkflowsWrite)
            .WithSummary("Grants a right to a member, to a role and those above it, or to everyone. To grant it again changes nothing.")
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(404);
        rights.MapDelete("/{id:guid}/permissions/{permission_id:guid}", RevokeAsync).Needs(Scopes.WorkflowsWrite).WithSummary("Takes a right back.")
            .ProducesProblem(403).ProducesProblem(404);
        rights.MapGet("/audit", AuditAsync).Needs(Scopes.AuditRead)
            .WithSummary("Lists who did what with workflows, newest first, with what was before and after.").ProducesProblem(403);
    }

    private static async Task<Results<Ok<Page<Permission>>, ProblemHttpResult>> ListAsync(
        long community_id, Guid id, Actor actor, PageQuery page, Gate gate, PermissionRows rows, CancellationToken ct)
    {
        var (workflow, refusal) = await gate.EnterAsync(community_id, id, actor, Right.View, "view", ct);
        return workflow is null ? refusal! : TypedResults.Ok(Page.Of(await rows.ListAsync(community_id, id, page, ct), page.Limit, p => p.PermissionId));
    }

    private static async Task<Results<Ok<Permission>, ProblemHttpResult>> GrantAsync(
        long community_id, Guid id, GrantRequest request, Actor actor, Gate gate, PermissionRows rows, CancellationToken ct)
    {
        var checks = new Checks()
            .That(Right.All.Contains(request.PermissionType, StringComparer.Ordinal), "permission_type", $"must be one of {string.Join(", ", Right.All)}.")
            .That(request.Role is null || Roles.TryParse(request.Role, out _), "role", $"must be one of {string.Join(", ", Roles.All)}.")
            .That(request.UserId is null || IsMember(request.UserId), "user_id", "must be platform:user, such as twitch:12826.")
            .That(request.UserId is null || request.Role is null, "role", "cannot be given together with user_id; make two grants.")
            .Optional("user_id", request.UserId, 300);
        if (!checks.Ok)
        {
            return checks.Problem();
        }

        var (workflow, refusal) = await gate.EnterAsync(community_id, id, actor, Right.Edit, "grant", ct);
        return workflow is null ? refusal! : TypedResults.Ok(await rows.GrantAsync(workflow, request, actor, ct));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RevokeAsync(
        long community_id, Guid id, Guid permission_id, Actor actor, Gate gate, PermissionRows rows, CancellationToken ct)
    {
        var (workflow, refusal) = await gate.EnterAsync(community_id, id, actor, Right.Edit, "revoke", ct);
        return workflow is null ? refusal!
            : await rows.RevokeAsync(workflow, permission_id, actor, ct) ? TypedResults.NoContent()
            : Problems.NotFound($"The workflow has no permission with id {permission_id}.");
    }

    private static async Task<Results<Ok<Page<AuditRow>>, ProblemHttpResult>> AuditAsync(
        long community_id, Guid? workflow_id, string? action, string? user_id, Actor actor, PageQuery page, WorkflowAudit audit, Rights rights, CancellationToken ct) =>
        actor.Member is not null && await rights.RoleAsync(community_id, actor, ct) < Role.Admin
            ? Problems.Forbidden("Only the community's administrators read the audit log.")
            : TypedResults.Ok(Page.Of(await audit.ListAsync(community_id, workflow_id, action, user_id, page, ct), page.Limit, a => a.AuditId));

    private static bool IsMember(string key) => key.Split(':', 2) is [var platform, { Length: > 0 }] && Platforms.TryParse(platform, out _);
}
