using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rookery.Kernel.Auditing;
using Rookery.Kernel.Data;
using Rookery.Kernel.Web;

namespace Rookery.Workflows.Api;

/// <summary>One act on workflows; fields as the columns.</summary>
internal sealed record AuditRow(
    Guid AuditId, Guid? WorkflowId, long CommunityId, string UserId, string Action, string ResourceType, string? ResourceId, JsonElement? OldValues,
    JsonElement? NewValues, string Result, string? ErrorMessage, JsonElement Details, string? IpAddress, DateTimeOffset CreatedAt);

/// <summary>Something somebody did, to be noted.</summary>
internal sealed record Act(long Community, Guid? Workflow, string Action, string ResourceType = "workflow", string? ResourceId = null)
{
    public JsonObject? Old { get; init; }

    public JsonObject? New { get; init; }

    public JsonObject? Details { get; init; }

    /// <summary>Why it was refused; null: it was done.</summary>
    public string? Error { get; init; }

    /// <summary>The fields that differ, as they were and as they are; all of what was made or is gone.</summary>
    public static (JsonObject? Old, JsonObject? New) Changes(JsonObject? before, JsonObject? after)
    {
        if (before is null || after is null)
        {
            return (before, after);
        }

        var names = before.Union(after).Select(p => p.Key).Distinct(StringComparer.Ordinal).Where(n => !JsonNode.DeepEquals(before[n], after[n])).ToList();
        return (Only(before, names), Only(after, names));
    }

    private static JsonObject Only(JsonObject values, List<string> names) => new(names.Select(n => KeyValuePair.Create(n, values[n]?.DeepClone())));
}

/// <summary>
/// The table <c>workflow_audit_log</c>: who did what to which workflow, with what was before and after. A change of a definition
/// is in the common audit log, too.
/// </summary>
internal sealed class WorkflowAudit(Database db, AuditLog common, TimeProvider clock)
{
    public async Task WriteAsync(Session session, Actor actor, Act act, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await session.ExecuteAsync(
            $"""
            insert into workflows.workflow_audit_log (audit_id, workflow_id, community_id, user_id, action, resource_type, resource_id,
                old_values, new_values, result, error_message, details, ip_address, created_at)
            values ({Guid.CreateVersion7(now)}, {act.Workflow}, {act.Community}, {actor.Key}, {act.Action}, {act.ResourceType},
                {act.ResourceId ?? act.Workflow?.ToString()}, {Text(act.Old)}::jsonb, {Text(act.New)}::jsonb,
                {(act.Error is null ? "success" : "failure")}, {act.Error}, {Text(act.Details) ?? "{}"}::jsonb, {actor.Ip}, {now})
            """,
            ct);
        if (act.Error is null && act.ResourceType != "execution")
        {
            var details = new JsonObject { ["workflow_id"] = act.Workflow?.ToString(), ["resource"] = act.ResourceType, ["resource_id"] = act.ResourceId };
            await common.WriteAsync(session, act.Community, actor.Key, $"workflow.{act.Action}", details, ct);
        }
    }

    /// <summary>Notes what was refused; there is no change to go with it.</summary>
    public Task RefusedAsync(Actor actor, Act act, string why, CancellationToken ct) => WriteAsync(db.Write, actor, act with { Error = why }, ct);

    public Task<IReadOnlyList<AuditRow>> ListAsync(long community, Guid? workflow, string? action, string? user, PageQuery page, CancellationToken ct)
    {
        Guid? before = Guid.TryParse(page.After, out var id) ? id : null;
        return db.Read.ListAsync(
            $"""
            select audit_id, workflow_id, community_id, user_id, action, resource_type, resource_id, old_values::text, new_values::text, result,
                error_message, details::text, ip_address, created_at
            from workflows.workflow_audit_log
            where community_id = {community} and ({workflow}::uuid is null or workflow_id = {workflow})
              and ({action}::text is null or action = {action}) and ({user}::text is null or user_id = {user})
              and ({before}::uuid is null or audit_id < {before})
            order by audit_id desc limit {page.Limit + 1}
            """,
            r => new AuditRow(
                r.GetGuid(0),
                r.IsDBNull(1) ? null : r.GetGuid(1),
                r.GetInt64(2),
                r.GetString(3),
                r.GetString(4),
                r.GetString(5),
                r.IsDBNull(6) ? null : r.GetString(6),
                r.IsDBNull(7) ? null : JsonElement.Parse(r.GetString(7)),
                r.IsDBNull(8) ? null : JsonElement.Parse(r.GetString(8)),
                r.GetString(9),
                r.IsDBNull(10) ? null : r.GetString(10),
                JsonElement.Parse(r.GetString(11)),
                r.IsDBNull(12) ? null : r.GetFieldValue<IPAddress>(12).ToString(),
                r.GetFieldValue<DateTimeOffset>(13)),
            ct);
    }

    private static string? Text(JsonObject? values) => values is null ? null : WithoutSecrets(values)!.ToJsonString();

    private static JsonNode? WithoutSecrets(JsonNode? node) => node switch
    {
        JsonObject o => new JsonObject(o.Select(p => KeyValuePair.Create(p.Key, p.Key == "secret" && p.Value is not null ? "[redacted]" : WithoutSecrets(p.Value)))),
        JsonArray a => new JsonArray([.. a.Select(WithoutSecrets)]),
        _ => node?.DeepClone(),
    };
}
