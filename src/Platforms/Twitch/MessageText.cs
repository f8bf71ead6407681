using System.Globalization;
using System.Text;

namespace Rookery.Platforms.Twitch;

/// <summary>Text as Twitch's chat takes it: one line, and not more than 500 characters a message.</summary>
internal static class MessageText
{
    public const int MaxLength = 500;

    private const string Cut = "…";

    /// <summary>Splits between words where it can, never inside of what is seen as one character.</summary>
    /// <param name="most">Messages at most; what does not fit is cut off and marked with an ellipsis.</param>
    /// <returns>Empty when there is nothing to be seen in the text.</returns>
    public static IReadOnlyList<string> Split(string text, int most, int maxLength = MaxLength)
    {
        var rest = Flatten(text).AsSpan();
        var parts = new List<string>();
        while (rest.Length > 0)
        {
            if (rest.Length <= maxLength)
            {
                parts.Add(rest.ToString());
                break;
            }

            if (parts.Count == most - 1)
            {
                parts.Add(string.Concat(rest[..Border(rest, maxLength - Cut.Length)].TrimEnd(), Cut));
                break;
            }

            var border = Border(rest, maxLength);
            parts.Add(rest[..border].TrimEnd().ToString());
            rest = rest[border..].TrimStart();
        }

        return parts;
    }

    /// <summary>Line breaks and other control characters become one space; half surrogate pairs U+FFFD.</summary>
    private static string Flatten(string text)
    {
        var flat = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (!Rune.IsControl(rune) && !Rune.IsWhiteSpace(rune))
            {
                flat.Append(rune);
            }
            else if (flat.Length > 0 && flat[^1] != ' ')
            {
                flat.Append(' ');
            }
        }

        return flat.ToString().TrimEnd();
    }

    /// <summary>How much of a text that is longer than <paramref name="max"/> goes into this message; at least something.</summary>
    private static int Border(ReadOnlySpan<char> text, int max)
    {
        var space = text[..(max + 1)].LastIndexOf(' ');
        if (space > 0)
        {
            return space;
        }

        var end = 0;
        while (StringInfo.GetNextTextElementLength(text[end..]) is var length && end + length <= max)
        {
            end += length;
        }

        return end > 0 ? end : char.IsHighSurrogate(text[max - 1]) && max > 1 ? max - 1 : max;
    }
}
