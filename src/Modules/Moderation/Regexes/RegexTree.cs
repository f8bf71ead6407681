using System.Text.RegularExpressions;
using Rookery.Modules.Moderation.Matching;

namespace Rookery.Modules.Moderation.Regexes;

/// <summary>
/// Regular expressions asked together: one alternation says whether any of them matches, and its halves which. Each is
/// made ready when it is first asked, for one alone takes half a megabyte.
/// </summary>
internal sealed class RegexTree
{
    private const int MaxRules = 100;
    private const int MaxSize = 5_000;

    private readonly IReadOnlyList<(CompiledRule Rule, int Rank)> _rules;
    private readonly Lazy<Regex?> _any;
    private readonly RegexTree? _left;
    private readonly RegexTree? _right;

    private RegexTree(IReadOnlyList<(CompiledRule Rule, int Rank)> rules)
    {
        _rules = rules;
        _any = new(Alternation);
        if (rules.Count > 1)
        {
            _left = new RegexTree([.. rules.Take(rules.Count / 2)]);
            _right = new RegexTree([.. rules.Skip(rules.Count / 2)]);
        }
    }

    /// <param name="rules">Regular expressions in the order of their ranks.</param>
    /// <returns>As many trees as keep each alternation small.</returns>
    public static IReadOnlyList<RegexTree> Of(IEnumerable<(CompiledRule Rule, int Rank)> rules)
    {
        var trees = new List<RegexTree>();
        var open = new List<(CompiledRule Rule, int Rank)>();
        var size = 0;
        foreach (var rule in rules)
        {
            // In an expression with (?x) a # could turn what follows it into a comment: those stand alone.
            if (rule.Rule.Text.Contains('#', StringComparison.Ordinal))
            {
                trees.Add(new RegexTree([rule]));
                continue;
            }

            size += rule.Rule.Shape!.Size;
            if (open.Count == MaxRules || (open.Count > 0 && size > MaxSize))
            {
                trees.Add(new RegexTree(open));
                (open, size) = ([], rule.Rule.Shape.Size);
            }

            open.Add(rule);
        }

        return open.Count == 0 ? trees : [.. trees, new RegexTree(open)];
    }

    /// <summary>The lowest rank below <paramref name="best"/> that matches; else <paramref name="best"/>.</summary>
    public int First(ScreenedText text, int best)
    {
        if (_rules[0].Rank >= best || !MayMatch(text))
        {
            return best;
        }

        return _left is null ? _rules[0].Rank : _right!.First(text, _left.First(text, best));
    }

    /// <summary>Every rule that matches.</summary>
    public IEnumerable<CompiledRule> All(ScreenedText text) =>
        !MayMatch(text) ? [] : _left is null ? [_rules[0].Rule] : _left.All(text).Concat(_right!.All(text));

    /// <summary>For a single rule: it does match.</summary>
    private bool MayMatch(ScreenedText text) => _left is null ? _rules[0].Rule.IsRegexMatch(text)
        : _any.Value is not { } any || any.IsMatch(text.Raw) || (!text.IsPlain && any.IsMatch(text.Normal));

    private Regex? Alternation()
    {
        var each = _rules.Select(r => $"(?{(r.Rule.Rule.CaseSensitive ? "-i" : "i")}:{r.Rule.Text})");
        try
        {
            return LinearRegex.Make(string.Join('|', each), caseSensitive: true);
        }
        catch (NotSupportedException)
        {
            // Each fits, all together do not: the halves are asked at once.
            return null;
        }
    }
}
