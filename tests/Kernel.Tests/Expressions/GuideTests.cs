using System.Text.RegularExpressions;
using Rookery.Kernel.Expressions;
using Rookery.Kernel.Expressions.Functions;

namespace Rookery.Kernel.Tests.Expressions;

/// <summary>The page for users says what is so: its examples are tried.</summary>
public sealed partial class GuideTests
{
    private static readonly string Page =
        File.ReadAllText(Path.Combine(TestPostgres.RepositoryRoot(), "docs", "guide", "expressions.md"));

    private static readonly Value Names = Language.Json(NamesBlock().Match(Page).Groups["json"].Value);

    public static TheoryData<string, string> Examples => [.. Rows(4).Select(r => (Code(r[2])!, r[3]))];

    public static TheoryData<string, string> Templates =>
        [.. Rows(2).Where(r => Code(r[0]) is not null).Select(r => (Code(r[0])!, Code(r[1])!))];

    [Theory]
    [MemberData(nameof(Examples))]
    public void An_example_gives_what_the_page_says(string source, string cell)
    {
        var value = Language.Of(source, Names);
        if (Code(cell) is { } json)
        {
            value.ToJson().ShouldBe(Language.Json(json).ToJson());
        }
    }

    [Theory]
    [MemberData(nameof(Templates))]
    public void A_template_gives_what_the_page_says(string source, string text) =>
        Language.Fill(source, Names).Value.ToText().ShouldBe(text);

    [Fact]
    public void Every_function_is_on_the_page()
    {
        var forms = Rows(4).Select(r => r[0]).ToList();
        foreach (var function in FunctionTable.All)
        {
            var expected = string.Join(" or ", function.OtherNames.Prepend(function.Form).Select(n => $"`{n}`"));
            forms.ShouldContain(expected);
        }

        forms.Count(f => f.Contains('(', StringComparison.Ordinal)).ShouldBe(FunctionTable.All.Count + 1, "default is the other one");
    }

    [Fact]
    public void The_limits_are_on_the_page()
    {
        var limits = Limits.Default;
        Page.ShouldContain($"10 000 steps and {limits.Time.TotalMilliseconds} ms, and make texts of 65 536 characters and lists of 10 000 items");
        (limits.Steps, limits.Text, limits.Items).ShouldBe((10_000, 65_536, 10_000));
    }

    /// <summary>The cells of the tables that have so many columns, without the head.</summary>
    private static IEnumerable<string[]> Rows(int columns) => Page.Split('\n')
        .Where(l => l.StartsWith('|') && !l.StartsWith("|---", StringComparison.Ordinal) && !l.StartsWith("| you write", StringComparison.Ordinal))
        .Select(l => Bar().Split(l)[1..^1].Select(c => c.Trim().Replace("\\|", "|", StringComparison.Ordinal)).ToArray())
        .Where(r => r.Length == columns && (columns != 4 || Code(r[2]) is not null));

    private static string? Code(string cell) => cell.StartsWith('`') && cell.EndsWith('`') ? cell[1..^1] : null;

    [GeneratedRegex(@"(?<!\\)\|", RegexOptions.None, 1000)]
    private static partial Regex Bar();

    [GeneratedRegex(@"```json\n(?<json>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NamesBlock();
}
