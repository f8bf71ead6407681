using System.Globalization;
using System.Text;

namespace Rookery.Modules.Memories;

/// <summary>How memories read in chat.</summary>
internal static class MemoryText
{
    private const int MaxShown = 200;

    public static string Heading(string type) => type switch
    {
        MemoryTypes.Quote => "Quotes",
        MemoryTypes.Url => "Links",
        _ => "Notes",
    };

    /// <summary>One line of a list, cut.</summary>
    public static string Line(Memory m)
    {
        var id = m.Id.ToString(CultureInfo.InvariantCulture);
        return m.MemoryType switch
        {
            MemoryTypes.Quote => $"{id}: \"{Cut(m.Content!)}\" – {m.Author}",
            MemoryTypes.Url => $"{id}: {m.Title} – {m.Url}{(m.Content is { } text ? $" – {Cut(text)}" : "")}",
            _ => $"{id}: {m.Title} – {Cut(m.Content!)}{Tags(m)}",
        };
    }

    /// <summary>Everything about one.</summary>
    public static string Full(Memory m)
    {
        var text = new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"{Name(m.MemoryType)} {m.Id}: ")
            .Append(Body(m));
        if (m.Context is { } context)
        {
            text.Append("\nContext: ").Append(context);
        }

        text.Append(CultureInfo.InvariantCulture, $"\nAdded by {Adder(m)} on {m.CreatedAt:yyyy-MM-dd}, used {Times(m.UsageCount)}.").Append(Tags(m));
        if (m.Category is { } category)
        {
            text.Append(" Category: ").Append(category).Append('.');
        }

        if (m.Reactions.Count > 0)
        {
            text.Append(' ').Append(new ReactionState(m.Id, null, null, m.Reactions)).Append('.');
        }

        return text.ToString();
    }

    public static string Link(Memory m) => $"{Line(m)} (added by {Adder(m)}, used {Times(m.UsageCount)})";

    public static string Body(Memory m) => m.MemoryType switch
    {
        MemoryTypes.Quote => $"\"{m.Content}\" – {m.Author}",
        MemoryTypes.Url => $"{m.Title} – {m.Url}{(m.Content is { } text ? $"\n{text}" : "")}",
        _ => $"{m.Title}\n{m.Content}",
    };

    public static string Name(string type) => type switch
    {
        MemoryTypes.Quote => "Quote",
        MemoryTypes.Url => "Link",
        _ => "Note",
    };

    /// <summary>Shortens a text without breaking a character in two.</summary>
    public static string Cut(string text, int max = MaxShown) => text.Length <= max
        ? text
        : string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[max - 1]) ? max - 1 : max), "…");

    private static string Adder(Memory m) => m.CreatedByName ?? "somebody";

    private static string Tags(Memory m) => m.Tags.Count == 0 ? "" : $" [{string.Join(", ", m.Tags)}]";

    private static string Times(long count) =>
        count == 1 ? "once" : string.Create(CultureInfo.InvariantCulture, $"{count} times");
}
