using System.Collections.Frozen;
using System.Text;

namespace Rookery.Platforms.Twitch.Irc;

/// <summary>One line of IRC with message tags.</summary>
/// <param name="Tags">Unescaped; a tag without a value has the empty one.</param>
/// <param name="Source">Who it comes from: a server, or <c>nick!user@host</c>; null when the line does not say.</param>
/// <param name="Command">In capitals, or a number of three digits.</param>
/// <remarks>Source: RFC 1459 section 2.3.1, IRCv3 "Message Tags", dev.twitch.tv/docs/irc.</remarks>
internal sealed record IrcLine(
    IReadOnlyDictionary<string, string> Tags, string? Source, string Command, IReadOnlyList<string> Parameters)
{
    private const string Me = "\u0001ACTION ";

    /// <summary>The channel without its #; empty when the first parameter is none.</summary>
    public string Channel => Parameters is [['#', .. var name], ..] ? name : "";

    /// <summary>Whose line it is, as the tag or else the source says; "" when neither does.</summary>
    public string Login => Tag("login") ?? (Source?.IndexOf('!', StringComparison.Ordinal) is > 0 and var end ? Source[..end] : "");

    /// <summary>What is said, also when it is said as <c>/me</c>.</summary>
    public string Text
    {
        get
        {
            var text = Parameters.Count > 1 ? Parameters[^1] : "";
            return text.StartsWith(Me, StringComparison.Ordinal) ? text[Me.Length..].TrimEnd('\u0001') : text;
        }
    }

    /// <returns>The tag's value; null when it is missing or empty.</returns>
    public string? Tag(string name) => Tags.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    /// <summary>Reads a line without its line break.</summary>
    /// <returns>Null when it holds no command.</returns>
    public static IrcLine? Parse(string line)
    {
        var rest = line.AsSpan();
        IReadOnlyDictionary<string, string> tags = FrozenDictionary<string, string>.Empty;
        string? source = null;
        if (rest is ['@', ..])
        {
            tags = ReadTags(Word(ref rest)[1..]);
        }

        if (rest is [':', ..])
        {
            source = Word(ref rest)[1..].ToString();
        }

        var command = Word(ref rest);
        if (command.IsEmpty)
        {
            return null;
        }

        var parameters = new List<string>();
        while (!rest.IsEmpty)
        {
            if (rest[0] == ':')
            {
                parameters.Add(rest[1..].ToString());
                break;
            }

            parameters.Add(Word(ref rest).ToString());
        }

        return new IrcLine(tags, source, command.ToString().ToUpperInvariant(), parameters);
    }

    /// <summary>Takes the next word and the blanks behind it.</summary>
    private static ReadOnlySpan<char> Word(ref ReadOnlySpan<char> rest)
    {
        var end = rest.IndexOf(' ');
        var word = end < 0 ? rest : rest[..end];
        rest = end < 0 ? [] : rest[end..].TrimStart(' ');
        return word;
    }

    private static Dictionary<string, string> ReadTags(ReadOnlySpan<char> text)
    {
        var tags = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var range in text.Split(';'))
        {
            var tag = text[range];
            var equals = tag.IndexOf('=');
            var name = equals < 0 ? tag : tag[..equals];
            if (!name.IsEmpty)
            {
                tags[name.ToString()] = equals < 0 ? "" : Unescape(tag[(equals + 1)..]);
            }
        }

        return tags;
    }

    private static string Unescape(ReadOnlySpan<char> value)
    {
        if (!value.Contains('\\'))
        {
            return value.ToString();
        }

        var text = new StringBuilder(value.Length);
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] != '\\')
            {
                text.Append(value[i]);
            }
            else if (++i < value.Length)
            {
                text.Append(value[i] switch { ':' => ';', 's' => ' ', 'r' => '\r', 'n' => '\n', var other => other });
            }
        }

        return text.ToString();
    }
}
