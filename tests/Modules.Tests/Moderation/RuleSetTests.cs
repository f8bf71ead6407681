using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using Rookery.Kernel.Chat;
using Rookery.Modules.Moderation.Matching;
using Rookery.Modules.Moderation.Rules;
using Rookery.Modules.Moderation.Text;

namespace Rookery.Moderation.Tests;

public sealed class RuleSetTests
{
    private static readonly Gen<string> Letter = Gen.Elements(
        "a", "A", "b", "B", "c", "k", "K", "\u212A", "1", "_", " ", "  ", ":", ")", "!", "é", "e\u0301", "ш", "Ш", "а", "s", "ſ", "ı", "I", "ß", "\u200B", "𐐀", "𐐨");

    private static readonly Gen<string> Expression = Gen.Sized(Expressions);

    [Fact]
    public void All_rules_at_once_decide_as_each_alone_would() => Prop.ForAll(
        Rules().ToArbitrary(),
        Gen.ArrayOf(Letter, 14).Select(string.Concat).ToArbitrary(),
        (rules, text) =>
        {
            var matching = rules.Where(r => Matches(r, text))
                .OrderBy(r => r.Priority)
                .ThenBy(r => r.Id)
                .Select(r => r.Id)
                .ToList();
            var set = new RuleSet(rules.Select(r => new CompiledRule(r)));
            var (screened, traced) = (ScreenedText.Of(text), Normalizer.Trace(text));
            var all = set.All(screened, traced).ToList();

            (set.First(screened)?.Id ?? 0).ShouldBe(matching.FirstOrDefault());
            all.Select(m => m.Rule.Id).Order().ShouldBe(matching.Order());
            all.ShouldAllBe(m => m.Spans.All(s => s.Start >= 0 && s.Length >= 0 && s.Start + s.Length <= text.Length));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Fact]
    public void Thousands_of_rules_decide_as_each_alone_would()
    {
        var random = new Random(7);
        var words = Enumerable.Range(0, 3000)
            .Select(_ => string.Concat(Enumerable.Range(0, random.Next(1, 24)).Select(_ => "abcdeé "[random.Next(7)])))
            .ToList();
        var rules =
            words.Select((w, i) => Rule(i + 1, w, (MatchKind)random.Next(3), random.Next(4) == 0, random.Next(2) == 0, random.Next(5))).ToList();
        var set = new RuleSet(rules.Select(r => new CompiledRule(r)));

        foreach (var text in Enumerable.Range(0, 100).Select(_ => string.Concat(Enumerable.Range(0, random.Next(1, 40)).Select(_ => "abcdeéÉA xyz"[random.Next(12)]))))
        {
            var expected = rules.Where(r => Matches(r, text))
                .OrderBy(r => r.Priority)
                .ThenBy(r => r.Id)
                .FirstOrDefault();
            (set.First(ScreenedText.Of(text))?.Id ?? 0).ShouldBe(expected?.Id ?? 0, text);
        }
    }

    [Fact]
    public async Task A_message_that_matches_nothing_costs_no_memory()
    {
        var rules = Enumerable.Range(1, 500).Select(i => Rule(i, $"forbidden{i}", (MatchKind)(i % 4)));
        var set = new RuleSet(rules.Select(r => new CompiledRule(r)));

        // Unoptimised code may still box a little; what must not be is a copy of the message, or a list of the rules.
        await TestHost.EventuallyAsync(
            () => Task.FromResult(Allocated() < 100_000), "a thousand messages for less than 100 bytes each");

        long Allocated()
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 1000; i++)
            {
                set.First(ScreenedText.Of("what an ordinary thing to say on a day like this"));
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Theory]
    [InlineData("ass", "a class act", false)]
    [InlineData("ass", "what an ass!", true)]
    [InlineData("ass", "ass_hat", false)]
    [InlineData("ass", "пass", false)]
    [InlineData(":)", "hello:)", true)]
    [InlineData("c++", "i like c++11", true)]
    [InlineData("c++", "objc++", false)]
    [InlineData("नमस", "नमस्ते", false)]
    [InlineData("free", "FREE\u200B now", true)]
    public void A_word_ends_where_letters_marks_digits_and_underscores_end(string word, string text, bool matches) =>
        (new RuleSet([new CompiledRule(Rule(1, word, MatchKind.Word))]).First(ScreenedText.Of(text)) is not null).ShouldBe(matches);

    [Fact]
    public void Who_forbids_zero_width_spaces_forbids_just_those()
    {
        var set = new RuleSet([new CompiledRule(Rule(1, "\u200B", MatchKind.Contains))]);

        set.First(ScreenedText.Of("harmless")).ShouldBeNull();
        set.First(ScreenedText.Of("hid\u200Bden")).ShouldNotBeNull();
    }

    private static Rule Rule(long id, string pattern, MatchKind kind, bool caseSensitive = false, bool normalize = true, int priority = 100) =>
        new(
            id,
            pattern,
            kind,
            caseSensitive,
            normalize,
            priority,
            RuleAction.Warn,
            [],
            new Verdict(VerdictKind.Warn, id));

    /// <summary>The meaning of a rule, spelled out without any index.</summary>
    private static bool Matches(Rule rule, string raw)
    {
        if (rule.String == "*")
        {
            return true;
        }

        var normal = Normalizer.Normalize(raw);
        if (rule.MatchType == MatchKind.Regex)
        {
            var options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | (
                rule.CaseSensitive ? RegexOptions.None : RegexOptions.IgnoreCase);
            return Regex.IsMatch(raw, rule.String, options)
                || (rule.Normalize && Regex.IsMatch(normal, rule.String, options));
        }

        var onNormal = rule.Normalize && !string.IsNullOrWhiteSpace(Normalizer.Normalize(rule.String));
        var (text, pattern) = onNormal ? (normal, Normalizer.Normalize(rule.String)) : (raw, rule.String);
        var comparison = rule.CaseSensitive ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;
        return rule.MatchType == MatchKind.Exact
            ? text.Trim().Equals(pattern.Trim(), comparison)
            : Enumerable.Range(0, text.Length + 1).Any(at =>
                at + pattern.Length <= text.Length
                && text.Substring(at, pattern.Length).Equals(pattern, comparison)
                && (rule.MatchType == MatchKind.Contains || (IsEdge(text, at) && IsEdge(text, at + pattern.Length))));
    }

    private static bool IsEdge(string text, int at) =>
        !(text[..at].EnumerateRunes().TakeLast(1).Any(IsWord) && text[at..].EnumerateRunes().Take(1).Any(IsWord));

    private static bool IsWord(Rune rune) =>
        Rune.IsLetterOrDigit(rune)
            || rune.Value == '_'
            || Rune.GetUnicodeCategory(rune) < UnicodeCategory.DecimalDigitNumber;

    private static Gen<Rule[]> Rules() =>
        from count in Gen.Choose(1, 8)
        from rules in Gen.ArrayOf(
            from kind in Gen.Elements(MatchKind.Exact, MatchKind.Contains, MatchKind.Word, MatchKind.Regex)
            from pattern in kind == MatchKind.Regex
                ? Expression
                : Gen.NonEmptyListOf(Letter).Select(l => string.Concat(l.Take(5)))
            from everything in Gen.Choose(0, 30)
            from caseSensitive in Gen.Elements(true, false)
            from normalize in Gen.Elements(true, false)
            from priority in Gen.Choose(1, 3)
            select Rule(0, everything == 0 ? "*" : pattern, kind, caseSensitive, normalize, priority),
            count)
        select rules.Select((r, i) => r with { Id = i + 1 }).ToArray();

    /// <summary>Expressions over the same letters: with and without something that any match must contain.</summary>
    private static Gen<string> Expressions(int size)
    {
        var character = Gen.OneOf(
            Letter.Where(l => l.Length == 1).Select(Regex.Escape), Gen.Elements(".", "[ab]", "\\w", "\\b", "[^a]"));
        var word = Gen.Elements("abc", "aab", "kab", "bcb");
        if (size <= 1)
        {
            return Gen.OneOf(character, word);
        }

        var smaller = Expressions(size / 2);
        return Gen.OneOf(
            character,
            word,
            from left in smaller from right in smaller select left + right,
            from left in smaller from right in smaller select $"({left}|{right})",
            from inner in smaller from quantifier in Gen.Elements("+", "*", "?", "{2}", "{1,2}", "{2,}") select $"(?:{inner}){quantifier}",
            from inner in character.Where(c => c is not "\\b") from quantifier in Gen.Elements("+", "*", "?", "{2}") select inner + quantifier);
    }
}
