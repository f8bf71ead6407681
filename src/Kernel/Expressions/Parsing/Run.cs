using Rookery.Kernel.Expressions.Functions;

namespace Rookery.Kernel.Expressions.Parsing;

/// <summary>
/// One evaluation on its way. The first error stays, and from then on every step fails, so that nobody has to ask
/// after each value whether there is one.
/// </summary>
internal struct Run(in Evaluation evaluation)
{
    private const int CharactersInStep = 1024;
    private const int ComparedAtOnce = 16;
    private const int Shown = 40;

    public readonly Evaluation Evaluation = evaluation;

    private string? _code;
    private string? _about;
    private int _position;
    private Function? _function;

    public readonly Limits Limits => Evaluation.Budget.Limits;

    public readonly bool Failed => _code is not null;

    /// <summary>Begins an operation. False when the evaluation has failed and nothing more is to be done.</summary>
    public bool Step(int position, Function? function = null)
    {
        if (_code is not null)
        {
            return false;
        }

        (_position, _function) = (position, function);
        return Evaluation.Budget.Spend(1) || Spent();
    }

    /// <summary>Takes the steps that so many characters cost.</summary>
    public bool Charge(long size) =>
        _code is null && (size < CharactersInStep
            || Evaluation.Budget.Spend((int)Math.Min(size / CharactersInStep, int.MaxValue)) || Spent());

    /// <summary>Takes the steps that looking for a part may cost, which the worst texts make long.</summary>
    public bool ChargeSearch(string text, string part) => Charge((long)text.Length * part.Length / ComparedAtOnce);

    /// <returns>Null, for the caller to go on with.</returns>
    public Value Fail(string code, string message)
    {
        if (_code is null)
        {
            (_code, _about) = (code, message);
        }

        return default;
    }

    public Value UnknownName(string name) => Fail(EvaluationErrors.UnknownName, name);

    /// <summary>True when there was an unknown name; it is forgotten then.</summary>
    public bool ForgiveUnknownName()
    {
        if (_code != EvaluationErrors.UnknownName)
        {
            return false;
        }

        _code = null;
        return true;
    }

    /// <summary>The value, when the limits allow to make it.</summary>
    public Value Checked(Value value)
    {
        if (_code is not null || value.Kind <= ValueKind.Number)
        {
            return value;
        }

        var (count, most, what) = value.Kind switch
        {
            ValueKind.Text => (value.Size - 2, Limits.Text, "characters"),
            ValueKind.List => (value.Items.Length, Limits.Items, "items"),
            _ => (value.Members.Length, Limits.Items, "members"),
        };
        if (count > most)
        {
            return TooLarge(most, what);
        }

        if (value.Depth > Limits.Depth)
        {
            return TooLarge(Limits.Depth, "levels");
        }

        if (value.Size > Limits.Size)
        {
            return TooLarge(Limits.Size, "characters");
        }

        return Charge(value.Size) ? value : default;
    }

    public Value TooLarge(long most, string what) =>
        Fail(EvaluationErrors.TooLarge, $"{Doing} would make more than {most} {what}.");

    public Value WrongKind(string needed, in Value value) => Fail(
        EvaluationErrors.WrongKind, $"{Doing} needs {needed}, but was given {Describe(value)}.");

    public Value WrongValue(string what) => Fail(EvaluationErrors.WrongValue, $"{Doing}: {what}");

    /// <summary>A number; a text that is one is taken, too.</summary>
    public decimal Number(in Value value)
    {
        if (!value.TryNumber(out var number))
        {
            WrongKind("a number", value);
        }

        return number;
    }

    /// <summary>A number without a fraction, in a range.</summary>
    public long Whole(in Value value, long from, long to)
    {
        var number = Number(value);
        if (number < from || number > to || decimal.Truncate(number) != number)
        {
            WrongKind($"a whole number from {from} to {to}", value);
            return from;
        }

        return (long)number;
    }

    /// <summary>The text of any value.</summary>
    public string Text(in Value value)
    {
        if (value.TryText(out var text))
        {
            return text;
        }

        if (value.Size > Limits.Size)
        {
            TooLarge(Limits.Size, "characters");
        }

        return Failed ? "" : value.ToText();
    }

    /// <summary>The items of a list, and none of null.</summary>
    public ReadOnlySpan<Value> Items(in Value value)
    {
        if (value.Kind is not (ValueKind.List or ValueKind.Null))
        {
            WrongKind("a list", value);
        }

        return value.Items;
    }

    public readonly EvaluationError? Error(string source)
    {
        if (_code is null)
        {
            return null;
        }

        var (line, column) = Source.Place(source, _position);
        return new(_code, _code == EvaluationErrors.UnknownName ? Unknown(_about!) : _about!, line, column);
    }

    public static string Describe(in Value value)
    {
        if (value.TryText(out var text))
        {
            return text.Length <= Shown ? $"the text \"{text}\"" : $"the text \"{text.AsSpan(0, Shown)}…\"";
        }

        return value.Kind switch
        {
            ValueKind.Null => "nothing (null)",
            ValueKind.List => "a list",
            ValueKind.Object => "an object",
            _ => value.ToText(),
        };
    }

    private readonly string Doing => _function is null ? "This" : _function.Name;

    private static string Unknown(string name) =>
        $"Nothing is called {name} here. Write default({name}, \"…\") to say what to take instead.";

    private bool Spent()
    {
        if (Evaluation.Budget.TimedOut)
        {
            Fail(EvaluationErrors.TooSlow, $"It takes longer than {Limits.Time.TotalMilliseconds} ms.");
        }

        Fail(EvaluationErrors.TooManySteps, $"It takes more than {Limits.Steps} steps.");
        return false;
    }
}
