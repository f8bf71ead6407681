namespace Rookery.Modules.Moderation.Matching;

/// <summary>
/// Literals that must be the whole message, white space around it aside. One look-up, where a search would stop at
/// every "hi" inside of "this".
/// </summary>
internal sealed class ExactIndex(IEnumerable<Literal> literals)
{
    private readonly Dictionary<string, Literal[]>.AlternateLookup<ReadOnlySpan<char>> _literals =
        Literal.ByText(literals).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The lowest rank below <paramref name="best"/> that matches; else <paramref name="best"/>.</summary>
    public int First(ScreenedText message, int best) => message.IsPlain
        ? First(message.Raw, Form.Any, message, best)
        : First(message.Normal, Form.Normal, message, First(message.Raw, Form.Raw, message, best));

    private int First(ReadOnlySpan<char> text, Form form, ScreenedText message, int best)
    {
        var whole = text.Trim();
        if (_literals.TryGetValue(whole, out var literals))
        {
            foreach (var literal in literals)
            {
                if (literal.Rank < best && literal.Matches(whole, 0, whole.Length, form, message))
                {
                    return literal.Rank;
                }
            }
        }

        return best;
    }
}
