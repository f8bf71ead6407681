namespace Rookery.Kernel.Expressions.Parsing;

/// <summary>The tokens of a source one after the other. After the first error there are no more of them.</summary>
internal sealed class Tokens(string source, int position)
{
    public Token Current { get; private set; } = Lexer.Read(source, position);

    public (string Message, int Position)? Error { get; private set; }

    public void Fail(string message, Token? at = null)
    {
        var token = at ?? Current;
        Error ??= (token.Kind == TokenKind.Wrong ? token.Text : message, token.Position);
        Current = new(TokenKind.End, Current.Position, Current.Position, "");
    }

    public void Advance()
    {
        if (Error is null)
        {
            Current = Peek();
        }
    }

    public Token Peek() => Lexer.Read(source, Current.End);

    public Token? Take(string sign) => TakeIf(Current.Is(sign));

    public Token? TakeWord(string word) => TakeIf(Current.IsWord(word));

    public void Expect(string sign, string message)
    {
        if (Take(sign) is null)
        {
            Fail(message);
        }
    }

    public void Expect(TokenKind kind, string message)
    {
        if (TakeIf(Current.Kind == kind) is null)
        {
            Fail(message);
        }
    }

    public static string Shown(Token token) => token.Kind switch
    {
        TokenKind.End => "the end",
        TokenKind.Text => "a text",
        _ => token.Text,
    };

    private Token? TakeIf(bool matches)
    {
        if (!matches)
        {
            return null;
        }

        var token = Current;
        Advance();
        return token;
    }
}
