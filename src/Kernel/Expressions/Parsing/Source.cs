namespace Rookery.Kernel.Expressions.Parsing;

/// <summary>What can be said about the text that is parsed.</summary>
internal static class Source
{
    public static ParseError? TooLong(string source) => source.Length <= Parser.MaxLength
        ? null
        : new($"This is {source.Length} characters long; {Parser.MaxLength} are allowed.", 1, 1);

    public static ParseError Error(string source, string message, int position)
    {
        var (line, column) = Place(source, position);
        return new(message, line, column);
    }

    /// <summary>The line and column, from 1, of a position, from 0.</summary>
    public static (int Line, int Column) Place(string source, int position)
    {
        var before = source.AsSpan(0, Math.Min(position, source.Length));
        return (before.Count('\n') + 1, before.Length - before.LastIndexOf('\n'));
    }
}
