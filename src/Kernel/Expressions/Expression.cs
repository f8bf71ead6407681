using System.Diagnostics.CodeAnalysis;
using Rookery.Kernel.Expressions.Parsing;

namespace Rookery.Kernel.Expressions;

/// <summary>
/// A parsed expression, such as <c>user.points * 2 > 100</c>. It never changes and may be used by many threads;
/// whoever has one keeps it, for parsing costs more than evaluating. The language is in docs/guide/expressions.md.
/// </summary>
public sealed class Expression
{
    private readonly string _source;
    private readonly Node _root;

    private Expression(string source, Node root, IReadOnlySet<string> names) =>
        (_source, _root, Names) = (source, root, names);

    /// <summary>The names it wants to know, without the paths behind them.</summary>
    public IReadOnlySet<string> Names { get; }

    /// <summary>Whether it has the same value in every evaluation.</summary>
    public bool IsConstant => _root.IsConstant;

    internal Node Root => _root;

    /// <summary>Never throws: a text that is no expression gives errors to show to who wrote it.</summary>
    public static bool TryParse(
        string source, [NotNullWhen(true)] out Expression? expression, out IReadOnlyList<ParseError> errors)
    {
        expression = null;
        if (Source.TooLong(source) is { } tooLong)
        {
            errors = [tooLong];
            return false;
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        var parser = new Parser(source, 0, names);
        var root = parser.ReadAll();
        if (!parser.AtEnd)
        {
            parser.FailAtRest();
        }

        if (parser.Error is { } error)
        {
            errors = [Source.Error(source, error.Message, error.Position)];
            return false;
        }

        (expression, errors) = (new(source, root, names), []);
        return true;
    }

    /// <summary>Never throws.</summary>
    public Evaluated Evaluate(in Evaluation evaluation)
    {
        var run = new Run(evaluation);
        var value = _root.Evaluate(ref run);
        return run.Failed ? new(default, run.Error(_source)) : new(value, null);
    }

    /// <summary>The source.</summary>
    public override string ToString() => _source;
}
