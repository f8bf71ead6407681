using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Rookery.Platforms.Slack;

namespace Rookery.Platforms.Tests.Slack;

public sealed class TextTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("&lt;b&gt; &amp;lt; &amp;amp;", "<b> &lt; &amp;")]
    [InlineData("<@U1> and <@U9> and <@U9|carl>", "@Ada and @U9 and @carl")]
    [InlineData("<#C1|general> <#C2>", "#general #C2")]
    [InlineData("<!here> <!channel|@channel> <!subteam^S1|@team> <!subteam^S1>", "@here @channel @team @subteam")]
    [InlineData("<!date^1700000000^{date}|14 Nov>", "14 Nov")]
    [InlineData("<https://a.example/?x=1&amp;y=2>", "https://a.example/?x=1&y=2")]
    [InlineData("<http://a.example|a.example> <mailto:a@b.c|a@b.c>", "a.example a@b.c")]
    [InlineData("<https://evil.example|your bank>", "your bank (https://evil.example)")]
    [InlineData("a < b <> c <", "a < b <> c <")]
    [InlineData("& &x; &am", "& &x; &am")]
    public void Markup_becomes_what_people_see(string text, string expected) =>
        SlackText.Read(text, id => id == "U1" ? "Ada" : null).ShouldBe(expected);

    [Fact]
    public void What_is_escaped_reads_as_it_was() => Prop.ForAll<NonNull<string>>(text =>
        SlackText.Read(SlackText.Escape(text.Get), _ => "nobody") == text.Get
        && SlackText.Escape(text.Get).Length == text.Get.Sum(SlackText.EscapedLength)).QuickCheckThrowOnFailure();

    [Fact]
    public void Reading_never_fails_whatever_comes() =>
        Prop.ForAll(Strange(), text => SlackText.Read(text, _ => null) is not null).QuickCheckThrowOnFailure();

    [Fact]
    public void Parts_fit_and_lose_nothing_but_the_blanks_at_their_borders() => Prop.ForAll(
        Strange(),
        ArbMap.Default.ArbFor<PositiveInt>(),
        (text, size) =>
        {
            var max = 10 + size.Get;
            var parts = TextSplitter.Split(text, max, SlackText.EscapedLength);
            return parts.All(p => SlackText.Escape(p).Length <= max && p.Trim().Length > 0)
                && Blankless(string.Concat(parts)) == Blankless(text)
                && parts.All(p => !char.IsLowSurrogate(p[0]) || char.IsLowSurrogate(text[0]));
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("one two three", 8, "one two|three")]
    [InlineData("one\ntwo three", 10, "one|two three")]
    [InlineData("one\ntwo three", 13, "one\ntwo three")]
    [InlineData("abcdefgh", 3, "abc|def|gh")]
    [InlineData("ab👍cd", 3, "ab|👍c|d")]
    [InlineData("   ", 1, "")]
    [InlineData("", 5, "")]
    public void Texts_are_cut_at_lines_and_words(string text, int max, string parts) =>
        string.Join('|', TextSplitter.Split(text, max, _ => 1)).ShouldBe(parts);

    private static Arbitrary<string> Strange() => Gen.Elements(
            "<", ">", "&", "&lt;", "&amp;", "@U1", "!", "|", "#", " ", "\n", "a", "word", "👍", "^", "http://x", "<>", "<@>", "<!>", "<|>")
        .ListOf().Select(pieces => string.Concat(pieces)).ToArbitrary();

    private static string Blankless(string text) => new StringBuilder(text).Replace(" ", "").Replace("\n", "").ToString();
}
