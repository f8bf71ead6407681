using System.Text.Json.Nodes;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Privacy;

namespace Rookery.Router.Privacy;

/// <summary>What somebody called and was answered. Runs stay as numbers; who and what goes.</summary>
internal sealed class ExecutionData : IPersonalData
{
    public string Name => "router.command_executions";

    public Task<JsonArray> ExportAsync(
        Session session, Platform platform, string userId, CancellationToken ct) => Person.RowsAsync(
        session,
        $"""
        select jsonb_strip_nulls(to_jsonb(x) || jsonb_build_object('module_responses', (
            select jsonb_agg(to_jsonb(r) - 'id') from router.module_responses r
                where r.execution_id = x.execution_id)))::text
        from router.command_executions x
        where x.platform = {platform.Name()} and x.user_id = {userId}
        order by x.created_at
        """,
        ct);

    public async Task<int> EraseAsync(Session session, Platform platform, string userId, CancellationToken ct)
    {
        // The answers and their places first: they are found through the rows that lose the name.
        await session.ExecuteAsync(
            $"""
            delete from router.reply_handles h using router.command_executions x
            where x.execution_id = h.execution_id and x.platform = {platform.Name()} and x.user_id = {userId}
            """,
            ct);
        var answers = await session.ExecuteAsync(
            $"""
            delete from router.module_responses r using router.command_executions x
            where x.execution_id = r.execution_id and x.platform = {platform.Name()} and x.user_id = {userId}
            """,
            ct);
        return answers + await session.ExecuteAsync(
            $"""
            update router.command_executions
            set user_id = {Person.Erased}, user_name = {Person.Erased}, message_id = null, message_content = null,
                parameters = '[]',
                request_payload = null, response_data = null,
                    error_message = case when error_message is null then null else {Person.Erased} end
            where platform = {platform.Name()} and user_id = {userId}
            """,
            ct);
    }
}

/// <summary>How often somebody was over a limit.</summary>
internal sealed class RateLimitData : IPersonalData
{
    public string Name => "router.rate_limits";

    public Task<JsonArray> ExportAsync(
        Session session, Platform platform, string userId, CancellationToken ct) => Person.RowsAsync(
        session,
        $"""
        select to_jsonb(l)::text from router.rate_limits l join kernel.entities e on e.id = l.entity_id
        where e.platform = {platform.Name()} and l.user_id = {userId}
        """,
        ct);

    public Task<int> EraseAsync(
        Session session, Platform platform, string userId, CancellationToken ct) => session.ExecuteAsync(
        $"""
        delete from router.rate_limits l using kernel.entities e
        where e.id = l.entity_id and e.platform = {platform.Name()} and l.user_id = {userId}
        """,
        ct);
}

/// <summary>Channels whose rules name somebody.</summary>
internal sealed class PermissionData : IPersonalData
{
    public string Name => "router.command_permissions";

    public Task<JsonArray> ExportAsync(
        Session session, Platform platform, string userId, CancellationToken ct) => Person.RowsAsync(
        session,
        $"""
        select jsonb_build_object('entity_id', e.entity_id, 'command', c.prefix || c.command,
            'allowed', coalesce(p.permissions -> 'allow_users' ? {userId}, false),
            'denied', coalesce(p.permissions -> 'deny_users' ? {userId}, false))::text
        from router.command_permissions p join kernel.entities e on e.id = p.entity_id
            join router.commands c on c.id = p.command_id
        where e.platform = {platform.Name()} and (p.permissions -> 'allow_users' ? {userId}
            or p.permissions -> 'deny_users' ? {userId})
        """,
        ct);

    public async Task<int> EraseAsync(Session session, Platform platform, string userId, CancellationToken ct) =>
        await session.ExecuteAsync(
            $"""
            update router.command_permissions p
            set permissions = jsonb_set(p.permissions, array['allow_users'],
                (p.permissions -> 'allow_users') - {userId})
            from kernel.entities e where e.id = p.entity_id and e.platform = {platform.Name()}
                and p.permissions -> 'allow_users' ? {userId}
            """,
            ct)
        + await session.ExecuteAsync(
            $"""
            update router.command_permissions p
            set permissions = jsonb_set(p.permissions, array['deny_users'], (p.permissions -> 'deny_users') - {userId})
            from kernel.entities e where e.id = p.entity_id and e.platform = {platform.Name()}
                and p.permissions -> 'deny_users' ? {userId}
            """,
            ct);
}
