using Rookery.Modules.Moderation.Regexes;
using Rookery.Modules.Moderation.Rules;
using Rookery.Modules.Moderation.Text;

namespace Rookery.Modules.Moderation.Matching;

/// <summary>
/// Some rules compiled for one question: which of them is the first that a message matches. Never changes.
/// </summary>
internal sealed class RuleSet
{
    private const int None = int.MaxValue;

    private readonly CompiledRule[] _rules;
    private readonly int _everything;
    private readonly ExactIndex _exact;
    private readonly LiteralIndex _inside;
    private readonly RegexTree[] _regexes;

    public RuleSet(IEnumerable<CompiledRule> rules)
    {
        _rules = [.. rules.OrderBy(r => r.Rule.Priority).ThenBy(r => r.Rule.Id)];
        _everything = Array.FindIndex(_rules, r => r.IsEverything) is >= 0 and var rank ? rank : None;
        var ranked = _rules.Select((rule, rank) => (Rule: rule, Rank: rank))
            .Where(r => !r.Rule.IsEverything)
            .ToLookup(r => KindOf(r.Rule));
        _exact = new ExactIndex(ranked[Kind.Exact].Select(r => r.Rule.ToLiteral(r.Rank)));
        _inside = new LiteralIndex(
        [
            .. ranked[Kind.Inside].Select(r => r.Rule.ToLiteral(r.Rank)),
            .. ranked[Kind.HintedRegex].SelectMany(r => r.Rule.ToHints(r.Rank)),
        ]);
        _regexes = [.. RegexTree.Of(ranked[Kind.Regex])];
    }

    private enum Kind
    {
        Exact,
        Inside,
        HintedRegex,
        Regex,
    }

    public static RuleSet Empty { get; } = new([]);

    /// <summary>The rule that wins, or null when none matches.</summary>
    public Rule? First(ScreenedText text)
    {
        if (_rules.Length == 0)
        {
            return null;
        }

        var best = _inside.First(text, _exact.First(text, _everything));
        foreach (var tree in _regexes)
        {
            best = tree.First(text, best);
        }

        return best == None ? null : _rules[best].Rule;
    }

    /// <summary>Every rule that matches, with the places in the original message.</summary>
    public IEnumerable<(Rule Rule, IReadOnlyList<(int Start, int Length)> Spans)> All(ScreenedText text, Traced normal) =>
        _rules.Where(r => KindOf(r) != Kind.Regex)
            .Concat(_regexes.SelectMany(t => t.All(text)))
            .Select(r => (r.Rule, Spans: r.Spans(text.Raw, normal)))
            .Where(r => r.Spans.Count > 0);

    private static Kind KindOf(CompiledRule rule) => rule switch
    {
        { IsRegex: true } => rule.Shape!.Required.Count > 0 ? Kind.HintedRegex : Kind.Regex,
        { Rule.MatchType: MatchKind.Exact } => Kind.Exact,
        _ => Kind.Inside,
    };
}
