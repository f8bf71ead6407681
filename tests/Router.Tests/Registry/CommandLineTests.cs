using FsCheck;
using FsCheck.Fluent;
using Rookery.Router.Registry;

namespace Rookery.Router.Tests.Registry;

public sealed class CommandLineTests
{
    /// <summary>Texts rich in what the reader treats in a special way.</summary>
    private static readonly Arbitrary<string> Texts = Gen.Elements(
        '"', '\\', ' ', '\t', '\u201C', '\u201D', '!', '#', 'a', 'é', '\u00A0', '\ud83d', '\0', '\n')
        .ListOf().Select(c => new string([.. c])).ToArbitrary();

    [Theory]
    [InlineData("!ping", '!', "ping", "")]
    [InlineData("  !ping  ", '!', "ping", "")]
    [InlineData("#quote add x", '#', "quote", "add x")]
    [InlineData("!quote\tadd  x ", '!', "quote", "add  x")]
    [InlineData("!!", '!', "!", "")]
    public void A_prefix_and_a_name_make_a_command(string text, char prefix, string name, string rest)
    {
        CommandLine.TryRead(text, out var p, out var n, out var r).ShouldBeTrue();
        (p, n.ToString(), r.ToString()).ShouldBe((prefix, name, rest));
    }

    [Theory]
    [InlineData("")]
    [InlineData("!")]
    [InlineData("! ping")]
    [InlineData("ping")]
    [InlineData("say !ping")]
    [InlineData("?ping")]
    public void Anything_else_is_none(string text) => CommandLine.TryRead(text, out _, out _, out _).ShouldBeFalse();

    [Theory]
    [InlineData("a b  c", "a|b|c")]
    [InlineData("add \"two words\" x", "add|two words|x")]
    [InlineData("\u201Ctwo words\u201D x", "two words|x")]
    [InlineData("\"never closed x", "never closed x")]
    [InlineData("\"\" x", "|x")]
    [InlineData("it's 5\" long", "it's|5\"|long")]
    [InlineData("\"say \\\"hi\\\"\" x", "say \"hi\"|x")]
    [InlineData("\"a\\\\\" x", "a\\|x")]
    [InlineData("C:\\dir x", "C:\\dir|x")]
    public void Words_are_split_at_white_space_outside_quotes(string text, string words) =>
        string.Join('|', CommandLine.Split(text)).ShouldBe(words);

    [Fact]
    public void Reading_never_throws_and_keeps_to_its_bounds() => Prop.ForAll(
        Texts,
        text =>
        {
            var read = CommandLine.TryRead(text, out _, out var name, out var rest);
            var words = CommandLine.Split(rest);
            return words.Count <= 100 && (!read || (name.Length > 0 && !name.ContainsAny(" \t\n")));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void A_word_that_was_quoted_comes_back_as_it_was() => Prop.ForAll(
        Texts.Generator.NonEmptyListOf().Where(w => w.Count <= 100).ToArbitrary(),
        words => CommandLine.Split(string.Join(' ', words.Select(Quote))).SequenceEqual(words, StringComparer.Ordinal)).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void Beyond_a_hundred_words_the_rest_is_left_out() =>
        CommandLine.Split(string.Join(' ', Enumerable.Range(0, 500))).Count.ShouldBe(100);

    private static string Quote(string word) =>
        $"\"{word.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\u201C", "\\\u201C", StringComparison.Ordinal).Replace("\u201D", "\\\u201D", StringComparison.Ordinal)}\"";
}
