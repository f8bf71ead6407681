using Rookery.Kernel.Expressions;

namespace Rookery.Kernel.Tests.Expressions;

public sealed class LimitTests
{
    private static readonly Value Names = Value.Object(
        ("long", new string('a', 40_000)),
        ("many", Value.List([.. Enumerable.Range(0, 9_000).Select(i => (Value)i)])),
        ("deep", Nested(64)),
        ("one", Shared()),
        ("other", Shared()));

    [Theory]
    [InlineData("repeat('a', 65537)")]
    [InlineData("long + long")]
    [InlineData("long.replace('a', 'bb')")]
    [InlineData("replace(long, 'a', long)")]
    [InlineData("[long, long].join()")]
    [InlineData("join(many, repeat('-', 100))")]
    [InlineData("pad_start('', 60000, repeat('é\u0301\u0301', 10000))")]
    [InlineData("many + many")]
    [InlineData("split(long, '')")]
    [InlineData("split(long, 'a')")]
    [InlineData("[deep]")]
    [InlineData("{a: deep}")]
    [InlineData("merge({}, {a: deep})")]
    [InlineData("[[long, long, long, long, long, long, long, long], [long, long, long, long, long, long, long, long],"
        + "[long, long, long, long, long, long, long, long], [long, long, long, long, long, long, long, long]]")]
    [InlineData("[one]")]
    [InlineData("'' + one")]
    public void What_grows_too_large_is_an_error(string source) =>
        Language.Error(source, Names).Code.ShouldBe(EvaluationErrors.TooLarge);

    [Theory]
    [InlineData("one == other")]
    [InlineData("one in [one]")]
    [InlineData("text(one)")]
    [InlineData("to_json(one)")]
    [InlineData("find(long, slice(long, 0, 20000) + 'b')")]
    [InlineData("slice(long, 0, 20000) + 'b' in long")]
    [InlineData("count(long, slice(long, 0, 20000) + 'b')")]
    [InlineData("replace(long, slice(long, 0, 20000) + 'b', '')")]
    [InlineData("split(long, slice(long, 0, 20000) + 'b')")]
    [InlineData("pluck(many, long)")]
    [InlineData("where(many, long)")]
    [InlineData("sort(many, long)")]
    [InlineData("unique([one, other])")]
    [InlineData("length(one)")]
    public void What_takes_too_long_is_not_begun(string source) => Language.Error(source, Names).Code
        .ShouldBeOneOf(EvaluationErrors.TooManySteps, EvaluationErrors.TooLarge);

    [Fact]
    public void Texts_in_a_template_count_together()
    {
        Language.Fill("{{ long }} {{ 1 }}", Names).Error.ShouldBeNull();
        Language.Fill("{{ long }} {{ long }}", Names).Error!.Code.ShouldBe(EvaluationErrors.TooLarge);
        Language.Fill("{{ one }}!", Names).Error!.Code.ShouldBe(EvaluationErrors.TooLarge);
    }

    [Fact]
    public void Evaluations_share_a_budget()
    {
        var evaluation = Language.With(Names, new Limits { Steps = 10 });
        var expression = Language.Parse("1 + 2 + 3");
        for (var i = 0; i < 5; i++)
        {
            expression.Evaluate(evaluation).Value.ShouldBe(6);
        }

        expression.Evaluate(evaluation).Error!.Code.ShouldBe(EvaluationErrors.TooManySteps);
        evaluation.Budget.StepsTaken.ShouldBe(11);
    }

    [Fact]
    public void Work_on_long_texts_costs_steps()
    {
        var evaluation = Language.With(Names);
        Language.Parse("upper(long) == lower(long)").Evaluate(evaluation).Value.ShouldBe(Value.False);
        evaluation.Budget.StepsTaken.ShouldBeInRange(5 * 39, 7 * 39);
    }

    [Fact]
    public void A_slow_evaluation_ends()
    {
        var source = string.Join(" + ", Enumerable.Repeat("sum(many)", 200));
        var error = Language.Parse(source).Evaluate(Language.With(Names, clock: new SlowClock())).Error!;
        error.Code.ShouldBe(EvaluationErrors.TooSlow);
        error.Message.ShouldContain("50 ms");
    }

    [Theory]
    [InlineData("matches_regex(long, '^(a+)+$')", true)]
    [InlineData("matches_regex(long, '^(a+)+b$')", false)]
    public void A_regular_expression_does_not_go_back(string source, bool matches) =>
        Language.Of(source, Names).ShouldBe(matches);

    [Theory]
    [InlineData("matches_regex('a', '(')")]
    [InlineData("matches_regex('a', '(?=a)')")]
    [InlineData("matches_regex('aa', '(a)\\\\1')")]
    [InlineData("matches_regex('a', repeat('a', 513))")]
    [InlineData("matches_regex('a', '((a{1000}){1000}){1000}')")]
    public void A_pattern_that_cannot_be_used_is_an_error(string source) =>
        Language.Error(source).Code.ShouldBe(EvaluationErrors.WrongValue);

    [Fact]
    public void Chance_is_the_same_again_and_fair()
    {
        var expression = Language.Parse("[random(1, 6), random(1, 6), pick(many), shuffle(slice(many, 0, 20))]");
        Value Roll(ulong seed) => expression.Evaluate(Language.With(Names, seed: seed)).Value;

        Roll(7).ShouldBe(Roll(7));
        Roll(7).ShouldNotBe(Roll(8));
        var counts = Enumerable.Range(0, 6000).CountBy(i => Roll((ulong)i).Items[0].ToText()).ToDictionary();
        counts.Keys.Order(StringComparer.Ordinal).ShouldBe(["1", "2", "3", "4", "5", "6"]);
        counts.Values.ShouldAllBe(c => c > 800 && c < 1200);
        Roll(1).Items[3].Items.ToArray().Select(v => v.ToText()).ShouldBe(
            Enumerable.Range(0, 20).Select(i => $"{i}"), ignoreOrder: true);
    }

    [Fact]
    public void Scopes_may_be_nested()
    {
        var outer = new Scope(Value.Object(("a", 1), ("b", 2)));
        var evaluation = Language.With() with { Names = new Scope(Value.Object(("a", 3)), outer) };
        Language.Parse("[a, b]").Evaluate(evaluation).Value.ShouldBe(Value.List(3, 2));
    }

    private static Value Nested(int depth) => depth == 0 ? 1 : Value.List(Nested(depth - 1));

    /// <summary>A value that would be 2 to the 60 texts long when it is written.</summary>
    private static Value Shared()
    {
        var value = Value.List("text");
        for (var i = 0; i < 60; i++)
        {
            value = Value.List(value, value);
        }

        return value;
    }

    /// <summary>30 ms go by whenever somebody looks.</summary>
    private sealed class SlowClock : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => _now += 30;
    }
}
