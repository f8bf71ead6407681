using System.Collections.Frozen;
using Rookery.Modules.Moderation.Text;

namespace Rookery.Modules.Moderation.Matching;

/// <summary>
/// The rules of one community, or those of no community: what holds everywhere, and what in single channels.
/// </summary>
internal sealed class RuleBook
{
    private readonly RuleSet _everywhere;
    private readonly FrozenDictionary<string, RuleSet> _byEntity;

    public RuleBook(IReadOnlyList<CompiledRule> rules)
    {
        _everywhere = new RuleSet(rules.Where(r => r.Rule.EntityIds.Count == 0));
        _byEntity = rules
            .SelectMany(r => r.Rule.EntityIds.Distinct(StringComparer.Ordinal), (rule, entity) => (rule, entity))
            .GroupBy(p => p.entity, p => p.rule, StringComparer.Ordinal)
            .ToFrozenDictionary(g => g.Key, g => new RuleSet(g), StringComparer.Ordinal);
    }

    public (RuleSet Everywhere, RuleSet Here) For(string entityId) =>
        (_everywhere, _byEntity.GetValueOrDefault(entityId, RuleSet.Empty));
}

/// <summary>
/// All that holds in one channel. Sets are shared by the channels they hold in, so ten thousand rules lie in memory
/// once.
/// </summary>
internal readonly struct ActiveRules(RuleBook global, RuleBook community, string entityId)
{
    private readonly (RuleSet Everywhere, RuleSet Here) _global = global.For(entityId);
    private readonly (RuleSet Everywhere, RuleSet Here) _community = community.For(entityId);

    /// <summary>The rule that wins: of the least priority number, of equals the oldest.</summary>
    public Rules.Rule? First(ScreenedText text)
    {
        var best = Better(_global.Everywhere.First(text), _global.Here.First(text));
        best = Better(best, _community.Everywhere.First(text));
        return Better(best, _community.Here.First(text));
    }

    /// <summary>
    /// Every rule that matches, in the order in which they win, with the places in the original message.
    /// </summary>
    public IEnumerable<(Rules.Rule Rule, IReadOnlyList<(int Start, int Length)> Spans)> All(ScreenedText text, Traced normal) =>
        new[] { _global.Everywhere, _global.Here, _community.Everywhere, _community.Here }
            .SelectMany(s => s.All(text, normal))
            .OrderBy(m => m.Rule.Priority).ThenBy(m => m.Rule.Id);

    private static Rules.Rule? Better(Rules.Rule? one, Rules.Rule? other) =>
        one is null || (other is not null && other.Precedes(one)) ? other : one;
}
