using System.Globalization;
using Rookery.Kernel.Data;
using Rookery.Kernel.Web;

namespace Rookery.Modules.Moderation.Rules;

/// <summary>What a rule must keep to beside other rows.</summary>
internal static class RuleChecks
{
    /// <summary>Rules that may be active in one community, those of all communities included.</summary>
    private const int MaxRules = 20_000;

    /// <summary>How many of them may be regular expressions.</summary>
    private const int MaxRegexes = 500;

    /// <summary>Everything that is wrong with a rule, in itself and beside others.</summary>
    /// <param name="before">The rule as it stands; null for a new one.</param>
    public static async Task<Checks> CheckAsync(
        Transaction transaction, RuleRequest rule, RuleView? before, CancellationToken ct)
    {
        var community = before is null ? rule.CommunityId : before.CommunityId;
        var checks = rule.Check()
            .That(rule.CommunityId == community, "community_id", "cannot be changed; make a new rule there.");
        if (community is not null
            && !await transaction.ValueAsync<bool>($"select exists (select from kernel.communities where id = {community})", ct))
        {
            return checks.Fail("community_id", "is no community.");
        }

        if (rule.EnabledEntityIds is { Count: > 0 } entities && checks.Errors.All(e => e.Field != "enabled_entity_ids"))
        {
            var known = await transaction.ListAsync(
                $"""
                select entity_id from kernel.entities
                where entity_id = any({entities}) and ({community}::bigint is null or community_id = {community})
                """,
                r => r.GetString(0),
                ct);
            var unknown = entities.Except(known, StringComparer.Ordinal).ToList();
            checks.That(
                unknown.Count == 0,
                "enabled_entity_ids",
                $"has entities that are not in the rule's community: {string.Join(", ", unknown.Take(5))}.");
        }

        if (rule.IsActive ?? true)
        {
            await CheckRoomAsync(transaction, rule, community, before?.Id, checks, ct);
        }

        return checks;
    }

    /// <summary>
    /// Rules of no community count in each. They themselves are not held up by a community that is full.
    /// </summary>
    private static async Task CheckRoomAsync(
        Transaction transaction, RuleRequest rule, long? community, long? id, Checks checks, CancellationToken ct)
    {
        await transaction.ExecuteAsync($"select pg_advisory_xact_lock(hashtextextended('moderation.rules', 0))", ct);
        var (rules, regexes) = (await transaction.ListAsync(
            $"""
            select count(*), count(*) filter (where match_type = 'regex')
            from moderation.stringmatch
            where is_active and id is distinct from {id} and (community_id is null or community_id = {community})
            """,
            r => (r.GetInt64(0), r.GetInt64(1)),
            ct))[0];
        checks.That(rules < MaxRules, "is_active", Full(MaxRules, "rules", "Delete some first."));
        checks.That(
            rule.MatchType != "regex" || regexes < MaxRegexes,
            "match_type",
            Full(MaxRegexes, "regular expressions", "Use contains or word where they will do."));
    }

    private static string Full(int max, string what, string cure) =>
        string.Create(CultureInfo.InvariantCulture, $"is one too many: {max} {what} are active here already. {cure}");
}
