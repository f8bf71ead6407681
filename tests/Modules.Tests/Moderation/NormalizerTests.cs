using Rookery.Modules.Moderation.Text;

namespace Rookery.Moderation.Tests;

public sealed class NormalizerTests
{
    [Theory]
    [InlineData("ｆｒｅｅ　ｎｉｔｒｏ", "free nitro")]
    [InlineData("𝓯𝓻𝓮𝓮 𝔫𝔦𝔱𝔯𝔬 🅵🆁🅴🅴 🅝🅘 ⓣⓡⓞ", "free nitro FREE NI tro")]
    [InlineData("f\u200Br\u200De\u00ADe\uFEFF \u2060n\u202Eitro", "free nitro")]
    [InlineData("frее nіtrо", "free nitro")]
    [InlineData("ѕсаm ΑΒΕ αε", "scam ABE ae")]
    [InlineData("f\u0337\u0301r\u0336e\u20E3e", "free")]
    [InlineData("a\u0308\u0336\u0301", "a")]
    [InlineData("\u1112\u1161\u11AB\u0336", "한")]
    [InlineData("ﬁne ½ ™ ² Ⅳ", "fine 1/2 TM 2 IV")]
    [InlineData("  two \t\r\n spaces\u00A0\u2003here ", " two spaces here ")]
    [InlineData("don’t — “quote”", "don't - \"quote\"")]
    [InlineData("٠١٢ १२", "012 12")]
    [InlineData("sᴍᴀʟʟ ᴄᴀᴘs", "small caps")]
    [InlineData("a\u0001b\u007Fc", "abc")]
    public void Disguises_are_undone(string disguised, string plain) => Normalizer.Normalize(disguised).ShouldBe(plain);

    [Theory]
    [InlineData("año, schön, garçon, việt, ǟ")]
    [InlineData("नमस्ते दुनिया")]
    [InlineData("שָׁלוֹם")]
    [InlineData("สวัสดี")]
    [InlineData("안녕하세요 日本語 がぎぐ")]
    [InlineData("l33t is 1 number")]
    [InlineData("👍🏽 🎉")]
    public void Letters_of_every_language_stay(string text) => Normalizer.Normalize(text).ShouldBeSameAs(text);

    [Theory]
    [InlineData("an\u0303o", "año")]
    [InlineData("vie\u0302\u0323t vie\u0323\u0302t", "việt việt")]
    [InlineData("\u1112\u1161\u11AB\u1100\u1173\u11AF", "한글")]
    [InlineData("か\u3099", "が")]
    [InlineData("ｶﾞ", "ガ")]
    public void A_letter_and_its_marks_become_one(string apart, string together) =>
        Normalizer.Normalize(apart).ShouldBe(together);

    [Fact]
    public void A_letter_and_its_capital_stay_a_letter_and_its_capital()
    {
        var torn = from small in Enumerable.Range(0, 0xD800).Select(i => (char)i)
                   let capital = char.ToUpperInvariant(small)
                   where capital != small && char.ToLowerInvariant(capital) == small
                   let normal = (
                       Small: Normalizer.Normalize(small.ToString()), Capital: Normalizer.Normalize(capital.ToString()))
                   where !normal.Small.Equals(normal.Capital, StringComparison.OrdinalIgnoreCase)
                   select $"{small} is {normal.Small}, {capital} is {normal.Capital}";

        torn.ShouldBeEmpty();
    }

    [Fact]
    public void A_long_text_of_marked_letters_stays()
    {
        var text = string.Concat(Enumerable.Repeat("กุ่", 100));

        Normalizer.Normalize(text).ShouldBeSameAs(text);
    }

    [Fact]
    public void Marks_piled_sky_high_fall_off()
    {
        var tower = string.Concat(Enumerable.Repeat("\u0336\u0316\u0301", 1600));

        Normalizer.Normalize($"to{tower}wer{tower}").ShouldBe("tower");
        Normalizer.Trace($"to{tower}wer{tower}").Original(1, 1).ShouldBe((1, 1 + tower.Length));
    }

    [Fact]
    public void A_span_of_the_normal_form_is_traced_to_what_was_written()
    {
        const string Text = "say f\u200Bｒе\u0336е  now";
        var traced = Normalizer.Trace(Text);

        traced.Text.ShouldBe("say free now");
        var (start, length) = traced.Original(4, 4);
        Text.Substring(start, length).ShouldBe("f\u200Bｒе\u0336е");
        traced.Text.ShouldBe(Normalizer.Normalize(Text));
    }
}
