using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Rookery.Kernel.Web;

namespace Rookery.Kernel.Tests.Web;

public sealed class ChecksTests
{
    [Fact]
    public void A_caller_hears_everything_that_is_wrong()
    {
        var checks = new Checks()
            .Text("name", null, 10)
            .Text("title", "", 10)
            .Text("note", "far too long", 5)
            .Optional("about", "a\0b", 100)
            .That(false, "count", "must be positive.")
            .Text("fine", "fine", 10)
            .Optional("missing", null, 10);
        checks.Ok.ShouldBeFalse();
        checks.Errors.Select(e => e.Field).ShouldBe(["name", "title", "note", "about", "count"]);
        checks.Errors[2].Message.ShouldBe("has 12 characters; at most 5 are allowed.");
        checks.Problem().StatusCode.ShouldBe(400);
    }

    /// <summary>In code and not in attributes, which cannot hold half of a pair either.</summary>
    [Fact]
    public void Texts_the_database_cannot_keep_are_known()
    {
        string[] good = ["", "plain", "\U0001F426", "x\U0001F426y"];
        good.ShouldAllBe(text => Checks.Storable(text));
        string[] bad = ["a\0", "\ud83d", "\udc26", "\udc26\ud83d", "x\ud83dx", "\U0001F426\ud83d"];
        bad.ShouldAllBe(text => !Checks.Storable(text));
    }

    [Fact]
    public void Storable_is_what_strict_UTF_8_can_write() => Prop.ForAll(
        Gen.Elements('a', '\0', '\ud83d', '\udc26', '\ud800', '\udfff', '\uffff', 'é')
            .ListOf()
            .Select(c => new string([.. c]))
            .ToArbitrary(),
        text => Checks.Storable(text) == (!text.Contains('\0', StringComparison.Ordinal) && Encodes(text))).QuickCheckThrowOnFailure();

    private static bool Encodes(string text)
    {
        try
        {
            new UTF8Encoding(false, true).GetByteCount(text);
            return true;
        }
        catch (EncoderFallbackException)
        {
            return false;
        }
    }
}
