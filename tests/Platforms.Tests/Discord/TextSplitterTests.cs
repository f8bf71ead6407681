using FsCheck;
using FsCheck.Fluent;
using Rookery.Platforms.Discord;

namespace Rookery.Platforms.Tests.Discord;

public sealed class TextSplitterTests
{
    [Fact]
    public void No_part_is_too_long_and_nothing_but_blanks_and_fences_is_lost() => Prop.ForAll<NonNull<string>, PositiveInt>((text, n) =>
    {
        var all = string.Concat(Enumerable.Repeat(text.Get + " ``` ab\n", 1 + (n.Get % 40)));
        var parts = TextSplitter.Split(all, 100);
        parts.ShouldAllBe(p => p.Length <= 100 && p.Length > 0);
        Bare(string.Concat(parts)).ShouldBe(Bare(all));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_text_is_cut_between_words() =>
        TextSplitter.Split($"{new string('a', 60)} {new string('b', 60)}", 100)
            .ShouldBe([new string('a', 60) + " ", new string('b', 60)]);

    [Fact]
    public void A_code_fence_goes_on_in_the_next_message()
    {
        var parts = TextSplitter.Split($"```cs\n{string.Concat(Enumerable.Repeat("var x = 1;\n", 20))}```", 120);
        parts.Count.ShouldBeGreaterThan(1);
        parts.ShouldAllBe(p => p.StartsWith("```cs\n", StringComparison.Ordinal) && p.EndsWith("```", StringComparison.Ordinal));
    }

    [Fact]
    public void A_pair_of_surrogates_is_not_torn() =>
        TextSplitter.Split(string.Concat(Enumerable.Repeat("🐦", 200)), 101)
            .ShouldAllBe(p => !char.IsHighSurrogate(p.Last()) && !char.IsLowSurrogate(p.First()));

    private static string Bare(string text) => text.Replace("`", "", StringComparison.Ordinal)
        .Replace("\n", "", StringComparison.Ordinal);
}
