namespace Rookery.Kernel.Expressions.Parsing;

/// <summary>Which operators bind more tightly: those of a higher level.</summary>
internal static class Precedence
{
    public const int Not = 2;
    public const int Comparison = 3;
    public const int Unary = 7;

    private static readonly Binary[][] Levels =
    [
        [new("or", Junction: false), new("||", Junction: false)],
        [new("and", Junction: true), new("&&", Junction: true)],
        [],
        [
            new("==", Operator.Equal), new("!=", Operator.Unequal), new("<", Operator.Less),
            new("<=", Operator.LessOrEqual), new(">", Operator.Greater), new(">=", Operator.GreaterOrEqual),
            new("in", Operator.In), new("not", Operator.NotIn),
        ],
        [new("??")],
        [new("+", Operator.Add), new("-", Operator.Subtract)],
        [
            new("*", Operator.Multiply), new("/", Operator.Divide), new("//", Operator.WholeDivide),
            new("%", Operator.Remainder),
        ],
    ];

    /// <summary>The operator of a level that a token is.</summary>
    public static Binary? Find(int level, Token token, Func<Token> next)
    {
        if (token.Kind is not (TokenKind.Sign or TokenKind.Name))
        {
            return null;
        }

        foreach (var binary in Levels[level])
        {
            if (binary.Sign == token.Text && (binary.Operator != Operator.NotIn || next().IsWord("in")))
            {
                return binary;
            }
        }

        return null;
    }

    public static bool IsReserved(string word) => word is "and" or "or" or "not" or "in";

    /// <summary>What a word stands for that is no name.</summary>
    public static bool IsValue(string word, out Value value)
    {
        value = word switch
        {
            "true" => Value.True,
            "false" => Value.False,
            _ => Value.Null,
        };
        return word is "true" or "false" or "null";
    }

    internal sealed record Binary(string Sign, Operator? Operator = null, bool? Junction = null)
    {
        public bool IsFallback => Operator is null && Junction is null;

        public Node Make(int position, Node left, Node right) => this switch
        {
            { Operator: { } op } => new Operation(position, op, left, right),
            { Junction: { } isAnd } => new Junction(position, isAnd, left, right),
            _ => new Fallback(position, left, right, alsoForEmpty: false),
        };
    }
}
