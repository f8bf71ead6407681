using System.Globalization;
using System.Text;

namespace Rookery.Kernel.Expressions.Parsing;

internal enum TokenKind
{
    End,
    Name,
    Number,
    Text,
    Sign,
    Wrong,
}

/// <param name="Text">The name, the sign, the content of the text, or what is wrong.</param>
internal readonly record struct Token(TokenKind Kind, int Position, int End, string Text, decimal Number = 0)
{
    public bool Is(string sign) => Kind == TokenKind.Sign && Text == sign;

    public bool IsWord(string word) => Kind == TokenKind.Name && Text == word;
}

/// <summary>Cuts a source into tokens, one at a time.</summary>
internal static class Lexer
{
    /// <summary>Longer ones first.</summary>
    private static readonly string[] Signs =
    [
        "**", "//", "==", "!=", "<=", ">=", "&&", "||", "??",
        "+", "-", "*", "/", "%", "<", ">", "!", "?", ":", ".", ",", "|", "(", ")", "[", "]", "{", "}",
    ];

    public static Token Read(string source, int position)
    {
        while (position < source.Length && char.IsWhiteSpace(source[position]))
        {
            position++;
        }

        if (position == source.Length)
        {
            return new(TokenKind.End, position, position, "");
        }

        return source[position] switch
        {
            '"' or '\'' => Quoted(source, position),
            >= '0' and <= '9' => Number(source, position),
            var c when StartsName(c) => Name(source, position),
            _ => Sign(source, position),
        };
    }

    public static bool IsName(string text) => text.Length > 0 && StartsName(text[0]) && text.All(ContinuesName);

    private static bool StartsName(char c) => c == '_' || char.IsLetter(c);

    private static bool ContinuesName(char c) => c == '_' || char.IsLetterOrDigit(c);

    private static Token Name(string source, int start)
    {
        var end = start;
        while (end < source.Length && ContinuesName(source[end]))
        {
            end++;
        }

        return new(TokenKind.Name, start, end, source[start..end]);
    }

    private static Token Sign(string source, int start)
    {
        foreach (var sign in Signs)
        {
            if (string.CompareOrdinal(source, start, sign, 0, sign.Length) == 0)
            {
                return new(TokenKind.Sign, start, start + sign.Length, sign);
            }
        }

        return Wrong(start, source[start] == '='
            ? "A single = means nothing here; two things are compared with ==."
            : $"The character {source[start]} means nothing here; texts stand in quotes.");
    }

    private static Token Number(string source, int start)
    {
        var end = Digits(source, start);
        if (end + 1 < source.Length && source[end] == '.' && char.IsAsciiDigit(source[end + 1]))
        {
            end = Digits(source, end + 1);
        }

        var after = end;
        if (after < source.Length && source[after] is 'e' or 'E')
        {
            after += after + 1 < source.Length && source[after + 1] is '+' or '-' ? 2 : 1;
            end = after < source.Length && char.IsAsciiDigit(source[after]) ? Digits(source, after) : end;
        }

        if (end < source.Length && ContinuesName(source[end]))
        {
            return Wrong(start, "A number ends in a letter; a name begins with one, and a text stands in quotes.");
        }

        var text = source[start..end];
        return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? new(TokenKind.Number, start, end, text, number)
            : Wrong(start, $"The number {text} is too large; put it in quotes when it is an id.");
    }

    private static int Digits(string source, int position)
    {
        while (position < source.Length && char.IsAsciiDigit(source[position]))
        {
            position++;
        }

        return position;
    }

    private static Token Quoted(string source, int start)
    {
        var text = new StringBuilder();
        for (var i = start + 1; i < source.Length; i++)
        {
            if (source[i] == source[start])
            {
                return new(TokenKind.Text, start, i + 1, text.ToString());
            }

            if (source[i] != '\\')
            {
                text.Append(source[i]);
            }
            else if (Escape(source, ref i) is { } c)
            {
                text.Append(c);
            }
            else
            {
                return Wrong(i, @"After a \ comes one of \ ' "" n r t, or u with four hexadecimal digits; a \ itself is \\.");
            }
        }

        return Wrong(start, $"The text that begins here has no closing {source[start]}.");
    }

    /// <summary>Reads what follows a backslash and leaves the position at its last character.</summary>
    private static char? Escape(string source, ref int position)
    {
        if (position + 1 >= source.Length)
        {
            return null;
        }

        var c = source[position + 1];
        if (c == 'u')
        {
            var digits = source.AsSpan(position + 2, Math.Min(4, source.Length - position - 2));
            if (digits.Length < 4 || !ushort.TryParse(
                digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit))
            {
                return null;
            }

            position += 5;
            return (char)unit;
        }

        char? escaped = c switch
        {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            '\\' or '\'' or '"' => c,
            _ => null,
        };
        position += escaped is null ? 0 : 1;
        return escaped;
    }

    private static Token Wrong(int position, string message) => new(TokenKind.Wrong, position, position, message);
}
