using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Rookery.Platforms.Twitch.Irc;

namespace Rookery.Platforms.Tests.Twitch;

/// <summary>Lines of IRC.</summary>
public sealed class IrcLineTests
{
    /// <summary>
    /// Where the published cases follow their own reader and not IRCv3: several blanks are one, a backslash before a letter
    /// that needs none is dropped, and an escaped line break is one.
    /// </summary>
    private static readonly Dictionary<string, (string[]? Parameters, string? Tag)> Otherwise = new(StringComparer.Ordinal)
    {
        [":src AWAY "] = ([], null),
        [":gravel.mozilla.org 432  #momo :Erroneous Nickname: Illegal characters"] =
            (["#momo", "Erroneous Nickname: Illegal characters"], null),
        [":gravel.mozilla.org MODE #tckk +n "] = (["#tckk", "+n"], null),
        [":services.esper.net MODE #foo-bar +o foobar  "] = (["#foo-bar", "+o", "foobar"], null),
        [@"@a=b\\and\nk;c=72\s45;d=gh\:764 foo"] = (null, "b\\and\nk"),
        [@"@foo=\\\\\:\\s\s\r\n COMMAND"] = (null, "\\\\;\\s \r\n"),
        [@"@tag1=value\\ntest COMMAND"] = (null, @"value\ntest"),
        [@"@tag1=value\1 COMMAND"] = (null, "value1"),
    };

    [Fact]
    public void Every_published_case_is_read_as_it_says()
    {
        var file = Path.Combine(TestPostgres.RepositoryRoot(), "..", "shared", "data", "irc-parser-tests.json");
        if (!File.Exists(file))
        {
            Assert.Skip($"{file} is missing, so the published cases are not tried.");
        }

        var cases = JsonElement.Parse(File.ReadAllText(file)).GetProperty("tests").EnumerateArray().ToList();
        foreach (var one in cases)
        {
            var (input, expected) = (one.GetProperty("Input").GetString()!, one.GetProperty("Expected"));
            var line = IrcLine.Parse(input).ShouldNotBeNull(input);
            var otherwise = Otherwise.GetValueOrDefault(input);

            line.Command.ShouldBe(expected.GetProperty("command").GetString()!.ToUpperInvariant(), input);
            line.Parameters.ShouldBe(otherwise.Parameters ?? Texts(expected), input);
            line.Source.ShouldBe(Source(expected), input);
            Tags(expected, otherwise.Tag).ShouldBe(line.Tags.ToDictionary(StringComparer.Ordinal), ignoreOrder: true, input);
        }

        cases.Count.ShouldBe(32);
        Otherwise.Keys.ShouldBeSubsetOf(cases.Select(c => c.GetProperty("Input").GetString()!));
    }

    [Fact]
    public void Any_line_is_read_or_refused_and_never_breaks_the_reader()
    {
        var pieces = Gen.OneOf(
            Gen.Elements("@", ":", ";", "=", "\\", "\\s", " ", "  ", "#", "PRIVMSG", "a=b", "\u0001ACTION ", "\0", "\uD83D", "!"),
            ArbMap.Default.GeneratorFor<NonNull<string>>().Select(s => s.Get));
        var lines = Gen.ListOf(pieces).Select(string.Concat).ToArbitrary();

        Check.QuickThrowOnFailure(Prop.ForAll(lines, text =>
            IrcLine.Parse(text) is not { } line
            || (line.Command.Length > 0 && !line.Command.Contains(' ') && line.Text is not null && line.Login is not null && line.Channel is not null)));
    }

    [Fact]
    public void What_is_said_about_oneself_is_read_like_other_talk()
    {
        var line = IrcLine.Parse("@display-name=Ada :ada!ada@ada.tmi.twitch.tv PRIVMSG #streamer :\u0001ACTION waves: hello\u0001")!;

        (line.Text, line.Channel, line.Login).ShouldBe(("waves: hello", "streamer", "ada"));
    }

    private static string[] Texts(JsonElement expected) => expected.TryGetProperty("params", out var texts)
        ? [.. texts.EnumerateArray().Select(t => t.GetString()!)]
        : [];

    private static Dictionary<string, string> Tags(JsonElement expected, string? first)
    {
        var tags = expected.TryGetProperty("tags", out var some)
            ? some.EnumerateObject().ToDictionary(t => t.Name, t => t.Value.GetString() ?? "", StringComparer.Ordinal)
            : [];
        if (first is not null)
        {
            tags[tags.Keys.First()] = first;
        }

        return tags;
    }

    private static string? Source(JsonElement expected)
    {
        if (!expected.TryGetProperty("source", out var source))
        {
            return null;
        }

        var host = source.GetProperty("host").GetString();
        return !source.TryGetProperty("nickname", out var nick)
            ? host
            : source.GetProperty("username").GetString() is { Length: > 0 } user ? $"{nick}!{user}@{host}" : $"{nick}@{host}";
    }
}
