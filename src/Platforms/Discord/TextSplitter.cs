namespace Rookery.Platforms.Discord;

/// <summary>
/// Cuts a long text into messages: at the end of a line where there is one, else of a word, and never inside a surrogate
/// pair. A code fence that is cut is closed in one message and opened again in the next.
/// </summary>
internal static class TextSplitter
{
    private const string Fence = "```";
    private const int LongestLanguage = 20;

    public static IReadOnlyList<string> Split(string text, int most)
    {
        if (text.Length <= most)
        {
            return [text];
        }

        var parts = new List<string>();
        var open = "";
        var rest = text;
        while (open.Length + rest.Length > most)
        {
            var room = most - open.Length - Fence.Length - 1;
            var cut = CutAt(rest, room);
            var part = open + rest[..cut].TrimEnd('\n');
            rest = rest[cut..].TrimStart('\n');
            open = OpenFence(part) is { } fence ? fence + "\n" : "";
            parts.Add(open.Length > 0 ? part + "\n" + Fence : part);
        }

        if (rest.Length > 0)
        {
            parts.Add(open + rest);
        }

        return parts;
    }

    private static int CutAt(string text, int room)
    {
        var line = text.LastIndexOf('\n', room - 1);
        if (line > room / 2)
        {
            return line + 1;
        }

        var space = text.LastIndexOf(' ', room - 1);
        if (space > room / 2)
        {
            return space + 1;
        }

        return char.IsHighSurrogate(text[room - 1]) ? room - 1 : room;
    }

    /// <returns>The fence with its language that is still open at the end; null when none is.</returns>
    private static string? OpenFence(string text)
    {
        string? open = null;
        for (var at = text.IndexOf(Fence, StringComparison.Ordinal);
             at >= 0;
             at = text.IndexOf(Fence, at + Fence.Length, StringComparison.Ordinal))
        {
            if (open is not null)
            {
                open = null;
                continue;
            }

            var end = at + Fence.Length;
            while (end < text.Length && end - at < LongestLanguage && char.IsAsciiLetterOrDigit(text[end]))
            {
                end++;
            }

            open = end < text.Length && text[end] == '\n' ? text[at..end] : Fence;
        }

        return open;
    }
}
