using FsCheck;
using FsCheck.Fluent;
using Rookery.Platforms.Twitch;

namespace Rookery.Platforms.Tests.Twitch;

/// <summary>Long answers become several messages, and no limit of Twitch's is broken.</summary>
public sealed class MessageTextTests
{
    [Fact]
    public void Nothing_is_longer_than_allowed_and_nothing_but_spaces_is_lost() => Prop.ForAll(
        ArbMap.Default.ArbFor<string>().Filter(s => s is not null),
        ArbMap.Default.ArbFor<PositiveInt>(),
        (text, size) =>
        {
            var max = 2 + (size.Get % 20);
            var parts = MessageText.Split(text, int.MaxValue, max);
            parts.ShouldAllBe(p => p.Length > 0 && p.Length <= max && p.Trim() == p);
            Visible(string.Concat(parts)).ShouldBe(Visible(string.Concat(text.EnumerateRunes().Where(r => !System.Text.Rune.IsControl(r)))));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Words_stay_whole_where_they_can() =>
        MessageText.Split("the quick brown fox", 10, 10).ShouldBe(["the quick", "brown fox"]);

    [Fact]
    public void What_is_seen_as_one_character_stays_one()
    {
        const string Family = "👨‍👩‍👧‍👦";
        MessageText.Split($"aaaa{Family}", 10, 12).ShouldBe(["aaaa", Family]);
    }

    [Fact]
    public void What_does_not_fit_is_cut_off_visibly() =>
        MessageText.Split("one two three four", 2, 8).ShouldBe(["one two", "three…"]);

    [Theory]
    [InlineData("a\r\nb\n\n c", "a b c")]
    [InlineData("\u0001x\u0007", "x")]
    public void Lines_become_one(string text, string line) => MessageText.Split(text, 3).ShouldBe([line]);

    [Theory]
    [InlineData("")]
    [InlineData(" \n\t ")]
    public void Nothing_visible_is_no_message(string text) => MessageText.Split(text, 3).ShouldBeEmpty();

    private static string Visible(string text) =>
        string.Concat(text.EnumerateRunes().Where(r => !System.Text.Rune.IsWhiteSpace(r)).Select(r => r.ToString()));
}
