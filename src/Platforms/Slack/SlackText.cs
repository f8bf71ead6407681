using System.Text;

namespace Rookery.Platforms.Slack;

/// <summary>Slack's text, in which &amp;, &lt; and &gt; are escaped and <c>&lt;…&gt;</c> is markup, as people read and write it.</summary>
/// <remarks>Source: Slack, "Formatting text for app surfaces".</remarks>
internal static class SlackText
{
    /// <summary>What a person would see: names for mentions, addresses as they were typed.</summary>
    /// <param name="nameOf">The name of a user id; null when it is not known.</param>
    public static string Read(string text, Func<string, string?> nameOf)
    {
        if (text.AsSpan().IndexOfAny('&', '<') < 0)
        {
            return text;
        }

        var read = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length;)
        {
            var end = text[i] == '<' ? text.IndexOf('>', i) : -1;
            if (end > i + 1 && !char.IsWhiteSpace(text[i + 1]) && text[i + 1] != '|')
            {
                read.Append(Markup(text[(i + 1)..end], nameOf));
                i = end + 1;
                continue;
            }

            var (character, length) = Character(text.AsSpan(i));
            read.Append(character);
            i += length;
        }

        return read.ToString();
    }

    /// <summary>Makes a text safe to send: nothing in it mentions or links anybody by Slack's markup.</summary>
    public static string Escape(string text) => text.AsSpan().IndexOfAny('&', '<', '>') < 0
        ? text
        : text.Replace("&", "&amp;", StringComparison.Ordinal)
            .Replace("<", "&lt;", StringComparison.Ordinal)
            .Replace(">", "&gt;", StringComparison.Ordinal);

    /// <summary>How long <see cref="Escape"/> makes a character.</summary>
    public static int EscapedLength(char c) => c switch { '&' => 5, '<' or '>' => 4, _ => 1 };

    private static string Markup(string inside, Func<string, string?> nameOf)
    {
        var bar = inside.IndexOf('|', StringComparison.Ordinal);
        var target = bar < 0 ? inside : inside[..bar];
        var label = bar < 0 || bar == inside.Length - 1 ? null : Unescape(inside[(bar + 1)..]);
        return target[0] switch
        {
            '@' => $"@{nameOf(target[1..]) ?? label ?? target[1..]}",
            '#' => $"#{label ?? target[1..]}",
            '!' when target.StartsWith("!date^", StringComparison.Ordinal) => label ?? "",
            '!' when label is not null => label.StartsWith('@') ? label : $"@{label}",
            '!' => $"@{target[1..].Split('^')[0]}",
            _ => Address(Unescape(target), label),
        };
    }

    /// <summary>An address that Slack made of plain words reads as those; one hidden behind others is shown.</summary>
    private static string Address(string url, string? label) =>
        label is null ? url : url.EndsWith(label, StringComparison.OrdinalIgnoreCase) ? label : $"{label} ({url})";

    /// <summary>A text without markup, cut where it is longer.</summary>
    public static BlockText Plain(string text, int max) => new("plain_text", Cut(text, max));

    public static string Cut(string text, int max)
    {
        if (text.Length <= max)
        {
            return text;
        }

        var end = char.IsHighSurrogate(text[max - 2]) ? max - 2 : max - 1;
        return $"{text[..end]}…";
    }

    private static string Unescape(string text)
    {
        if (!text.Contains('&', StringComparison.Ordinal))
        {
            return text;
        }

        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length;)
        {
            var (character, length) = Character(text.AsSpan(i));
            plain.Append(character);
            i += length;
        }

        return plain.ToString();
    }

    private static (char Character, int Length) Character(ReadOnlySpan<char> text) =>
        text.StartsWith("&amp;", StringComparison.Ordinal) ? ('&', 5)
        : text.StartsWith("&lt;", StringComparison.Ordinal) ? ('<', 4)
        : text.StartsWith("&gt;", StringComparison.Ordinal) ? ('>', 4)
        : (text[0], 1);
}
