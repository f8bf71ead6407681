using Rookery.Kernel.Expressions;

namespace Rookery.Kernel.Tests.Expressions;

public sealed class ComparisonTests
{
    [Theory]
    [InlineData("equals", "\"a\"", "\"a\"", true)]
    [InlineData("equals", "\"7\"", "7", true)]
    [InlineData("equals", "\"a\"", "\"A\"", false)]
    [InlineData("not_equals", "1", "2", true)]
    [InlineData("greater_than", "\"10\"", "\"9\"", true)]
    [InlineData("greater_than", "\"2026-02-01\"", "\"2026-01-01\"", true)]
    [InlineData("greater_than", "1", "1", false)]
    [InlineData("less_than", "\"a\"", "\"b\"", true)]
    [InlineData("less_than", "null", "1", false)]
    [InlineData("greater_equal", "null", "1", false)]
    [InlineData("greater_equal", "1", "1.0", true)]
    [InlineData("less_equal", "[]", "[]", false)]
    [InlineData("less_equal", "\"a\"", "1", false)]
    [InlineData("less_equal", "1", "\"1\"", true)]
    [InlineData("contains", "\"hello\"", "\"ell\"", true)]
    [InlineData("contains", "[1, 2]", "\"2\"", true)]
    [InlineData("contains", "{\"a\": 1}", "\"a\"", true)]
    [InlineData("contains", "null", "\"a\"", false)]
    [InlineData("not_contains", "\"hello\"", "\"x\"", true)]
    [InlineData("starts_with", "\"!quote\"", "\"!\"", true)]
    [InlineData("ends_with", "\"a.png\"", "\".jpg\"", false)]
    [InlineData("matches_regex", "\"A17\"", "\"^[A-Z][0-9]+$\"", true)]
    [InlineData("matches_regex", "\"A17\"", "\"(\"", false)]
    [InlineData("in_list", "\"b\"", "\"a, b,c\"", true)]
    [InlineData("in_list", "2", "[1, 2]", true)]
    [InlineData("in_list", "\"b\"", "null", false)]
    [InlineData("not_in_list", "\"d\"", "[\"a\"]", true)]
    [InlineData("is_empty", "null", "null", true)]
    [InlineData("is_empty", "\"  \"", "null", true)]
    [InlineData("is_empty", "{}", "null", true)]
    [InlineData("is_empty", "0", "null", false)]
    [InlineData("is_not_empty", "[0]", "null", true)]
    [InlineData("no_such_operator", "1", "1", false)]
    public void A_comparison_holds_or_not(string name, string left, string right, bool holds) =>
        Comparison.Apply(name, Language.Json(left), Language.Json(right)).ShouldBe(holds);

    [Fact]
    public void The_operators_have_names() => Comparison.Names.ShouldBe(
        [
            "equals", "not_equals", "greater_than", "less_than", "greater_equal", "less_equal", "contains",
            "not_contains", "starts_with", "ends_with", "matches_regex", "in_list", "not_in_list", "is_empty", "is_not_empty",
        ],
        ignoreOrder: true);
}
