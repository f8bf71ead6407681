using System.Text.Json;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Delivery;
using Rookery.Kernel.Web;

namespace Rookery.Platforms.Discord;

/// <summary>Makes Discord's messages of an answer.</summary>
internal static class DiscordMessage
{
    public const int MaxText = 2000;

    /// <summary>Only who used the interaction sees it. Source: Discord developer documentation, Message flags.</summary>
    public const int Ephemeral = 1 << 6;

    /// <returns>The parts in order, or why the answer cannot be shown.</returns>
    public static (IReadOnlyList<MessageRequest> Parts, string? Problem) Of(SendMessage message)
    {
        var response = message.Response;
        RichContent? content;
        try
        {
            content = RichContent.Of(response.ResponseData);
        }
        catch (JsonException e)
        {
            return ([], $"response_data holds embeds or components of another form: {e.Message}");
        }

        var checks = new Checks();
        content?.Check(checks, "response_data");
        if (checks.Errors is [var first, ..])
        {
            return ([], $"{first.Field} {first.Message}");
        }

        var text = response.ChatMessage ?? response.TickerText ?? response.MediaUrl ?? "";
        if (string.IsNullOrWhiteSpace(text) && content is null)
        {
            return ([], "Discord takes no empty message.");
        }

        if (message is { MentionUserId: { } mentioned, ReplyTo: null })
        {
            text = $"<@{mentioned}> {text}";
        }

        var mentions = new AllowedMentions(
            [], message.MentionUserId is { } user ? [user] : null, RepliedUser: false,
            message.MentionRoleId is { } role ? [role] : null);
        var parts = (string.IsNullOrWhiteSpace(text) ? [""] : TextSplitter.Split(text, MaxText))
            .Select(part => new MessageRequest(part, mentions)).ToList();
        parts[^1] = parts[^1] with { Embeds = content?.Embeds?.Select(Wire).ToList(), Components = content?.Components?.Select(Row).ToList() };
        return (parts, null);
    }

    /// <summary>For one person only, in answer to an interaction.</summary>
    public static MessageRequest Private(string text) =>
        new(TextSplitter.Split(text, MaxText)[0], new AllowedMentions([], null, RepliedUser: false)) { Flags = Ephemeral };

    private static WireEmbed Wire(Embed? e) => new()
    {
        Title = e!.Title,
        Description = e.Description,
        Url = e.Url,
        Color = e.Color,
        Author = e.Author is { } author ? new WireAuthor(author, e.AuthorUrl, e.AuthorIconUrl) : null,
        Footer = e.Footer is { } footer ? new WireFooter(footer, e.FooterIconUrl) : null,
        Image = e.ImageUrl is { } image ? new WireImage(image) : null,
        Thumbnail = e.ThumbnailUrl is { } thumbnail ? new WireImage(thumbnail) : null,
        Timestamp = e.Timestamp,
        Fields = e.Fields?.Select(f => new WireField(f!.Name!, f.Value!, f.Inline)).ToList(),
    };

    private static WireComponent Row(IReadOnlyList<Component?>? row) =>
        new(1) { Components = [.. row!.Select(c => c!.Type == "button" ? Button(c) : Select(c))] };

    private static WireComponent Button(Component c) => new(2)
    {
        CustomId = c.CustomId,
        Label = c.Label,
        Url = c.Url,
        Disabled = c.Disabled,
        Style = c.Url is not null ? 5 : c.Style switch { "primary" => 1, "success" => 3, "danger" => 4, _ => 2 },
    };

    private static WireComponent Select(Component c) => new(3)
    {
        CustomId = c.CustomId,
        Placeholder = c.Placeholder,
        Disabled = c.Disabled,
        MinValues = c.MinValues,
        MaxValues = c.MaxValues,
        Options = [.. c.Options!.Select(o => new WireOption(o!.Label!, o.Value!, o.Description))],
    };
}
