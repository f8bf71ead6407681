using System.Text.Json.Nodes;
using Rookery.Kernel.Data;
using Rookery.Kernel.Web;
using Rookery.Workflows.Definition;

namespace Rookery.Workflows.Api;

/// <summary>The table <c>workflow_permissions</c>; each change with its row in the audit log.</summary>
internal sealed class PermissionRows(Database db, WorkflowAudit audit, TimeProvider clock)
{
    private static readonly SqlFragment Columns = Sql.Fragment(
        "p.permission_id, p.workflow_id, e.entity_id, p.community_id, p.user_id, p.role, p.permission_type, p.granted_by, p.granted_at");

    public Task<IReadOnlyList<Permission>> ListAsync(long community, Guid workflow, PageQuery page, CancellationToken ct)
    {
        Guid? after = Guid.TryParse(page.After, out var id) ? id : null;
        return db.Read.ListAsync(
            $"""
            select {Columns} from workflows.workflow_permissions p join kernel.entities e on e.id = p.entity_id
            where p.workflow_id = {workflow} and p.community_id = {community} and ({after}::uuid is null or p.permission_id > {after})
            order by p.permission_id limit {page.Limit + 1}
            """,
            Read,
            ct);
    }

    public Task<Permission> GrantAsync(Workflow workflow, GrantRequest request, Actor actor, CancellationToken ct) => db.TransactionAsync(
        async transaction =>
        {
            var now = clock.GetUtcNow();
            var granted = await transaction.ExecuteAsync(
                $"""
                insert into workflows.workflow_permissions (permission_id, workflow_id, entity_id, community_id, user_id, role, permission_type, granted_by, granted_at)
                select {Guid.CreateVersion7(now)}, workflow_id, entity_id, community_id, {request.UserId}, {request.Role}, {request.PermissionType}, {actor.Key}, {now}
                from workflows.workflow_definitions where workflow_id = {workflow.WorkflowId} and community_id = {workflow.CommunityId}
                on conflict do nothing
                """,
                ct);
            var made = (await transaction.FindAsync(
                $"""
                select {Columns} from workflows.workflow_permissions p join kernel.entities e on e.id = p.entity_id
                where p.workflow_id = {workflow.WorkflowId} and p.community_id = {workflow.CommunityId} and p.permission_type = {request.PermissionType}
                  and p.user_id is not distinct from {request.UserId} and p.role is not distinct from {request.Role}
                """,
                Read,
                ct))!;
            if (granted == 1)
            {
                await audit.WriteAsync(transaction, actor, Of(workflow, "grant", made) with { New = Values(made) }, ct);
            }

            return made;
        },
        ct);

    public Task<bool> RevokeAsync(Workflow workflow, Guid id, Actor actor, CancellationToken ct) => db.TransactionAsync(
        async transaction =>
        {
            var revoked = await transaction.FindAsync(
                $"""
                delete from workflows.workflow_permissions p using kernel.entities e
                where e.id = p.entity_id and p.permission_id = {id} and p.workflow_id = {workflow.WorkflowId} and p.community_id = {workflow.CommunityId}
                returning {Columns}
                """,
                Read,
                ct);
            if (revoked is not null)
            {
                await audit.WriteAsync(transaction, actor, Of(workflow, "revoke", revoked) with { Old = Values(revoked) }, ct);
            }

            return revoked is not null;
        },
        ct);

    private static Act Of(Workflow workflow, string action, Permission permission) =>
        new(workflow.CommunityId, workflow.WorkflowId, action, "permission", permission.PermissionId.ToString());

    private static JsonObject Values(Permission permission) => new()
    {
        ["permission_type"] = permission.PermissionType,
        ["user_id"] = permission.UserId,
        ["role"] = permission.Role,
    };

    private static Permission Read(Npgsql.NpgsqlDataReader r) => new(
        r.GetGuid(0),
        r.GetGuid(1),
        r.GetString(2),
        r.GetInt64(3),
        r.IsDBNull(4) ? null : r.GetString(4),
        r.IsDBNull(5) ? null : r.GetString(5),
        r.GetString(6),
        r.GetString(7),
        r.GetFieldValue<DateTimeOffset>(8));
}
