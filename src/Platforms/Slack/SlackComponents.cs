using Rookery.Kernel.Chat;

namespace Rookery.Platforms.Slack;

/// <summary>
/// Makes Slack's blocks of an answer's rows of buttons and selections. What Slack shows less of is cut; what comes back
/// when it is used never is. Slack knows nothing that cannot be used: what is disabled is left out.
/// </summary>
/// <remarks>Source: Slack, Block Kit: block elements, composition objects.</remarks>
internal static class SlackComponents
{
    private const int MaxButton = 75;
    private const int MaxOption = 75;
    private const int MaxPlaceholder = 150;
    private const string Untold = "Choose";

    /// <summary>Names buttons that open a URL: Slack tells of them too, and nobody is to hear of it.</summary>
    private const string LinkPrefix = "open-link:";

    public static bool IsLink(string? actionId) => actionId?.StartsWith(LinkPrefix, StringComparison.Ordinal) == true;

    /// <param name="content">Within its limits.</param>
    public static IEnumerable<Block> Rows(RichContent? content) => (content?.Components ?? [])
        .Select(row => row!.OfType<Component>().Where(c => c.Disabled != true).ToList())
        .Where(row => row.Count > 0)
        .Select(row => row is [{ Type: "select", MaxValues: > 1 } several]
            ? Several(several)
            : new Block("actions")
            {
                Elements = [.. row.Select((c, i) => c.Type == "button" ? Button(c, i) : Select(c, "static_select"))],
            });

    public static ElementOption Option(string label, string value, string? description = null) => new(
        SlackText.Plain(label, MaxOption), value, description is null ? null : SlackText.Plain(description, MaxOption));

    public static BlockText? Placeholder(string? text) => text is null ? null : SlackText.Plain(text, MaxPlaceholder);

    private static Element Button(Component c, int number) => new("button")
    {
        ActionId = c.CustomId ?? FormattableString.Invariant($"{LinkPrefix}{number}"),
        Text = SlackText.Plain(c.Label!, MaxButton),
        Url = c.Url,
        Style = c.Style switch { "primary" or "success" => "primary", "danger" => "danger", _ => null },
    };

    private static Element Select(Component c, string type) => new(type)
    {
        ActionId = c.CustomId,
        Placeholder = Placeholder(c.Placeholder),
        Options = [.. c.Options!.Select(o => Option(o!.Label!, o.Value!, o.Description))],
    };

    /// <summary>One that takes several stands beside a text, not in a row.</summary>
    private static Block Several(Component c) => new("section")
    {
        Text = SlackText.Plain(c.Placeholder ?? Untold, MaxPlaceholder),
        Accessory = Select(c, "multi_static_select") with { MaxSelectedItems = c.MaxValues },
    };
}
