using System.Text.Json;
using System.Text.Json.Nodes;
using Rookery.Kernel.Auditing;
using Rookery.Kernel.Data;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;

namespace Rookery.Modules.Moderation.Rules;

/// <summary>
/// Reads and writes the rules. A change, its checks against other rows and its audit entry are one transaction.
/// </summary>
internal sealed class RuleStore(Database db, AuditLog audit, TimeProvider clock)
{
    /// <param name="community">Null: the rules that belong to none.</param>
    public Task<IReadOnlyList<RuleView>> ListActiveAsync(long? community, CancellationToken ct) => db.Write.ListAsync(
        $"select {RuleView.Columns} from {RuleView.From} where r.is_active and r.community_id is not distinct from {community}",
        RuleView.Read,
        ct);

    /// <param name="community">Null: of all communities and of none.</param>
    /// <param name="entityId">Null: any; else only what holds there.</param>
    public Task<IReadOnlyList<RuleView>> ListAsync(
        long? community, string? entityId, bool? active, PageQuery page, CancellationToken ct) => db.Read.ListAsync(
        $"""
        select {RuleView.Columns} from {RuleView.From}
        where ({community}::bigint is null or r.community_id = {community}) and ({active}::boolean is null
            or r.is_active = {active})
          and ({entityId}::text is null or (
                (r.community_id is null or r.community_id = (select community_id from kernel.entities
                    where entity_id = {entityId}))
                and (r.enabled_entity_ids = '[]' or r.enabled_entity_ids ? {entityId})))
          and ({page.AfterId}::bigint is null or r.id > {page.AfterId})
        order by r.id limit {page.Limit + 1}
        """,
        RuleView.Read,
        ct);

    /// <param name="community">Null: whichever it belongs to.</param>
    public Task<RuleView?> FindAsync(long id, long? community, CancellationToken ct) =>
        FindAsync(db.Read, id, community, ct);

    /// <summary>The community a channel belongs to; null when there is no such channel.</summary>
    public async Task<long?> CommunityOfAsync(string entityId, CancellationToken ct)
    {
        var found = await db.Read.ListAsync(
            $"select community_id from kernel.entities where entity_id = {entityId}", r => r.GetInt64(0), ct);
        return found is [var community] ? community : null;
    }

    /// <returns>The rule, or what is wrong with it.</returns>
    public Task<(
        RuleView? Rule, Checks Checks)> CreateAsync(RuleRequest rule, Caller caller, CancellationToken ct) => db.TransactionAsync(
        async transaction =>
        {
            var checks = await RuleChecks.CheckAsync(transaction, rule, null, ct);
            if (!checks.Ok)
            {
                return (null, checks);
            }

            var id = await transaction.ValueAsync<long>(
                $"""
                insert into moderation.stringmatch (community_id, string, match_type, case_sensitive, normalize,
                    enabled_entity_ids, action, command_to_execute,
                    command_parameters, webhook_url, warning_message, block_message, priority, is_active, created_by,
                        created_at, updated_at)
                values ({rule.CommunityId}, {rule.String}, {rule.MatchType ?? "exact"}, {rule.CaseSensitive ?? false},
                    {rule.Normalize ?? true},
                    {Entities(rule)}::jsonb, {rule.Action}, {rule.CommandToExecute}, {Parameters(rule)}::jsonb,
                        {rule.WebhookUrl}, {rule.WarningMessage},
                    {rule.BlockMessage}, {rule.Priority ?? DefaultPriority}, {rule.IsActive ?? true}, {caller.Actor},
                        {clock.GetUtcNow()}, {clock.GetUtcNow()})
                returning id
                """,
                ct);
            await AuditAsync(transaction, "rule.created", id, rule, caller, ct);
            return (await FindAsync(transaction, id, null, ct), checks);
        },
        ct);

