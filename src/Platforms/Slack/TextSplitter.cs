namespace Rookery.Platforms.Slack;

/// <summary>Cuts a long text into parts that a platform takes.</summary>
internal static class TextSplitter
{
    /// <summary>
    /// Cuts at the last line break that fits, else at the last blank, else where it must, but never inside a character.
    /// The blank or line break at a cut goes; everything else stays.
    /// </summary>
    /// <param name="max">What a part may measure.</param>
    /// <param name="measure">What one UTF-16 unit measures, at least 1; half of <paramref name="max"/> at most.</param>
    public static IReadOnlyList<string> Split(string text, int max, Func<char, int> measure)
    {
        var parts = new List<string>();
        var start = 0;
        while (start < text.Length)
        {
            var end = Fit(text, start, max, measure);
            var next = end;
            if (end < text.Length)
            {
                (end, next) = Border(text, start, end);
            }

            if (text.AsSpan(start, end - start).Trim().Length > 0)
            {
                parts.Add(text[start..end]);
            }

            start = next;
        }

        return parts;
    }

    /// <returns>The end of the longest piece that fits.</returns>
    private static int Fit(string text, int start, int max, Func<char, int> measure)
    {
        var (end, size) = (start, 0);
        while (end < text.Length && size + measure(text[end]) <= max)
        {
            size += measure(text[end++]);
        }

        return end < text.Length && char.IsLowSurrogate(text[end]) && char.IsHighSurrogate(text[end - 1]) && end - 1 > start ? end - 1 : end;
    }

    private static (int End, int Next) Border(string text, int start, int end)
    {
        // The character after the piece may be the border itself.
        var window = text.AsSpan(start, end + 1 - start);
        var at = window.LastIndexOf('\n');
        at = at > 0 ? at : window.LastIndexOf(' ');
        return at > 0 ? (start + at, start + at + 1) : (end, end);
    }
}
