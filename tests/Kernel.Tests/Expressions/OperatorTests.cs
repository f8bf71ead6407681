using FsCheck;
using FsCheck.Fluent;
using Rookery.Kernel.Expressions;

namespace Rookery.Kernel.Tests.Expressions;

public sealed class OperatorTests
{
    private static readonly Value Names = Language.Json("""
        {"user": {"name": "Anna", "roles": ["mod"], "not": 1}, "amount": 60, "word": "10", "big": [1, [2, 3]]}
        """);

    [Theory]
    [InlineData("1 + 2 * 3", "7")]
    [InlineData("(1 + 2) * 3", "9")]
    [InlineData("2 ** 3 ** 2", "512")]
    [InlineData("-2 ** 2", "-4")]
    [InlineData("2 ** -1", "0.5")]
    [InlineData("4 ** 0.5", "2")]
    [InlineData("10 - 3 - 2", "5")]
    [InlineData("7 // -2", "-4")]
    [InlineData("7 % -2", "-1")]
    [InlineData("7.5 // 2", "3")]
    [InlineData("1e2 + .5.x ?? 1", null)]
    [InlineData("0.1 + 0.2 == 0.3", "true")]
    [InlineData("'5' * 2", "10")]
    [InlineData("'5' + 2", "\"52\"")]
    [InlineData("null + 'a' + true", "\"atrue\"")]
    [InlineData("[1] + [2]", "[1, 2]")]
    [InlineData("amount * 2 > 100 and 'mod' in user.roles", "true")]
    [InlineData("word == 10", "true")]
    [InlineData("word == '10.0'", "false")]
    [InlineData("10 == '10.0'", "true")]
    [InlineData("word > 9", "true")]
    [InlineData("word > '9'", "false")]
    [InlineData("true == 1", "false")]
    [InlineData("null == null", "true")]
    [InlineData("[1, {a: 2}] == [1.0, {a: 2}]", "true")]
    [InlineData("false and missing", "false")]
    [InlineData("true or missing", "true")]
    [InlineData("not true or true", "true")]
    [InlineData("not (true or true)", "false")]
    [InlineData("!true == false", "true")]
    [InlineData("1 < 2 ? 'a' : 2 < 1 ? 'b' : 'c'", "\"a\"")]
    [InlineData("1 > 2 ? 'a' : 2 < 1 ? 'b' : 'c'", "\"c\"")]
    [InlineData("missing ?? null ?? amount + 1", "61")]
    [InlineData("missing.deep[3] ?? 1", "1")]
    [InlineData("default(upper(missing), 'x')", "\"x\"")]
    [InlineData("missing | trim | default('x')", "\"x\"")]
    [InlineData("user.name ?? missing", "\"Anna\"")]
    [InlineData("user.none.deep", "null")]
    [InlineData("user.not", "1")]
    [InlineData("big[1][-1]", "3")]
    [InlineData("big[7]", "null")]
    [InlineData("user['na' + 'me']", "\"Anna\"")]
    [InlineData("'abc'[0]", "\"a\"")]
    [InlineData("1 in [1, 2] and 3 not in [1, 2]", "true")]
    [InlineData("'name' in user", "true")]
    [InlineData("1 in '123'", "true")]
    [InlineData("1 in null", "false")]
    [InlineData("user.name.upper().lower() | capitalize", "\"Anna\"")]
    [InlineData("1 + 1 | text", "\"2\"")]
    [InlineData("{'a b': [1, {c: null}], d: 'x',}", "{\"a b\": [1, {\"c\": null}], \"d\": \"x\"}")]
    [InlineData("'\\u0041\\n\\'' + \"\\\"\"", "\"A\\n'\\\"\"")]
    [InlineData("true&&!false||false", "true")]
    public void An_expression_has_its_value(string source, string? json)
    {
        if (json is null)
        {
            Expression.TryParse(source, out _, out _).ShouldBeFalse();
            return;
        }

        Language.Of(source, Names).ShouldBe(Language.Json(json), source);
    }

    [Theory]
    [InlineData("1 / 0", EvaluationErrors.DivisionByZero, 3)]
    [InlineData("1 +\n2 // (1 - 1)", EvaluationErrors.DivisionByZero, 3)]
    [InlineData("0 ** -1", EvaluationErrors.DivisionByZero, 3)]
    [InlineData("9e27 * 100", EvaluationErrors.Overflow, 6)]
    [InlineData("10 ** 29", EvaluationErrors.Overflow, 4)]
    [InlineData("2 ** 1001", EvaluationErrors.Overflow, 3)]
    [InlineData("0.1 ** 100 + 10 ** -30", EvaluationErrors.Overflow, 17)]
    [InlineData("missing + 1", EvaluationErrors.UnknownName, 1)]
    [InlineData("1 - 'a'", EvaluationErrors.WrongKind, 3)]
    [InlineData("1 < 'a'", EvaluationErrors.WrongKind, 3)]
    [InlineData("null < 1", EvaluationErrors.WrongKind, 6)]
    [InlineData("1 in 12", EvaluationErrors.WrongKind, 3)]
    [InlineData("sqrt(-1)", EvaluationErrors.WrongValue, 1)]
    [InlineData("'a' | round", EvaluationErrors.WrongKind, 5)]
    [InlineData("(-1) ** 0.5", EvaluationErrors.WrongValue, 6)]
    public void An_error_tells_where(string source, string code, int column)
    {
        var error = Language.Error(source, Names);
        error.Code.ShouldBe(code, error.Message);
        error.Column.ShouldBe(column, error.Message);
        error.Line.ShouldBe(source.Contains('\n', StringComparison.Ordinal) ? 2 : 1);
    }

    [Fact]
    public void An_unknown_name_is_told_with_the_cure() => Language.Error("nickname.length()").Message
        .ShouldBe("Nothing is called nickname here. Write default(nickname, \"…\") to say what to take instead.");

    [Fact]
    public void Names_are_the_first_ones_of_paths()
    {
        var expression = Language.Parse("a.b[c] + upper(d) ?? {e: 'f'}.g");
        expression.Names.ShouldBe(["a", "c", "d"], ignoreOrder: true);
        expression.IsConstant.ShouldBeFalse();
        Language.Parse("upper('a') + 1").IsConstant.ShouldBeTrue();
        Language.Parse("random(1, 2)").IsConstant.ShouldBeFalse();
    }

    [Fact]
    public void Division_fits_its_remainder() => Check.QuickThrowOnFailure(Prop.ForAll(
        Gen.Zip(Gen.Choose(-100_000, 100_000), Gen.Choose(-999, 999).Where(b => b != 0)).ToArbitrary(),
        pair =>
        {
            var (a, b) = (pair.Item1 / 10m, pair.Item2 / 10m);
            var names = Value.Object(("a", a), ("b", b));
            Language.Of("a // b", names).ShouldBe((Value)decimal.Floor(a / b));
            Language.Of("(a // b) * b + a % b == a", names).ShouldBe(Value.True);
            Language.Of("a + b * a - b", names).ShouldBe((Value)(a + (b * a) - b));
            Language.Of("a % b == 0 or (a % b < 0) == (b < 0)", names).ShouldBe(Value.True);
        }));

    [Fact]
    public void A_large_division_is_exact() =>
        Language.Of("79228162514264337593543950335 // 10 * 10 + 79228162514264337593543950335 % 10")
            .ShouldBe((Value)decimal.MaxValue);
}
