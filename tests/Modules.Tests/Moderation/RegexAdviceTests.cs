using System.Text.RegularExpressions;
using Rookery.Modules.Moderation.Regexes;

namespace Rookery.Moderation.Tests;

public sealed class RegexAdviceTests
{
    [Theory]
    [InlineData("(", "is no regular expression: Invalid pattern '(' at offset 1. Not enough )'s.")]
    [InlineData("(?=.*spam)buy", "contains (?=.*spam), a look-ahead or look-behind, which cannot be run in linear time. For whole words use the match type word, or \\b. Without it: buy")]
    [InlineData("(?<!\\w)ass(?!\\w)", "contains (?<!\\w), a look-ahead or look-behind")]
    [InlineData("(.)\\1{4}", "contains \\1, a reference back to a group")]
    [InlineData("(?<q>['\"]).*?\\k<q>", "contains \\k<q>, a reference back to a group")]
    [InlineData("x(?>a+)b", "contains (?>a+), an atomic group, which is not needed: nothing here backtracks. Write: x(?:a+)b")]
    [InlineData("(?(a)b|c)", "contains (?(a)b|c), a condition")]
    [InlineData("(?<o>\\()(?<-o>\\))", "contains (?<-o>\\)), a group that balances another")]
    [InlineData("\\Gabc", "contains \\G, which has no meaning here. Use ^ for the beginning of the message. Write: ^abc")]
    [InlineData("(?:.{0,40}a){40}", "spells out 1640 steps when its counts are written in full; at most 500 are allowed.")]
    [InlineData("a*", "can match nothing at all and so would match every message.")]
    [InlineData("\\b", "can match nothing at all")]
    [InlineData("foo|", "can match nothing at all")]
    [InlineData("$", "can match nothing at all")]
    public void A_pattern_that_cannot_run_is_refused_with_the_reason_and_the_cure(string pattern, string because) =>
        RegexAdvice.Check(pattern).ShouldNotBeNull().ShouldStartWith(because);

    [Theory]
    [InlineData("[A-Z]{5}")]
    [InlineData("(a+)+$")]
    [InlineData("(?i)free\\s+nitro")]
    [InlineData("[\\](?=x)]+")]
    [InlineData("\\(?=x")]
    [InlineData("[a-z-[aeiou]]{3}(?#comment)")]
    [InlineData("(?x) a b # comment (")]
    [InlineData("\\p{IsCyrillic}{20}")]
    [InlineData("(?<name>a|b)c{2,}?")]
    [InlineData("a{x}")]
    public void A_pattern_that_can_run_is_accepted(string pattern) => RegexAdvice.Check(pattern).ShouldBeNull();

    [Theory]
    [InlineData("\\bfr+e+\\s*(nitro|gold)\\b", "nitro,gold")]
    [InlineData("(https?://)?t\\.me/\\w+", "t.me/")]
    [InlineData("(foo|barbar)+x?(baz)?", "foo,barbar")]
    [InlineData("fre{2,}dom", "edom")]
    [InlineData("spam.*eggs", "spam")]
    [InlineData("abc|[0-9]+", "")]
    [InlineData("(?x)a b c", "")]
    [InlineData("kick", "")]
    [InlineData("пример", "")]
    [InlineData("abc?d", "")]
    public void What_any_match_must_contain_is_found(string pattern, string required) =>
        string.Join(',', RegexShape.Of(pattern).Required).ShouldBe(required);

    /// <summary>
    /// A literal found first stands in for an expression, so the two must agree on which characters are equal but for
    /// case.
    /// </summary>
    [Fact]
    public void Without_case_only_the_Kelvin_sign_equals_an_ASCII_character_to_expressions_alone()
    {
        var differing = from ascii in Enumerable.Range(0, 128).Select(c => (char)c)
                        let regex = LinearRegex.Make(Regex.Escape(ascii.ToString()), caseSensitive: false)
                        from other in Enumerable.Range(0, 0xD800).Select(c => (char)c)
                        where regex.IsMatch(other.ToString()) != ascii.ToString().Equals(
                            other.ToString(), StringComparison.OrdinalIgnoreCase)
                        select (ascii, other);

        differing.ShouldBe([('K', '\u212A'), ('k', '\u212A')]);
    }
}
