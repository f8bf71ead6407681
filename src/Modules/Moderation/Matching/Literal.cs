namespace Rookery.Modules.Moderation.Matching;

/// <summary>Which form of a message is looked at.</summary>
[Flags]
internal enum Form
{
    Raw = 1,
    Normal = 2,
    Any = Raw | Normal,
}

/// <summary>One literal to look for, whatever the case until it is found.</summary>
/// <param name="Text">In the form it is looked for.</param>
/// <param name="Form">The form of the message in which it counts.</param>
/// <param name="Rank">Of the rule it belongs to; lower goes first.</param>
/// <param name="WholeWord">Counts only where it is not part of a longer word.</param>
/// <param name="Regex">Finding it only says that this rule may match.</param>
internal sealed record Literal(
    string Text, Form Form, int Rank, bool CaseSensitive = false, bool WholeWord = false, CompiledRule? Regex = null)
{
    /// <summary>Groups literals by their text, each group in the order of its ranks.</summary>
    public static Dictionary<string, Literal[]> ByText(IEnumerable<Literal> literals) => literals
        .GroupBy(l => l.Text, StringComparer.OrdinalIgnoreCase)
        .ToDictionary(g => g.Key, g => g.OrderBy(l => l.Rank).ToArray(), StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Whether its rule matches, now that the literal was found, but for its case, at a place of one form of the
    /// message.
    /// </summary>
    public bool Matches(ReadOnlySpan<char> text, int at, int length, Form form, ScreenedText message) =>
        (Form & form) != default
        && (!CaseSensitive || text.Slice(at, length).SequenceEqual(Text))
        && (!WholeWord || WordBoundary.Surrounds(text, at, length))
        && (Regex is null || Regex.IsRegexMatch(message));
}
