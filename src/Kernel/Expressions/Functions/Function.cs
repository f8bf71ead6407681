using Rookery.Kernel.Expressions.Parsing;

namespace Rookery.Kernel.Expressions.Functions;

internal delegate Value FunctionBody(ref Run run, scoped ReadOnlySpan<Value> given);

/// <summary>A function of the language.</summary>
internal sealed class Function
{
    /// <summary>How many arguments a function takes that takes any number.</summary>
    private const int Many = 64;

    /// <param name="form">How it is called; a ? marks what may be left out, a … what may be repeated.</param>
    public Function(string form, FunctionBody body, params string[] otherNames)
    {
        (Form, Body, OtherNames) = (form, body, otherNames);
        var open = form.IndexOf('(', StringComparison.Ordinal);
        Name = form[..open];
        var parameters = form[(open + 1)..^1].Split(", ", StringSplitOptions.RemoveEmptyEntries);
        Least = parameters.Count(p => !p.EndsWith('?'));
        Most = form.Contains('…', StringComparison.Ordinal) ? Many : parameters.Length;
    }

    public string Name { get; }

    public string Form { get; }

    public FunctionBody Body { get; }

    public string[] OtherNames { get; }

    public int Least { get; }

    public int Most { get; }

    /// <summary>Whether its result depends on nothing but what it is given.</summary>
    public bool IsPure { get; init; } = true;
}
