using System.Text.Json;
using System.Text.Json.Nodes;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;

namespace Rookery.Kernel.Privacy;

/// <summary>Roles somebody was granted, and grants they made.</summary>
internal sealed class MemberRoleData : IPersonalData
{
    public string Name => "kernel.member_roles";

    public Task<JsonArray> ExportAsync(
        Session session, Platform platform, string userId, CancellationToken ct) => Person.RowsAsync(
        session, $"select to_jsonb(m)::text from kernel.member_roles m where platform = {platform.Name()} and user_id = {userId}", ct);

    public async Task<int> EraseAsync(Session session, Platform platform, string userId, CancellationToken ct) =>
        await session.ExecuteAsync(
            $"delete from kernel.member_roles where platform = {platform.Name()} and user_id = {userId}", ct)
        + await session.ExecuteAsync(
            $"update kernel.member_roles set granted_by = {Person.Erased} where granted_by = {Person.Key(platform, userId)}", ct);
}

/// <summary>Communities, channels and servers somebody owns.</summary>
internal sealed class OwnershipData : IPersonalData
{
    public string Name => "kernel.ownership";

    public Task<JsonArray> ExportAsync(Session session, Platform platform, string userId, CancellationToken ct)
    {
        var key = Person.Key(platform, userId);
        return Person.RowsAsync(
            session,
            $"""
            select jsonb_build_object('owner_of', 'community', 'id', id, 'name', name)::text from kernel.communities
                where owner = {key}
            union all
            select jsonb_build_object('owner_of', 'channel', 'entity_id', entity_id)::text from kernel.entities
                where owner = {key}
            union all
            select jsonb_build_object('owner_of', 'server', 'platform', platform, 'server_id', server_id, 'channel',
                channel)::text
            from kernel.servers where owner = {key}
            """,
            ct);
    }

    public async Task<int> EraseAsync(Session session, Platform platform, string userId, CancellationToken ct)
    {
        var key = Person.Key(platform, userId);
        return await session.ExecuteAsync($"update kernel.communities set owner = null where owner = {key}", ct)
            + await session.ExecuteAsync($"update kernel.entities set owner = null where owner = {key}", ct)
            + await session.ExecuteAsync($"update kernel.servers set owner = null where owner = {key}", ct);
    }
}

/// <summary>Messages to somebody, and webhooks about them.</summary>
internal sealed class OutboxData : IPersonalData
{
    public string Name => "kernel.outbox";

    public Task<JsonArray> ExportAsync(
        Session session, Platform platform, string userId, CancellationToken ct) => Person.RowsAsync(
        session,
        $"""
        select jsonb_build_object('created_at', created_at, 'status', status, 'entity_id', entity_id, 'action', action)::text from kernel.outbox
        where (coalesce(action -> 'channel' ->> 'platform', split_part(entity_id, ':', 1)) = {platform.Name()} and action ->> 'mention_user_id' = {userId})
           or (action ->> 'platform' = {platform.Name()} and action ->> 'user_id' = {userId})
           or (strpos(action ->> 'body', {UserInBody(userId)}) > 0 and strpos(action ->> 'body',
               {PlatformInBody(platform)}) > 0)
        order by id
        """,
        ct);

    /// <summary>Goes whole, sent or not: nothing more is to reach or to name the person.</summary>
    public Task<int> EraseAsync(
        Session session, Platform platform, string userId, CancellationToken ct) => session.ExecuteAsync(
        $"""
        delete from kernel.outbox
        where (coalesce(action -> 'channel' ->> 'platform', split_part(entity_id, ':', 1)) = {platform.Name()} and action ->> 'mention_user_id' = {userId})
           or (action ->> 'platform' = {platform.Name()} and action ->> 'user_id' = {userId})
           or (strpos(action ->> 'body', {UserInBody(userId)}) > 0 and strpos(action ->> 'body',
               {PlatformInBody(platform)}) > 0)
        """,
        ct);

    // A webhook's body is JSON without blanks.
    private static string UserInBody(string userId) => $"\"user\":{{\"id\":{JsonSerializer.Serialize(userId)},";

    private static string PlatformInBody(Platform platform) => $"\"platform\":\"{platform.Name()}\"";
}

/// <summary>What somebody did as an administrator from chat, and what administrators did about them.</summary>
internal sealed class ActorData : IPersonalData
{
    public string Name => "kernel.administration";

    public Task<JsonArray> ExportAsync(Session session, Platform platform, string userId, CancellationToken ct)
    {
        var (name, key) = (platform.Name(), Person.Key(platform, userId));
        return Person.RowsAsync(
            session,
            $"""
            select to_jsonb(a)::text from kernel.audit_log a
            where user_id = {key} or details::text ~ {Person.JsonPattern(platform, userId)}
               or (strpos(details::text, to_jsonb({userId}::text)::text) > 0
                   and (details ->> 'platform' = {name} or starts_with(details ->> 'entity_id', {name} || ':')))
            union all
            select to_jsonb(h)::text from kernel.settings_history h where changed_by = {key}
            """,
            ct);
    }

    /// <summary>That something was done stays; by whom and to whom goes.</summary>
    public async Task<int> EraseAsync(Session session, Platform platform, string userId, CancellationToken ct)
    {
        var (name, key) = (platform.Name(), Person.Key(platform, userId));
        return await session.ExecuteAsync(
            $"update kernel.audit_log set user_id = {Person.Erased} where user_id = {key}", ct)
            + await session.ExecuteAsync(
                $"""
                update kernel.audit_log
                set details = regexp_replace(details::text, {Person.JsonPattern(platform, userId)}, {Person.Erased}, 'g')::jsonb
                where details::text ~ {Person.JsonPattern(platform, userId)}
                """,
                ct)
            + await session.ExecuteAsync(
                $"""
                update kernel.audit_log
                set details = replace(details::text, to_jsonb({userId}::text)::text,
                    to_jsonb({Person.Erased}::text)::text)::jsonb
                where strpos(details::text, to_jsonb({userId}::text)::text) > 0
                  and (details ->> 'platform' = {name} or starts_with(details ->> 'entity_id', {name} || ':'))
                """,
                ct)
            + await session.ExecuteAsync(
                $"update kernel.bot_settings set updated_by = {Person.Erased} where updated_by = {key}", ct)
            + await session.ExecuteAsync(
                $"update kernel.settings_history set changed_by = {Person.Erased} where changed_by = {key}", ct)
            + await session.ExecuteAsync(
                $"update kernel.api_keys set created_by = {Person.Erased} where created_by = {key}", ct);
    }
}
