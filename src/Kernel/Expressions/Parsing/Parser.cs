using Rookery.Kernel.Expressions.Functions;

namespace Rookery.Kernel.Expressions.Parsing;

/// <summary>Reads one expression. The first error stays; what is read after it does not matter.</summary>
/// <param name="names">Gets the names that are met.</param>
internal sealed class Parser(string source, int position, HashSet<string> names)
{
    /// <summary>The longest source, in UTF-16 units.</summary>
    public const int MaxLength = 16 * 1024;

    /// <summary>How many brackets, choices and signs in front may be in one another.</summary>
    private const int MaxNesting = 64;

    /// <summary>How many operations may be in one another; a + b + c is two.</summary>
    private const int MaxDepth = 256;

    private readonly Tokens _tokens = new(source, position);
    private int _nesting;

    public (string Message, int Position)? Error => _tokens.Error;

    /// <summary>Where the token after the expression begins.</summary>
    public int Position => _tokens.Current.Position;

    public bool AtEnd => _tokens.Current.Kind == TokenKind.End;

    /// <summary>An expression with the filters behind it.</summary>
    public Node ReadAll()
    {
        var node = Deeper(ReadChoice);
        while (_tokens.Take("|") is { } bar)
        {
            var name = _tokens.Current;
            _tokens.Expect(TokenKind.Name, "Behind | comes the name of a function.");
            node = ReadCall(name, bar.Position, [node], _tokens.Current.Is("("));
        }

        return node;
    }

    /// <summary>Says that the expression should have ended where it did.</summary>
    public void FailAtRest() => _tokens.Fail(
        _tokens.Current.Is("{") || _tokens.Current.Is("}")
            ? "An expression ends with }}."
            : $"After this, {Tokens.Shown(_tokens.Current)} is not expected; an operator is missing, or the end.");

    private Node ReadChoice()
    {
        var condition = ReadBinary(0);
        if (_tokens.Take("?") is not { } mark)
        {
            return condition;
        }

        var yes = Deeper(ReadChoice);
        _tokens.Expect(":", "A choice is written as condition ? one : other; the : is missing.");
        var no = Deeper(ReadChoice);
        return Made(new Choice(mark.Position, condition, yes, no));
    }

    /// <summary>Reads operators that bind at least as tightly as a level.</summary>
    private Node ReadBinary(int level)
    {
        if (level == Precedence.Not && _tokens.TakeWord("not") is { } not)
        {
            return Deeper(() => Made(new Not(not.Position, ReadBinary(Precedence.Not))));
        }

        if (level == Precedence.Unary)
        {
            return ReadUnary();
        }

        var left = ReadBinary(level + 1);
        while (Error is null && Precedence.Find(level, _tokens.Current, _tokens.Peek) is { } found)
        {
            var sign = _tokens.Current;
            _tokens.Advance();
            if (found.Operator == Operator.NotIn)
            {
                _tokens.Advance();
            }

            // Only ?? groups to the right: a ?? b ?? c tries one after the other.
            var right = found.IsFallback ? Deeper(() => ReadBinary(level)) : ReadBinary(level + 1);
            left = Made(found.Make(sign.Position, left, right));
            if (level == Precedence.Comparison && Precedence.Find(level, _tokens.Current, _tokens.Peek) is not null)
            {
                _tokens.Fail("Comparisons make no chain; write a < b and b < c.");
            }
        }

        return left;
    }

    private Node ReadUnary()
    {
        if (_tokens.Take("-") is { } minus)
        {
            return Deeper(() => Made(new Negation(minus.Position, ReadUnary())));
        }

        if (_tokens.Take("!") is { } not)
        {
            return Deeper(() => Made(new Not(not.Position, ReadUnary())));
        }

        var number = ReadPath();
        return _tokens.Take("**") is { } power
            ? Deeper(() => Made(new Operation(power.Position, Operator.Power, number, ReadUnary())))
            : number;
    }

