using NodaTime;

namespace Rookery.Kernel.Expressions;

/// <summary>What an expression is evaluated with. The same evaluation gives the same result every time.</summary>
/// <param name="Now">The moment the evaluation believes it is.</param>
/// <param name="Zone">The zone of dates that name none.</param>
/// <param name="Seed">What chance is drawn from, with a counter that is in the budget.</param>
public readonly record struct Evaluation(
    INames Names, Instant Now, DateTimeZone Zone, ulong Seed, Budget Budget);

/// <summary>A value, or the error why there is none.</summary>
public readonly record struct Evaluated(Value Value, EvaluationError? Error);

/// <summary>Why an expression has no value.</summary>
/// <param name="Code">One of <see cref="EvaluationErrors"/>.</param>
/// <param name="Message">Says what to change.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, in UTF-16 units.</param>
public sealed record EvaluationError(string Code, string Message, int Line, int Column);

/// <summary>The codes of errors, for programs.</summary>
public static class EvaluationErrors
{
    /// <summary>Nothing has this name. The default function and ?? take the other value then.</summary>
    public const string UnknownName = "unknown_name";

    /// <summary>A value of another kind is needed.</summary>
    public const string WrongKind = "wrong_kind";

    /// <summary>The kind is right, the value is not: a negative root, a zone that does not exist.</summary>
    public const string WrongValue = "wrong_value";

    public const string DivisionByZero = "division_by_zero";

    /// <summary>A number beyond 7.9 × 10^28.</summary>
    public const string Overflow = "overflow";

    /// <summary>A text, list or object would be longer, larger or deeper than allowed.</summary>
    public const string TooLarge = "too_large";

    public const string TooManySteps = "too_many_steps";

    public const string TooSlow = "too_slow";
}
