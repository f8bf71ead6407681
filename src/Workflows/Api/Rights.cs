using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Workflows.Definition;

namespace Rookery.Workflows.Api;

/// <summary>What may be granted on one workflow.</summary>
internal static class Right
{
    public const string View = "can_view";
    public const string Edit = "can_edit";
    public const string Execute = "can_execute";
    public const string Delete = "can_delete";

    public static IReadOnlyList<string> All { get; } = [View, Edit, Execute, Delete];
}

/// <summary>
/// Who may do what with a workflow: keys what their scopes say; members what was granted to them, to their role or to everyone.
/// Whoever made a workflow, and the community's administrators, may do everything with it.
/// </summary>
internal sealed class Rights(Database db)
{
    private const Role ToCreate = Role.Moderator;

    public async Task<bool> MayCreateAsync(long community, Actor actor, CancellationToken ct) =>
        actor.Member is null || await RoleAsync(community, actor, ct) >= ToCreate;

    public async Task<bool> MayAsync(Workflow workflow, Actor actor, string right, CancellationToken ct)
    {
        if (actor.Member is not { } member || member == workflow.CreatedBy)
        {
            return true;
        }

        var role = await RoleAsync(workflow.CommunityId, actor, ct);
        return role >= Role.Admin || await db.Write.ValueAsync<bool>(
            $"""
            select exists (
                select from workflows.workflow_permissions
                where workflow_id = {workflow.WorkflowId} and community_id = {workflow.CommunityId} and permission_type = {right}
                  and (user_id = {member} or role = any({UpTo(role)}) or (user_id is null and role is null)))
            """,
            ct);
    }

    /// <summary>Whether somebody may change what belongs to the whole community.</summary>
    /// <param name="owner">Who made it, and may do so as well.</param>
    public async Task<bool> MayAdministerAsync(long community, Actor actor, string? owner, CancellationToken ct) =>
        actor.Member is not { } member || member == owner || await RoleAsync(community, actor, ct) >= Role.Admin;

    /// <summary>The workflows somebody may see; null: all.</summary>
    public async Task<Guid[]?> VisibleAsync(long community, Actor actor, CancellationToken ct)
    {
        var role = await RoleAsync(community, actor, ct);
        return actor.Member is not { } member || role >= Role.Admin ? null : [.. await db.Write.ListAsync(
            $"""
            select d.workflow_id from workflows.workflow_definitions d
            where d.community_id = {community} and (d.created_by = {member} or exists (
                select from workflows.workflow_permissions p
                where p.workflow_id = d.workflow_id and p.permission_type = {Right.View}
                  and (p.user_id = {member} or p.role = any({UpTo(role)}) or (p.user_id is null and p.role is null))))
            """,
            r => r.GetGuid(0),
            ct)];
    }

    /// <summary>The role the community granted; its owner has the highest.</summary>
    public async Task<Role> RoleAsync(long community, Actor actor, CancellationToken ct)
    {
        var names = await db.Write.ListAsync(
            $"""
            select 'owner' from kernel.communities where id = {community} and owner = {actor.Member}
            union all
            select role from kernel.member_roles
            where community_id = {community} and platform = {actor.Platform?.Name()} and user_id = {actor.UserId}
            """,
            r => r.GetString(0),
            ct);
        return names.Select(n => Roles.TryParse(n, out var role) ? role : Role.Member).DefaultIfEmpty(Role.Member).Max();
    }

    /// <summary>The names of a role and of all below it.</summary>
    public static string[] UpTo(Role role) => [.. Roles.All.Take((int)role + 1)];
}
