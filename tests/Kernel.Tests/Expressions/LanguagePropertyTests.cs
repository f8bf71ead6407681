using FsCheck;
using FsCheck.Fluent;
using Rookery.Kernel.Expressions;
using Rookery.Kernel.Expressions.Functions;
using Rookery.Kernel.Expressions.Parsing;

namespace Rookery.Kernel.Tests.Expressions;

/// <summary>Whatever is written, nothing is thrown and the budget is kept.</summary>
public sealed class LanguagePropertyTests
{
    private static readonly Value Names = Language.Json(
        """{"a": 1, "b": "text 7", "c": [1, "2", null, {"d": "x"}], "d": {"a": {"b": -2.5}}, "e": "2026-03-29T02:30"}""");

    private static readonly Config Often = Config.QuickThrowOnFailure.WithMaxTest(2000);

    private static readonly Gen<string> Pieces = Gen.Frequency(
        (8, Gen.Elements("a", "b", "c", "d", "e", "f", "1", "0", "2.5", "'x'", "\"y\"", "true", "null", "99999999999999999999")),
        (8, Gen.Elements(
            "+", "-", "*", "/", "//", "%", "**", "==", "<", ">=", "and", "or", "not", "in", "?", ":", "??", "|", ".", ",", "!")),
        (6, Gen.Elements("(", ")", "[", "]", "{", "}", "{{", "}}", "{{ ", " }}")),
        (3, Gen.Elements(FunctionTable.All.Select(f => f.Name).Append("default").ToArray())),
        (1, Gen.Elements("'", "\"", "\\", "\n", "é", "👍", "\ud83d", "#", "=", "\0", "1e9", "1x")));

    [Fact]
    public void Any_text_is_parsed_and_evaluated_or_refused() => Check.One(Often, Prop.ForAll(
        Gen.Zip(Gen.ArrayOf(Pieces), Gen.Elements("", " ")).Select(p => string.Join(p.Item2, p.Item1)).ToArbitrary(),
        source =>
        {
            if (Expression.TryParse(source, out var expression, out var errors))
            {
                Keeps(expression.Evaluate);
            }
            else
            {
                errors.ShouldAllBe(e => e.Line >= 1 && e.Column >= 1 && e.Message.Length > 0);
            }

            if (Template.TryParse(source, out var template, out _))
            {
                Keeps(template.Evaluate);
            }
        }));

    [Fact]
    public void Any_tree_is_written_and_read_the_same() => Check.One(Often, Prop.ForAll(
        Tree(4).ToArbitrary(),
        tree =>
        {
            var full = new Printer(allBrackets: true).Print(tree);
            new Printer(allBrackets: true).Print(Language.Parse(full).Root).ShouldBe(full);
            var least = new Printer(allBrackets: false).Print(tree);
            new Printer(allBrackets: true).Print(Language.Parse(least).Root).ShouldBe(full, least);
            Keeps(Language.Parse(least).Evaluate);
            Language.Parse(full).Evaluate(Language.With(Names)).Value
                .ShouldBe(Language.Parse(least).Evaluate(Language.With(Names)).Value);
        }));

    [Fact]
    public void Any_function_takes_any_values() => Check.One(Often.WithMaxTest(10_000), Prop.ForAll(
        Gen.Zip(Gen.Elements(FunctionTable.All.ToArray()), Gen.ListOf(Values.Any(2), 4)).ToArbitrary(),
        call =>
        {
            var (function, values) = (call.Item1, call.Item2);
            for (var count = function.Least; count <= Math.Min(function.Most, values.Count); count++)
            {
                var names = Value.Object([.. values.Select((v, i) => ($"v{i}", v))]);
                var source = $"{function.Name}({string.Join(", ", Enumerable.Range(0, count).Select(i => $"v{i}"))})";
                Keeps(Language.Parse(source).Evaluate, names);
            }
        }));

    [Fact]
    public void Operators_take_any_values() => Check.One(Often.WithMaxTest(300), Prop.ForAll(
        Gen.Zip(Values.Any(2), Values.Any(2)).ToArbitrary(),
        pair =>
        {
            var names = Value.Object(("a", pair.Item1), ("b", pair.Item2));
            foreach (var sign in new[] { "+", "-", "*", "/", "//", "%", "**", "==", "<", ">=", "in", "and", "??" })
            {
                Keeps(Language.Parse($"a {sign} b").Evaluate, names);
            }

            Keeps(Language.Parse("a[b]").Evaluate, names);
            foreach (var name in Comparison.Names)
            {
                Comparison.Apply(name, pair.Item1, pair.Item2);
            }
        }));

    private delegate Evaluated Evaluate(in Evaluation evaluation);

    private static void Keeps(Evaluate evaluate, Value? names = null)
    {
        var limits = new Limits { Text = 1000, Items = 50, Steps = 500, Size = 5000, Time = TimeSpan.FromMinutes(1) };
        var evaluation = Language.With(names ?? Names, limits);
        var (value, error) = evaluate(evaluation);
        evaluation.Budget.StepsTaken.ShouldBeLessThanOrEqualTo(limits.Steps + 1);
        (value.IsNull || error is null).ShouldBeTrue();
        if (error is null)
        {
            value.Size.ShouldBeLessThanOrEqualTo(limits.Size);
            value.Depth.ShouldBeLessThanOrEqualTo(limits.Depth);
            Language.Json(value.ToJson()).Kind.ShouldBe(value.Kind);
        }
        else
        {
            error.Code.ShouldNotBe(EvaluationErrors.TooSlow);
            error.Message.ShouldNotBeNullOrWhiteSpace();
        }
    }

    private static Gen<Node> Tree(int depth)
    {
        var leaf = Gen.OneOf<Node>(
            Gen.Elements("a", "b", "c", "d", "f", "_x1").Select(n => (Node)new Name(0, n)),
            Gen.Elements<Value>(0, 7, 2.5m, "x", "q\"\\\n", true, false, Value.Null).Select(v => (Node)new Constant(0, v)));
        if (depth == 0)
        {
            return leaf;
        }

        var one = Tree(depth - 1);
        var two = Gen.Zip(one, one);
        var three = Gen.Zip(one, two);
        return Gen.OneOf(
            leaf,
            Gen.Zip(Gen.Elements(Enum.GetValues<Operator>()), two)
                .Select(t => (Node)new Operation(0, t.Item1, t.Item2.Item1, t.Item2.Item2)),
            Gen.Zip(Gen.Elements(true, false), two)
                .Select(t => (Node)new Junction(0, t.Item1, t.Item2.Item1, t.Item2.Item2)),
            Gen.Zip(Gen.Elements(true, false), two)
                .Select(t => (Node)new Fallback(0, t.Item2.Item1, t.Item2.Item2, t.Item1)),
            one.Select(n => (Node)new Not(0, n)),
            one.Select(n => (Node)new Negation(0, n)),
            three.Select(t => (Node)new Choice(0, t.Item1, t.Item2.Item1, t.Item2.Item2)),
            Gen.Zip(one, Gen.Elements("a", "in", "not")).Select(t => (Node)new MemberPath(0, t.Item1, t.Item2)),
            two.Select(t => (Node)new IndexPath(0, t.Item1, t.Item2)),
            two.Select(t => (Node)new ListLiteral(0, [t.Item1, t.Item2])),
            two.Select(t => (Node)new ObjectLiteral(0, ["k", "l"], [t.Item1, t.Item2])),
            Gen.Zip(Gen.Elements("upper", "sum", "length"), one).Select(t => FunctionTable.Call(t.Item1, 0, [t.Item2], out _)!));
    }
}
