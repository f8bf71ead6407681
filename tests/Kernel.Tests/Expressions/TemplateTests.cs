using System.Text.Json;
using Rookery.Kernel.Expressions;

namespace Rookery.Kernel.Tests.Expressions;

public sealed class TemplateTests
{
    private static readonly Value Names =
        Language.Json("""{"user": {"name": "Anna", "points": 120.50}, "none": null, "sly": "{{ user.name }}", "list": [1, "b"]}""");

    [Theory]
    [InlineData("", "\"\"")]
    [InlineData("Hello!", "\"Hello!\"")]
    [InlineData("Hello {{user.name}}!", "\"Hello Anna!\"")]
    [InlineData("{{ user.points }}", "120.5")]
    [InlineData("{{ user.points }} ", "\"120.5 \"")]
    [InlineData("{{ list }}", "[1, \"b\"]")]
    [InlineData("{{ user.points }}{{ list }}{{ none }}", "\"120.5[1,\\\"b\\\"]\"")]
    [InlineData("{{ {a: {b: 1}} }}", "{\"a\": {\"b\": 1}}")]
    [InlineData("{{{a: {b: 1}}}}", "{\"a\": {\"b\": 1}}")]
    [InlineData("{{ '}}' }} and {{ \"{{\" }}", "\"}} and {{\"")]
    [InlineData("{ user } }} {", "\"{ user } }} {\"")]
    [InlineData("{{ sly }} {{ '{{' + 'user.name }}' }}", "\"{{ user.name }} {{user.name }}\"")]
    [InlineData("{{ user.name\n  | upper }}", "\"ANNA\"")]
    public void A_template_has_its_value(string source, string json)
    {
        var (value, error) = Language.Fill(source, Names);
        error.ShouldBeNull();
        value.ShouldBe(Language.Json(json));
    }

    [Fact]
    public void An_error_tells_its_line_and_column()
    {
        var error = Language.Fill("Hello\n  {{ nobody.name }}!", Names).Error.ShouldNotBeNull();
        (error.Code, error.Line, error.Column).ShouldBe((EvaluationErrors.UnknownName, 2, 6));
    }

    [Fact]
    public void What_it_needs_is_known()
    {
        Template.TryParse("{{ a.b }} {{ c | default(d) }}", out var template, out _).ShouldBeTrue();
        template!.Names.ShouldBe(["a", "c", "d"], ignoreOrder: true);
        template.IsConstant.ShouldBeFalse();
        Template.TryParse("only {{ 'text' }}", out template, out _).ShouldBeTrue();
        template!.IsConstant.ShouldBeTrue();
    }

    [Fact]
    public async Task Naughty_strings_come_out_as_they_went_in()
    {
        var file = Path.Combine(TestPostgres.RepositoryRoot(), "..", "shared", "data", "blns.json");
        Assert.SkipUnless(File.Exists(file), $"{file} is missing: the naughty strings were not tried.");
        var texts = JsonSerializer.Deserialize<string[]>(
            await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken))!;
        texts.Length.ShouldBe(515);
        foreach (var text in texts)
        {
            var names = Value.Object(("text", text));
            Language.Fill("<{{ text }}>", names).Value.ToText().ShouldBe($"<{text}>");
            Language.Fill("{{ [text] | to_json | parse_json | first }}", names).Value.ToText().ShouldBe(text);
            Language.Fill("{{ slice(text, 0, 3) + slice(text, 3) }}", names).Value.ToText().ShouldBe(text);
            Language.Fill("{{ text | split('') | join }}", names).Value.ToText().ShouldBe(text);
            if (!text.Contains("{{", StringComparison.Ordinal))
            {
                Language.Fill(text).Value.ToText().ShouldBe(text);
            }
        }
    }
}
