using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Rookery.Kernel.Expressions;

namespace Rookery.Kernel.Tests.Expressions;

public sealed class ValueTests
{
    [Theory]
    [InlineData("null", "")]
    [InlineData("true", "true")]
    [InlineData("1.500", "1.5")]
    [InlineData("100", "100")]
    [InlineData("-0.0", "0")]
    [InlineData("0.00001", "0.00001")]
    [InlineData("1e3", "1000")]
    [InlineData("\"a\"", "a")]
    [InlineData("[1.0, {\"é\": null}]", "[1,{\"é\":null}]")]
    public void Text_of_a_value(string json, string text) => Language.Json(json).ToText().ShouldBe(text);

    [Fact]
    public void An_id_of_28_digits_stays_exact() =>
        Language.Json("9007199254740993000000000001").ToJson().ShouldBe("9007199254740993000000000001");

    [Theory]
    [InlineData("1e400")]
    [InlineData("123456789012345678901234567890")]
    public void A_number_too_large_becomes_text(string json)
    {
        Language.Json(json).Kind.ShouldBe(ValueKind.Text);
        Language.Json(json).ToText().ShouldBe(json);
    }

    [Fact]
    public void Deep_JSON_is_refused()
    {
        static string Nested(int depth) => new string('[', depth) + new string(']', depth);
        Language.Json(Nested(64)).Depth.ShouldBe(64);
        Should.Throw<JsonException>(() => Language.Json(Nested(65)));
        Value.Parse(Encoding.UTF8.GetBytes(Nested(Value.MaxDepth)), Value.MaxDepth).Depth.ShouldBe(Value.MaxDepth);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[1")]
    [InlineData("1 2")]
    [InlineData("\"\\ud800\"")]
    public void What_is_no_JSON_is_refused(string json)
    {
        Should.Throw<JsonException>(() => Language.Json(json));
        Value.TryParse(json, out _).ShouldBeFalse();
    }

    [Fact]
    public void A_value_that_is_too_deep_cannot_be_made()
    {
        var deep = Value.Null;
        for (var i = 0; i < Value.MaxDepth; i++)
        {
            deep = Value.List(deep);
        }

        Should.Throw<ArgumentException>(() => Value.List(deep));
        Should.Throw<ArgumentException>(() => Value.EmptyObject.With("a", deep));
    }

    [Fact]
    public void Size_is_known_even_of_a_value_that_holds_another_one_2_to_the_100_times()
    {
        var value = Value.List("text", "text");
        for (var i = 0; i < 100; i++)
        {
            value = Value.List(value, value);
        }

        value.Size.ShouldBeGreaterThan(long.MaxValue / 8);
    }

    [Fact]
    public void With_makes_another_object()
    {
        var before = Value.Object(("a", 1), ("b", 2));
        before.With("a", 3).ToText().ShouldBe("{\"a\":3,\"b\":2}");
        before.With("c", 3).ToText().ShouldBe("{\"a\":1,\"b\":2,\"c\":3}");
        before.ToText().ShouldBe("{\"a\":1,\"b\":2}");
        Value.Null.With("a", 1).ToText().ShouldBe("{\"a\":1}");
    }

    [Fact]
    public void The_order_of_members_does_not_count_that_of_items_does()
    {
        var some = Value.Object(("a", 1), ("b", 2));
        some.ShouldBe(Value.Object(("b", 2), ("a", 1.0m)));
        some.GetHashCode().ShouldBe(Value.Object(("b", 2), ("a", 1.0m)).GetHashCode());
        Value.List(1, 2).ShouldNotBe(Value.List(2, 1));
    }

    [Fact]
    public void Objects_of_many_members_find_them_all()
    {
        var builder = new ObjectBuilder();
        for (var i = 0; i < 1000; i++)
        {
            builder.Set($"m{i}", -i).Set($"m{i}", i);
        }

        var many = builder.Build();
        many.Members.Length.ShouldBe(1000);
        Enumerable.Range(0, 1000).ShouldAllBe(i => many[$"m{i}"] == i);
        many.TryGet("m1000", out _).ShouldBeFalse();
    }

    [Fact]
    public void Half_a_surrogate_pair_does_not_break_JSON()
    {
        var half = Value.List("a\ud83d", Value.Object(("\udc00", 1)));
        Language.Json(half.ToJson()).Items.Length.ShouldBe(2);
    }

    [Fact]
    public void Contracts_may_have_values()
    {
        var read = JsonSerializer.Deserialize<Value[]>("[null, 1.50, {\"a\": []}]")!;
        JsonSerializer.Serialize(read).ShouldBe("[null,1.5,{\"a\":[]}]");
    }

    [Fact]
    public void What_is_written_reads_the_same() => Check.QuickThrowOnFailure(Prop.ForAll(
        Values.Any(4).ToArbitrary(),
        value => Language.Json(value.ToJson()) == value && Language.Json(value.ToJson()).GetHashCode() == value.GetHashCode()));
}
