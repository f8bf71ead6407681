using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;
using Rookery.Kernel.Expressions.Parsing;

namespace Rookery.Kernel.Expressions;

/// <summary>
/// A parsed text with expressions between <c>{{</c> and <c>}}</c>. A template that is one expression and nothing else
/// has the value of that expression, of whatever kind; any other one has a text. What an expression gives is never
/// looked at for expressions again. It never changes and may be used by many threads.
/// </summary>
public sealed class Template
{
    private const string Open = "{{";
    private const string Close = "}}";

    private readonly string _source;
    private readonly Part[] _parts;

    private Template(string source, Part[] parts, IReadOnlySet<string> names)
    {
        (_source, _parts, Names) = (source, parts, names);
        IsConstant = Array.TrueForAll(parts, p => p.Node?.IsConstant ?? true);
    }

    /// <summary>The names its expressions want to know, without the paths behind them.</summary>
    public IReadOnlySet<string> Names { get; }

    /// <summary>Whether it has the same value in every evaluation.</summary>
    public bool IsConstant { get; }

    /// <summary>Never throws: a text that is no template gives the first error of each of its expressions.</summary>
    public static bool TryParse(
        string source, [NotNullWhen(true)] out Template? template, out IReadOnlyList<ParseError> errors)
    {
        template = null;
        if (Source.TooLong(source) is { } tooLong)
        {
            errors = [tooLong];
            return false;
        }

        var (parts, found) = (new List<Part>(), new List<ParseError>());
        var names = new HashSet<string>(StringComparer.Ordinal);
        var position = 0;
        while (position < source.Length)
        {
            position = source.AsSpan(position).StartsWith(Open)
                ? ReadExpression(source, position, names, parts, found)
                : ReadText(source, position, parts);
        }

        errors = found;
        template = found.Count == 0 ? new(source, [.. parts], names) : null;
        return template is not null;
    }

    /// <summary>Never throws.</summary>
    public Evaluated Evaluate(in Evaluation evaluation)
    {
        switch (_parts)
        {
            case []:
                return new("", null);
            case [{ Text: { } text }]:
                return new(text, null);
        }

        var run = new Run(evaluation);
        var value = _parts is [{ Node: { } only }] ? only.Evaluate(ref run) : Join(ref run);
        return run.Failed ? new(default, run.Error(_source)) : new(value, null);
    }

    /// <summary>The source.</summary>
    public override string ToString() => _source;

    private static int ReadText(string source, int start, List<Part> parts)
    {
        var end = source.IndexOf(Open, start, StringComparison.Ordinal);
        end = end < 0 ? source.Length : end;
        parts.Add(new(source[start..end], null));
        return end;
    }

    /// <returns>Where to go on: behind the }} even when there was an error, to find those of the other parts.</returns>
    private static int ReadExpression(
        string source, int start, HashSet<string> names, List<Part> parts, List<ParseError> errors)
    {
        var parser = new Parser(source, start + Open.Length, names);
        var node = parser.ReadAll();
        var end = parser.Position;
        if (parser.Error is null && source.AsSpan(end).StartsWith(Close))
        {
            parts.Add(new(null, node));
            return end + Close.Length;
        }

        if (parser.AtEnd && parser.Error is null)
        {
            errors.Add(Source.Error(
                source, "The {{ that begins here has no }}. To write {{ itself, write {{ \"{{\" }}.", start));
            return source.Length;
        }

        parser.FailAtRest();
        errors.Add(Source.Error(source, parser.Error!.Value.Message, parser.Error.Value.Position));
        var close = source.IndexOf(Close, parser.Error.Value.Position, StringComparison.Ordinal);
        return close < 0 ? source.Length : close + Close.Length;
    }

    private Value Join(ref Run run)
    {
        var text = new DefaultInterpolatedStringHandler(
            0, 0, CultureInfo.InvariantCulture, stackalloc char[256]);
        var length = 0;
        foreach (var part in _parts)
        {
            var piece = part.Text ?? run.Text(part.Node!.Evaluate(ref run));
            length += piece.Length;
            if (length > run.Limits.Text)
            {
                run.TooLarge(run.Limits.Text, "characters");
            }

            if (run.Failed)
            {
                break;
            }

            text.AppendLiteral(piece);
        }

        // To be called also after an error: it gives back what the text was written to.
        var joined = text.ToStringAndClear();
        return run.Checked(joined);
    }

    private readonly record struct Part(string? Text, Node? Node);
}
