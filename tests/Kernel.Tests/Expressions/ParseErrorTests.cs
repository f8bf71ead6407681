using Rookery.Kernel.Expressions;

namespace Rookery.Kernel.Tests.Expressions;

public sealed class ParseErrorTests
{
    [Theory]
    [InlineData("", 1, "ends too early")]
    [InlineData("1 +", 4, "ends too early")]
    [InlineData("1 2", 3, "2 is not expected")]
    [InlineData("a = 1", 3, "==")]
    [InlineData("'abc", 1, "no closing '")]
    [InlineData("'a\\qb'", 3, "After a \\")]
    [InlineData("'a\\u12'", 3, "hexadecimal")]
    [InlineData("a.", 3, "After the point")]
    [InlineData("a.0", 3, "[0]")]
    [InlineData("a[1", 4, "The ] is missing")]
    [InlineData("(1", 3, "The ) is missing")]
    [InlineData("[1 2]", 4, "A comma or the ]")]
    [InlineData("{a 1}", 4, "The : is missing")]
    [InlineData("{1: 1}", 2, "A member is written")]
    [InlineData("a ? 1", 6, "the : is missing")]
    [InlineData("1 < 2 < 3", 7, "make no chain")]
    [InlineData("uper('a')", 1, "Is upper meant?")]
    [InlineData("a | ", 5, "the name of a function")]
    [InlineData("upper()", 1, "upper(text)")]
    [InlineData("a.upper(1)", 3, "upper(text)")]
    [InlineData("default(a)", 1, "default(value, other)")]
    [InlineData("1a", 1, "A number ends in a letter")]
    [InlineData("1e40", 1, "too large")]
    [InlineData("a and", 6, "ends too early")]
    [InlineData("not", 4, "ends too early")]
    [InlineData("a # b", 3, "means nothing here")]
    [InlineData("a == not b", 6, "A value is expected here, not not")]
    [InlineData("a not b", 3, "not is not expected")]
    [InlineData("in", 1, "A value is expected here, not in")]
    public void An_error_tells_the_column_and_the_cure(string source, int column, string message)
    {
        Expression.TryParse(source, out var expression, out var errors).ShouldBeFalse();
        expression.ShouldBeNull();
        var error = errors.ShouldHaveSingleItem();
        error.Message.ShouldContain(message, Case.Insensitive);
        (error.Line, error.Column).ShouldBe((1, column), error.Message);
    }

    [Fact]
    public void A_template_tells_an_error_of_each_expression()
    {
        Template.TryParse("a {{ 1 + }}\nb {{ fine }}\n  c {{ uper(1) }} {{ open", out _, out var errors).ShouldBeFalse();
        errors.Select(e => (e.Line, e.Column)).ShouldBe([(1, 10), (3, 8), (3, 19)]);
        errors[2].Message.ShouldContain("no }}");
    }

    [Fact]
    public void An_expression_ends_with_two_braces()
    {
        Template.TryParse("{{ a } b", out _, out var errors).ShouldBeFalse();
        errors.ShouldHaveSingleItem().Message.ShouldContain("ends with }}");
    }

    [Fact]
    public void A_source_may_be_16_384_characters_long()
    {
        Template.TryParse(new string('a', 16_384), out _, out _).ShouldBeTrue();
        Template.TryParse(new string('a', 16_385), out _, out _).ShouldBeFalse();
        Expression.TryParse(new string(' ', 16_384) + "1", out _, out var errors).ShouldBeFalse();
        errors.ShouldHaveSingleItem().Message.ShouldContain("16384");
    }

    /// <summary>Whatever repeats in the grammar, as long as a source can be: none may take the stack away.</summary>
    [Theory]
    [InlineData("(", "1", ")")]
    [InlineData("[", "1", "]")]
    [InlineData("{a:", "1", "}")]
    [InlineData("-", "1", "")]
    [InlineData("!", "1", "")]
    [InlineData("not ", "1", "")]
    [InlineData("1 ?? ", "1", "")]
    [InlineData("1 ** ", "1", "")]
    [InlineData("1 + ", "1", "")]
    [InlineData("1 and ", "1", "")]
    [InlineData("a ? 1 : ", "1", "")]
    [InlineData("a ? ", "1", " : 1")]
    [InlineData("", "a", ".b")]
    [InlineData("", "a", "[0]")]
    [InlineData("", "a", " | text")]
    [InlineData("", "a", ".text()")]
    [InlineData("a[", "1", "]")]
    [InlineData("abs(", "1", ")")]
    [InlineData("default(", "1", ", 1)")]
    public void Deep_nesting_is_refused(string before, string middle, string after)
    {
        var often = (16_000 / (before.Length + after.Length)) - 1;
        var source = string.Concat(Enumerable.Repeat(before, often)) + middle + string.Concat(Enumerable.Repeat(after, often));
        Expression.TryParse(source, out _, out var errors).ShouldBeFalse();
        errors.ShouldHaveSingleItem().Message.ShouldContain("More than");

        var some = string.Concat(Enumerable.Repeat(before, 50)) + middle + string.Concat(Enumerable.Repeat(after, 50));
        Language.Parse(some).Evaluate(Language.With(Value.Object(("a", 1)))).Error?.Code.ShouldBe(EvaluationErrors.WrongKind);
    }
}
