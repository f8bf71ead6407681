using FsCheck;
using FsCheck.Fluent;
using Rookery.Kernel.SignIn;

namespace Rookery.Kernel.Tests.SignIn;

public sealed class LocalPathTests
{
    private const string Origin = "https://bots.example.org";

    private static readonly string[] Pieces =
        ["/", "//", "\\", "evil.example", "@", ":", "http:", "https://", "..", ".", "%2f", "%5c", "?", "#", "\t", "\n", "\r", " ", "a", "javascript:", "\0", "ü", "／"];

    [Theory]
    [InlineData("/account", "/account")]
    [InlineData("/a/../b?x=1&y=/z#f", "/b?x=1&y=/z#f")]
    [InlineData("/%2f%2fevil.example", "/%2f%2fevil.example")]
    [InlineData("/", "/")]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData("account", null)]
    [InlineData("//evil.example", null)]
    [InlineData("/\\evil.example", null)]
    [InlineData("/..//evil.example", null)]
    [InlineData("/\t/evil.example", null)]
    [InlineData("https://evil.example/", null)]
    [InlineData("@evil.example", null)]
    [InlineData("javascript:alert(1)", null)]
    public void Only_a_path_of_ours_comes_through(string? text, string? path) => LocalPath.Of(text).ShouldBe(path);

    [Fact]
    public void Whatever_is_asked_for_never_leaves_the_origin()
    {
        var pieces = Gen.Elements(Pieces).ListOf().Select(p => string.Concat(p));
        var texts = Gen.OneOf(pieces, pieces.Select(p => $"/{p}"), ArbMap.Default.GeneratorFor<string>().Select(s => $"/{s}"));
        Prop.ForAll(
            texts.ToArbitrary(),
            text => LocalPath.Of(text) is not { } path || (StaysAt(Origin + path) && StaysAt(path) && LocalPath.Of(path) == path))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    /// <summary>As a browser reads it: without tabs and line ends, and with a backslash as a slash.</summary>
    private static bool StaysAt(string location)
    {
        var read = string.Concat(location.Where(c => c is not ('\t' or '\n' or '\r'))).Trim().Replace('\\', '/');
        return new Uri(new Uri(Origin), read) is { Authority: "bots.example.org", Scheme: "https", UserInfo: "" };
    }
}
