using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rookery.Kernel.Chat;
using Rookery.Modules.Moderation.Matching;
using Rookery.Modules.Moderation.Rules;

namespace Rookery.Moderation.Tests;

/// <summary>The big list of naughty strings, as patterns and as messages.</summary>
public sealed class StrangeStringsTests(TestHost host) : IClassFixture<TestHost>
{
    private static readonly string List = Path.GetFullPath(
        Path.Combine(Root(AppContext.BaseDirectory), "..", "shared", "data", "blns.json"));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("contains")]
    [InlineData("regex")]
    public async Task They_are_stored_unchanged_or_refused_and_no_message_breaks_on_them(string matchType)
    {
        var strings = await StringsAsync();
        var channel = new Channel(host);
        foreach (var pattern in strings)
        {
            using var response = await channel.PostAsync(pattern, new() { ["match_type"] = matchType });
            if (response.StatusCode == HttpStatusCode.Created)
            {
                (await response.Content.ReadFromJsonAsync<JsonObject>(Ct))!["string"]!.GetValue<string>().ShouldBe(pattern);
            }
            else
            {
                (await response.ErrorsAsync()).Keys.ShouldBe(["string"]);
                (matchType == "regex" || pattern.Length is 0 or > 500).ShouldBeTrue(pattern);
            }
        }

        foreach (var text in strings.Where(s => s.Length is > 0 and <= 500))
        {
            var outcome = await channel.OutcomeAsync(text);
            (outcome == "ignored" && matchType == "contains").ShouldBeFalse(text);
        }

        foreach (var text in strings.Where((_, i) => i % 10 == 0))
        {
            (await channel.TestAsync(text))["normalized_text"].ShouldNotBeNull();
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task As_patterns_they_find_themselves(bool normalize)
    {
        foreach (var text in (await StringsAsync()).Where(s => s.Length > 0))
        {
            foreach (var kind in new[] { MatchKind.Exact, MatchKind.Contains, MatchKind.Word })
            {
                var rule = new Rule(
                    1, text, kind, CaseSensitive: true, normalize, 100, RuleAction.Warn, [], Verdict.Pass);
                new RuleSet([new CompiledRule(rule)]).First(ScreenedText.Of(text)).ShouldBe(rule, text);
            }
        }
    }

    private static async Task<string[]> StringsAsync()
    {
        Assert.SkipUnless(File.Exists(List), $"{List} is missing.");
        return JsonSerializer.Deserialize<string[]>(await File.ReadAllTextAsync(List, Ct))!;
    }

    private static string Root(string folder) =>
        File.Exists(Path.Combine(folder, "Rookery.slnx")) ? folder : Root(Path.GetDirectoryName(folder)!);
}
