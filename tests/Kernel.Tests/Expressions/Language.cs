using System.Text;
using NodaTime;
using Rookery.Kernel.Expressions;

namespace Rookery.Kernel.Tests.Expressions;

/// <summary>Evaluates sources the way every test here wants it: on 1 March 2026 at 18:30 UTC, in Berlin.</summary>
internal static class Language
{
    private static readonly Instant Now = Instant.FromUtc(2026, 3, 1, 18, 30);
    private static readonly DateTimeZone Berlin = DateTimeZoneProviders.Tzdb["Europe/Berlin"];

    public static Value Json(string json) => Value.Parse(Encoding.UTF8.GetBytes(json));

    public static Evaluation With(Value names = default, Limits? limits = null, ulong seed = 1, TimeProvider? clock = null) =>
        new(new Scope(names), Now, Berlin, seed, new Budget(limits ?? Limits.Default, clock ?? TimeProvider.System));

    public static Expression Parse(string source)
    {
        Expression.TryParse(source, out var expression, out var errors).ShouldBeTrue($"{source}: {string.Join(", ", errors)}");
        return expression!;
    }

    public static Value Of(string source, Value names = default)
    {
        var (value, error) = Parse(source).Evaluate(With(names));
        error.ShouldBeNull(source);
        return value;
    }

    public static EvaluationError Error(string source, Value names = default, Limits? limits = null) =>
        Parse(source).Evaluate(With(names, limits)).Error.ShouldNotBeNull(source);

    public static Evaluated Fill(string source, Value names = default, Limits? limits = null)
    {
        Template.TryParse(source, out var template, out var errors).ShouldBeTrue($"{source}: {string.Join(", ", errors)}");
        return template!.Evaluate(With(names, limits));
    }
}
