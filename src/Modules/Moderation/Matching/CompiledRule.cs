using System.Text.RegularExpressions;
using Rookery.Modules.Moderation.Regexes;
using Rookery.Modules.Moderation.Rules;
using Rookery.Modules.Moderation.Text;

namespace Rookery.Modules.Moderation.Matching;

/// <summary>One rule made ready: its pattern in the form it is looked for, and where it would match alone.</summary>
internal sealed class CompiledRule
{
    private const int MaxSpans = 20;

    private readonly Lazy<Regex> _regex;

    /// <exception cref="ArgumentException">The regular expression is none.</exception>
    /// <exception cref="NotSupportedException">The regular expression cannot be run in linear time.</exception>
    public CompiledRule(Rule rule)
    {
        Rule = rule;
        Text = rule.String;
        _regex = new(() => LinearRegex.Make(rule.String, rule.CaseSensitive));
        if (IsRegex)
        {
            Shape = LinearRegex.Read(rule.String);
            if (Shape.Unsupported.Count > 0)
            {
                throw new NotSupportedException($"It contains {rule.String[Shape.Unsupported[0].At]}.");
            }
        }
        else if (rule.Normalize && Normalizer.Normalize(rule.String).Trim().Length > 0)
        {
            Form = Form.Normal;
            Text = Normalizer.Normalize(rule.String);
        }

        Text = rule.MatchType == MatchKind.Exact ? Text.Trim() : Text;
    }

    public Rule Rule { get; }

    /// <summary>The literal or the expression.</summary>
    public string Text { get; }

    /// <summary>
    /// Where a literal is looked for. One that consists of what normalising removes is looked for as it stands: who
    /// forbids zero-width spaces means just those.
    /// </summary>
    public Form Form { get; } = Form.Raw;

    /// <summary>Of a regular expression; else null.</summary>
    public RegexShape? Shape { get; }

    public bool IsEverything => Rule.String == Rule.Everything;

    public bool IsRegex => Rule.MatchType == MatchKind.Regex && !IsEverything;

    /// <param name="rank">The rule's place among those it is looked for with.</param>
    public Literal ToLiteral(int rank) => new(Text, Form, rank, Rule.CaseSensitive, Rule.MatchType == MatchKind.Word);

    /// <summary>Literals without which the regular expression cannot match.</summary>
    public IEnumerable<Literal> ToHints(int rank) =>
        Shape!.Required.Select(hint => new Literal(hint, Form.Any, rank, Regex: this));

    /// <summary>
    /// A regular expression sees the message as written and, where that differs, its normal form: either counts.
    /// </summary>
    public bool IsRegexMatch(ScreenedText text) =>
        _regex.Value.IsMatch(text.Raw) || (Rule.Normalize && !text.IsPlain && _regex.Value.IsMatch(text.Normal));

    /// <summary>Where in the original message the rule matches; empty when it does not. At most 20 places.</summary>
    public IReadOnlyList<(int Start, int Length)> Spans(string raw, Traced normal)
    {
        if (IsEverything)
        {
            return [(0, raw.Length)];
        }

        if (!IsRegex)
        {
            return Form == Form.Normal ? Original(LiteralSpans(normal.Text), normal) : LiteralSpans(raw);
        }

        var spans = RegexSpans(raw);
        return spans.Count > 0 || !Rule.Normalize ? spans : Original(RegexSpans(normal.Text), normal);
    }

    private static List<(int Start, int Length)> Original(List<(int Start, int Length)> spans, Traced normal) =>
        spans.ConvertAll(s => normal.Original(s.Start, s.Length));

    private List<(int Start, int Length)> LiteralSpans(string text)
    {
        var comparison = Rule.CaseSensitive ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;
        if (Rule.MatchType == MatchKind.Exact)
        {
            var whole = text.AsSpan().Trim();
            return whole.Equals(Text, comparison)
                ? [(text.AsSpan().IndexOf(whole, StringComparison.Ordinal), whole.Length)]
                : [];
        }

        var spans = new List<(int, int)>();
        for (var at = text.IndexOf(Text, comparison); at >= 0 && spans.Count < MaxSpans;)
        {
            var counts = Rule.MatchType != MatchKind.Word || WordBoundary.Surrounds(text, at, Text.Length);
            if (counts)
            {
                spans.Add((at, Text.Length));
            }

            var next = at + (counts ? Text.Length : 1);
            at = next <= text.Length ? text.IndexOf(Text, next, comparison) : -1;
        }

        return spans;
    }

    private List<(int Start, int Length)> RegexSpans(string text)
    {
        var spans = new List<(int, int)>();
        foreach (var match in _regex.Value.EnumerateMatches(text))
        {
            if (spans.Count == MaxSpans)
            {
                break;
            }

            spans.Add((match.Index, match.Length));
        }

        return spans;
    }
}
