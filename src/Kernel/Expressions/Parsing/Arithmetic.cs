namespace Rookery.Kernel.Expressions.Parsing;

internal static class Arithmetic
{
    private const int MaxExponent = 1000;

    /// <summary>Adds two numbers, puts two lists one after the other, or joins a text with anything.</summary>
    public static Value Add(ref Run run, in Value left, in Value right)
    {
        if (left.Kind == ValueKind.Text || right.Kind == ValueKind.Text)
        {
            var (a, b) = (run.Text(left), run.Text(right));
            return a.Length + b.Length > run.Limits.Text
                ? run.TooLarge(run.Limits.Text, "characters")
                : run.Checked(a + b);
        }

        if (left.Kind != ValueKind.List || right.Kind != ValueKind.List)
        {
            return Apply(ref run, Operator.Add, left, right);
        }

        return left.Items.Length + right.Items.Length > run.Limits.Items
            ? run.TooLarge(run.Limits.Items, "items")
            : run.Checked(Value.Own([.. left.Items, .. right.Items]));
    }

    public static Value Apply(ref Run run, Operator op, in Value left, in Value right)
    {
        var (a, b) = (run.Number(left), run.Number(right));
        if (run.Failed)
        {
            return default;
        }

        if (b == 0 && op is Operator.Divide or Operator.WholeDivide or Operator.Remainder)
        {
            return run.Fail(EvaluationErrors.DivisionByZero, "This divides by zero.");
        }

        try
        {
            return op switch
            {
                Operator.Add => a + b,
                Operator.Subtract => a - b,
                Operator.Multiply => a * b,
                Operator.Divide => a / b,
                Operator.WholeDivide => Whole(a, b),
                Operator.Remainder => Remainder(a, b),
                _ => Power(ref run, a, b),
            };
        }
        catch (OverflowException)
        {
            return Overflow(ref run);
        }
    }

    public static Value Overflow(ref Run run) =>
        run.Fail(EvaluationErrors.Overflow, $"The result is beyond {decimal.MaxValue:E1}, the largest number.");

    /// <summary>A double as a number; an error when it is none.</summary>
    public static Value FromDouble(ref Run run, double number) =>
        Math.Abs(number) < (double)decimal.MaxValue ? (decimal)number : Overflow(ref run);

    /// <summary>The division rounded down, so that -7 // 2 is -4.</summary>
    private static decimal Whole(decimal a, decimal b)
    {
        var rest = a % b;
        var whole = decimal.Round((a - rest) / b);
        return Borrows(rest, b) ? whole - 1 : whole;
    }

    /// <summary>What the division rounded down leaves; it has the sign of the divisor.</summary>
    private static decimal Remainder(decimal a, decimal b)
    {
        var rest = a % b;
        return Borrows(rest, b) ? rest + b : rest;
    }

    private static bool Borrows(decimal rest, decimal divisor) => rest != 0 && rest < 0 != divisor < 0;

    private static Value Power(ref Run run, decimal number, decimal exponent)
    {
        if (Math.Abs(exponent) > MaxExponent)
        {
            return run.Fail(EvaluationErrors.Overflow, $"An exponent is at most {MaxExponent}.");
        }

        if (decimal.Truncate(exponent) != exponent)
        {
            return number < 0
                ? run.Fail(EvaluationErrors.WrongValue, "A negative number has no power with a fraction.")
                : FromDouble(ref run, Math.Pow((double)number, (double)exponent));
        }

        if (number == 0 && exponent < 0)
        {
            return run.Fail(EvaluationErrors.DivisionByZero, "This divides by zero.");
        }

        var power = Power(number, (int)Math.Abs(exponent));
        return exponent >= 0 ? power : power == 0 ? Overflow(ref run) : 1 / power;
    }

    private static decimal Power(decimal number, int exponent)
    {
        var result = 1m;
        for (var left = exponent; left > 0; left >>= 1)
        {
            result = (left & 1) == 1 ? result * number : result;
            number = left > 1 ? number * number : number;
        }

        return result;
    }
}
