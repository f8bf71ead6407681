using System.Text.Json.Nodes;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Privacy;

namespace Rookery.Workflows;

/// <summary>Runs somebody set off, with every step of them. They go whole, for what somebody said may be anywhere in them.</summary>
internal sealed class RunPersonalData : IPersonalData
{
    public string Name => "workflows.workflow_executions";

    public Task<JsonArray> ExportAsync(Session session, Platform platform, string userId, CancellationToken ct) => Person.RowsAsync(
        session,
        $"""
        select (to_jsonb(x) || jsonb_build_object('nodes', (
            select coalesce(jsonb_agg(to_jsonb(n) order by n.sequence), '[]') from workflows.workflow_node_executions n where n.execution_id = x.execution_id)))::text
        from workflows.workflow_executions x
        where caused_by = {Person.Key(platform, userId)} or (trigger_data ->> 'platform' = {platform.Name()} and trigger_data ->> 'user_id' = {userId})
        order by execution_id
        """,
        ct);

    public Task<int> EraseAsync(Session session, Platform platform, string userId, CancellationToken ct) => session.ExecuteAsync(
        $"""
        delete from workflows.workflow_executions
        where caused_by = {Person.Key(platform, userId)} or (trigger_data ->> 'platform' = {platform.Name()} and trigger_data ->> 'user_id' = {userId})
        """,
        ct);
}

/// <summary>What somebody made or rated stays for the community, without the person; rights of the person go.</summary>
internal sealed class WorkflowPersonalData : IPersonalData
{
    public string Name => "workflows.workflow_definitions";

    public Task<JsonArray> ExportAsync(Session session, Platform platform, string userId, CancellationToken ct)
    {
        var key = Person.Key(platform, userId);
        return Person.RowsAsync(
            session,
            $"""
            select (to_jsonb(d))::text from workflows.workflow_definitions d where created_by = {key} or updated_by = {key}
            union all
            select jsonb_build_object('published', v.workflow_id, 'version', v.version, 'published_at', v.published_at)::text
                from workflows.workflow_versions v where published_by = {key}
            union all
            select to_jsonb(p)::text from workflows.workflow_permissions p where user_id = {key} or granted_by = {key}
            union all
            select to_jsonb(s)::text from workflows.workflow_schedules s where created_by = {key}
            union all
            select to_jsonb(t)::text from workflows.workflow_templates t where created_by = {key}
            union all
            select to_jsonb(r)::text from workflows.workflow_template_ratings r where rated_by = {key}
            union all
            select (to_jsonb(x) - 'secret')::text from workflows.workflow_secrets x where updated_by = {key}
            """,
            ct);
    }

    public async Task<int> EraseAsync(Session session, Platform platform, string userId, CancellationToken ct)
    {
        var key = Person.Key(platform, userId);
        return await session.ExecuteAsync(
            $"""
            update workflows.workflow_definitions
            set created_by = case when created_by = {key} then {Person.Erased} else created_by end,
                updated_by = case when updated_by = {key} then {Person.Erased} else updated_by end
            where created_by = {key} or updated_by = {key}
            """,
            ct)
            + await session.ExecuteAsync($"update workflows.workflow_versions set published_by = {Person.Erased} where published_by = {key}", ct)
            + await session.ExecuteAsync($"delete from workflows.workflow_permissions where user_id = {key}", ct)
            + await session.ExecuteAsync($"update workflows.workflow_permissions set granted_by = {Person.Erased} where granted_by = {key}", ct)
            + await session.ExecuteAsync($"update workflows.workflow_schedules set created_by = {Person.Erased} where created_by = {key}", ct)
            + await session.ExecuteAsync($"update workflows.workflow_templates set created_by = {Person.Erased} where created_by = {key}", ct)
            + await session.ExecuteAsync($"update workflows.workflow_template_ratings set rated_by = {Person.Erased} where rated_by = {key}", ct)
            + await session.ExecuteAsync($"update workflows.workflow_secrets set updated_by = {Person.Erased} where updated_by = {key}", ct);
    }
}

/// <summary>That something was done stays; by whom and for whom goes.</summary>
internal sealed class WorkflowAuditPersonalData : IPersonalData
{
    public string Name => "workflows.workflow_audit_log";

    public Task<JsonArray> ExportAsync(Session session, Platform platform, string userId, CancellationToken ct)
    {
        var (key, pattern) = (Person.Key(platform, userId), Person.JsonPattern(platform, userId));
        return Person.RowsAsync(
            session,
            $"""
            select to_jsonb(a)::text from workflows.workflow_audit_log a
            where user_id = {key} or old_values::text ~ {pattern} or new_values::text ~ {pattern} or error_message ~ {pattern}
            order by audit_id
            """,
            ct);
    }

    public async Task<int> EraseAsync(Session session, Platform platform, string userId, CancellationToken ct)
    {
        var (key, pattern) = (Person.Key(platform, userId), Person.JsonPattern(platform, userId));
        return await session.ExecuteAsync(
            $"""
            update workflows.workflow_audit_log
            set user_id = case when user_id = {key} then {Person.Erased} else user_id end,
                ip_address = case when user_id = {key} then null else ip_address end,
                old_values = regexp_replace(old_values::text, {pattern}, {Person.Erased}, 'g')::jsonb,
                new_values = regexp_replace(new_values::text, {pattern}, {Person.Erased}, 'g')::jsonb,
                error_message = regexp_replace(error_message, {pattern}, {Person.Erased}, 'g')
            where user_id = {key} or old_values::text ~ {pattern} or new_values::text ~ {pattern} or error_message ~ {pattern}
            """,
            ct);
    }
}