    private Node ReadPath()
    {
        var node = ReadPrimary();
        while (Error is null)
        {
            if (_tokens.Take(".") is not null)
            {
                var name = _tokens.Current;
                _tokens.Expect(
                    TokenKind.Name, "After the point comes a name; write [\"…\"] for any other, and [0] for a number.");
                node = _tokens.Current.Is("(")
                    ? ReadCall(name, name.Position, [node], true)
                    : Made(new MemberPath(name.Position, node, name.Text));
            }
            else if (_tokens.Take("[") is { } bracket)
            {
                var index = ReadAll();
                _tokens.Expect("]", "The ] is missing.");
                node = Made(new IndexPath(bracket.Position, node, index));
            }
            else
            {
                break;
            }
        }

        return node;
    }

    private Node ReadPrimary()
    {
        var token = _tokens.Current;
        _tokens.Advance();
        switch (token.Kind)
        {
            case TokenKind.Number:
                return new Constant(token.Position, token.Number);
            case TokenKind.Text:
                return new Constant(token.Position, token.Text);
            case TokenKind.Name when Precedence.IsValue(token.Text, out var word):
                return new Constant(token.Position, word);
            case TokenKind.Name when !Precedence.IsReserved(token.Text):
                return _tokens.Current.Is("(") ? ReadCall(token, token.Position, [], true) : Named(token);
            case TokenKind.Sign when token.Text is "(":
                var inner = ReadAll();
                _tokens.Expect(")", "The ) is missing.");
                return inner;
            case TokenKind.Sign when token.Text is "[":
                return Made(new ListLiteral(token.Position, ReadList("]")));
            case TokenKind.Sign when token.Text is "{":
                return ReadObject(token.Position);
            default:
                var message = token.Kind == TokenKind.End
                    ? "The expression ends too early."
                    : $"A value is expected here, not {Tokens.Shown(token)}.";
                return Nothing(message, token);
        }
    }

    private Name Named(Token token)
    {
        names.Add(token.Text);
        return new(token.Position, token.Text);
    }

    private Node ReadCall(Token name, int position, List<Node> arguments, bool hasBrackets)
    {
        if (hasBrackets)
        {
            _tokens.Expect("(", "The ( is missing.");
            arguments.AddRange(ReadList(")"));
        }

        var call = FunctionTable.Call(name.Text, position, [.. arguments], out var problem);
        return call is null ? Nothing(problem, name) : Made(call);
    }

    /// <summary>Values with commas between them, to the closing bracket.</summary>
    private Node[] ReadList(string close)
    {
        var items = new List<Node>();
        while (Error is null && !_tokens.Current.Is(close))
        {
            items.Add(ReadAll());
            if (_tokens.Take(",") is null)
            {
                break;
            }
        }

        _tokens.Expect(close, $"A comma or the {close} is missing.");
        return [.. items];
    }

    private Node ReadObject(int position)
    {
        var (names, values) = (new List<string>(), new List<Node>());
        while (Error is null && !_tokens.Current.Is("}"))
        {
            var name = _tokens.Current;
            _tokens.Advance();
            if (name.Kind is not (TokenKind.Name or TokenKind.Text))
            {
                return Nothing("A member is written as name: value; a name that is no single word stands in quotes.", name);
            }

            _tokens.Expect(":", "A member is written as name: value; the : is missing.");
            names.Add(name.Text);
            values.Add(ReadAll());
            if (_tokens.Take(",") is null)
            {
                break;
            }
        }

        _tokens.Expect("}", "A comma or the } is missing.");
        return Made(new ObjectLiteral(position, [.. names], [.. values]));
    }

    private Node Deeper(Func<Node> read)
    {
        _nesting++;
        var node = _nesting > MaxNesting
            ? Nothing($"More than {MaxNesting} brackets or operators are in one another here.")
            : read();
        _nesting--;
        return node;
    }

    private Node Made(Node node) => node.Depth <= MaxDepth
        ? node
        : Nothing($"More than {MaxDepth} operations hang on one another here; cut the expression into pieces.");

    private Constant Nothing(string message, Token? at = null)
    {
        _tokens.Fail(message, at);
        return new(0, default);
    }
}
