using System.Buffers;

namespace Rookery.Modules.Moderation.Matching;

/// <summary>
/// Many literals looked for at once. One vectorised search, in which case does not matter, says where any of them could
/// begin; only there a dictionary tells which.
/// </summary>
internal sealed class LiteralIndex
{
    /// <summary>Characters of each literal that the search knows; more would only make its automaton bigger.</summary>
    private const int SearchedLength = 16;

    private readonly SearchValues<string> _beginnings;
    private readonly Dictionary<string, Literal[]>.AlternateLookup<ReadOnlySpan<char>> _literals;
    private readonly int[] _lengths;

    public LiteralIndex(IEnumerable<Literal> literals)
    {
        var byText = Literal.ByText(literals);
        _literals = byText.GetAlternateLookup<ReadOnlySpan<char>>();
        _lengths = [.. byText.Keys.Select(t => t.Length).Distinct().Order()];
        _beginnings = SearchValues.Create([.. byText.Keys.Select(Beginning)], StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The lowest rank below <paramref name="best"/> that matches; else <paramref name="best"/>.</summary>
    public int First(ScreenedText message, int best) => message.IsPlain
        ? First(message.Raw, Form.Any, message, best)
        : First(message.Normal, Form.Normal, message, First(message.Raw, Form.Raw, message, best));

    private int First(ReadOnlySpan<char> text, Form form, ScreenedText message, int best)
    {
        for (var at = 0; at < text.Length; at++)
        {
            var next = text[at..].IndexOfAny(_beginnings);
            if (next < 0)
            {
                break;
            }

            at += next;
            best = FirstAt(text, at, form, message, best);
        }

        return best;
    }

    private int FirstAt(ReadOnlySpan<char> text, int at, Form form, ScreenedText message, int best)
    {
        foreach (var length in _lengths)
        {
            if (length > text.Length - at)
            {
                break;
            }

            if (!_literals.TryGetValue(text.Slice(at, length), out var literals))
            {
                continue;
            }

            foreach (var literal in literals)
            {
                if (literal.Rank < best && literal.Matches(text, at, length, form, message))
                {
                    best = literal.Rank;
                    break;
                }
            }
        }

        return best;
    }

    private static string Beginning(string text) => text.Length <= SearchedLength ? text
        : text[..(char.IsHighSurrogate(text[SearchedLength - 1]) ? SearchedLength + 1 : SearchedLength)];
}