    /// <returns>
    /// The rule as it stands, or what is wrong with the change; neither when there is no such rule for the caller.
    /// </returns>
    /// <exception cref="JsonException">The patch has a field that is none, or one of a wrong type.</exception>
    public Task<(RuleView? Rule, Checks? Checks)> ChangeAsync(
        long id, JsonObject patch, Caller caller, CancellationToken ct) => db.TransactionAsync<(RuleView?, Checks?)>(
        async transaction =>
        {
            await transaction.ExecuteAsync($"select 1 from moderation.stringmatch where id = {id} for update", ct);
            if (await FindAsync(transaction, id, caller.Community, ct) is not { } before)
            {
                return (null, null);
            }

            var rule = RuleRequest.Merge(before, patch);
            var checks = await RuleChecks.CheckAsync(transaction, rule, before, ct);
            if (!checks.Ok)
            {
                return (null, checks);
            }

            await transaction.ExecuteAsync(
                $"""
                update moderation.stringmatch
                set string = {rule.String}, match_type = {rule.MatchType ?? "exact"},
                    case_sensitive = {rule.CaseSensitive ?? false},
                    normalize = {rule.Normalize ?? true}, enabled_entity_ids = {Entities(rule)}::jsonb,
                        action = {rule.Action},
                    command_to_execute = {rule.CommandToExecute}, command_parameters = {Parameters(rule)}::jsonb,
                        webhook_url = {rule.WebhookUrl},
                    warning_message = {rule.WarningMessage}, block_message = {rule.BlockMessage},
                        priority = {rule.Priority ?? DefaultPriority},
                    is_active = {rule.IsActive ?? true}, updated_at = {clock.GetUtcNow()}
                where id = {id} and community_id is not distinct from {before.CommunityId}
                """,
                ct);
            await AuditAsync(transaction, "rule.updated", id, rule, caller, ct);
            return (await FindAsync(transaction, id, null, ct), checks);
        },
        ct);

    /// <summary>Takes a rule out of use; its row and its counts stay.</summary>
    /// <returns>The rule, or null when there is none for the caller.</returns>
    public Task<RuleView?> DeactivateAsync(long id, Caller caller, CancellationToken ct) => db.TransactionAsync(
        async transaction =>
        {
            await transaction.ExecuteAsync(
                $"""
                update moderation.stringmatch set is_active = false, updated_at = {clock.GetUtcNow()}
                where id = {id} and is_active and ({caller.Community}::bigint is null
                    or community_id = {caller.Community})
                """,
                ct);
            if (await FindAsync(transaction, id, caller.Community, ct) is not { } rule)
            {
                return null;
            }

            await audit.WriteAsync(
                transaction, rule.CommunityId ?? 0, caller.Actor, "rule.deleted", new JsonObject { ["id"] = id }, ct);
            return rule;
        },
        ct);

    private const int DefaultPriority = 100;

    private static Task<RuleView?> FindAsync(
        Session session, long id, long? community, CancellationToken ct) => session.FindAsync(
        $"""
        select {RuleView.Columns} from {RuleView.From}
        where r.id = {id} and ({community}::bigint is null or r.community_id = {community})
        """,
        RuleView.Read,
        ct);

    private Task AuditAsync(
        Transaction transaction, string action, long id, RuleRequest rule, Caller caller, CancellationToken ct)
    {
        var details = JsonSerializer.SerializeToNode(rule, ModerationJson.Default.RuleRequest)!.AsObject();
        details["id"] = id;
        return audit.WriteAsync(transaction, rule.CommunityId ?? 0, caller.Actor, action, details, ct);
    }

    private static string Entities(RuleRequest rule) =>
        JsonSerializer.Serialize(rule.EnabledEntityIds ?? [], ModerationJson.Default.ListString);

    private static string Parameters(RuleRequest rule) =>
        JsonSerializer.Serialize(rule.CommandParameters ?? [], ModerationJson.Default.ListJsonElement);
}
