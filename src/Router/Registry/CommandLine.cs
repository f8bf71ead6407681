namespace Rookery.Router.Registry;

/// <summary>Reads what was typed: a prefix, a name, and words, where text in double quotes is one word.</summary>
internal static class CommandLine
{
    private const int MaxWords = 100;

    /// <summary>Splits off prefix and name without allocating. False for anything that cannot be a command.</summary>
    public static bool TryRead(
        ReadOnlySpan<char> text, out char prefix, out ReadOnlySpan<char> name, out ReadOnlySpan<char> rest)
    {
        name = rest = default;
        text = text.TrimStart();
        prefix = text.Length < 2 ? '\0' : text[0];
        if (prefix is not ('!' or '#'))
        {
            return false;
        }

        text = text[1..];
        var end = 0;
        while (end < text.Length && !char.IsWhiteSpace(text[end]))
        {
            end++;
        }

        name = text[..end];
        rest = text[end..].Trim();
        return end > 0;
    }

    /// <summary>
    /// Splits arguments at white space. <c>"two words"</c> (also with typographic quotes) is one, <c>\"</c> inside is a
    /// quote; a quote that is never closed reaches to the end.
    /// </summary>
    public static IReadOnlyList<string> Split(ReadOnlySpan<char> text)
    {
        var words = new List<string>();
        var word = new System.Text.StringBuilder();
        var (quoted, started) = (false, false);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\\' && i + 1 < text.Length && (IsQuote(text[i + 1]) || text[i + 1] == '\\') && quoted)
            {
                word.Append(text[++i]);
            }
            else if (IsQuote(c) && (quoted || !started))
            {
                (quoted, started) = (!quoted, true);
            }
            else if (char.IsWhiteSpace(c) && !quoted)
            {
                if (started && words.Count < MaxWords)
                {
                    words.Add(word.ToString());
                }

                word.Clear();
                started = false;
            }
            else
            {
                word.Append(c);
                started = true;
            }
        }

        if (started && words.Count < MaxWords)
        {
            words.Add(word.ToString());
        }

        return words;
    }

    private static bool IsQuote(char c) => c is '"' or '\u201C' or '\u201D';
}
