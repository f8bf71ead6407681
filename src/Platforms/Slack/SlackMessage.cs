using System.Text.Json;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Delivery;
using Rookery.Kernel.Web;

namespace Rookery.Platforms.Slack;

/// <summary>One message as Slack takes it.</summary>
/// <param name="Text">Escaped mrkdwn; with blocks, what notifications show.</param>
internal sealed record MessagePart(string Text, IReadOnlyList<Block>? Blocks = null);

/// <summary>Makes Slack's messages of an answer.</summary>
/// <remarks>Source: Slack, chat.postMessage ("best results … no more than 4,000 characters"; cut off at 40,000) and Block Kit.</remarks>
internal static class SlackMessage
{
    private const int MaxText = 4000;
    private const int MaxParts = 10;
    private const int MaxHeader = 150;
    private const int MaxSection = 3000;
    private const int MaxField = 2000;
    private const int MaxFields = 10;
    private const int MaxAlt = 2000;
    private const int MaxBlocks = 50;

    /// <returns>The parts in order, or why the answer cannot be shown.</returns>
    public static (IReadOnlyList<MessagePart> Parts, string? Problem) Of(SendMessage message)
    {
        RichContent? content;
        try
        {
            content = message.Response.ResponseAction == "chat" ? RichContent.Of(message.Response.ResponseData) : null;
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

        var parts = Parts(message).ToList();
        var rows = SlackComponents.Rows(content).ToList();
        if (rows.Count > 0)
        {
            parts = parts.Count == 0 ? [new MessagePart("")] : parts;
            parts[^1] = parts[^1] with { Blocks = [.. parts[^1].Blocks ?? Sections(parts[^1].Text), .. rows] };
        }

        return (parts, parts.Count == 0 ? "The answer has nothing that can be shown in Slack." : null);
    }

    /// <summary>An answer as Slack shows it where it has no blocks of its own: text that is escaped already.</summary>
    private static IReadOnlyList<Block> Sections(string text) => text.Length <= MaxSection
        ? [.. text.Length == 0 ? [] : new[] { new Block("section") { Text = new BlockText("mrkdwn", text) } }]
        : [.. TextSplitter.Split(text, MaxSection, _ => 1).Select(part => new Block("section") { Text = new BlockText("mrkdwn", part) })];

    private static IReadOnlyList<MessagePart> Parts(SendMessage message)
    {
        // An answer stands under what it answers; a message of its own accord says whom it is for.
        var to = message is { MentionUserId: { } user, ReplyTo: null } ? $"<@{user}> " : "";
        var r = message.Response;
        return r switch
        {
            { ResponseAction: "chat", ChatMessage: { } text } => [.. Chat(text, to), .. Cards(r)],
            { ResponseAction: "media", MediaUrl: { } url } => [Media(r, url, to)],
            { ResponseAction: "ticker", TickerText: { } text } => Chat(text, to),
            { ResponseData: { ValueKind: JsonValueKind.Object } data } => [Card(data, to)],
            _ => [],
        };
    }

    private static IReadOnlyList<MessagePart> Chat(string text, string to)
    {
        var parts = TextSplitter.Split(text, MaxText - to.Length, SlackText.EscapedLength);
        return [.. parts.Take(MaxParts).Select((part, i) => new MessagePart((i == 0 ? to : "") + SlackText.Escape(part)))];
    }

    /// <summary>The cards under an answer, each a message of its own.</summary>
    private static IEnumerable<MessagePart> Cards(ModuleResponse r) =>
        r.ResponseData?.List("embeds").Where(e => e.ValueKind == JsonValueKind.Object).Take(MaxParts).Select(e => Card(e, "")) ?? [];

    private static MessagePart Media(ModuleResponse r, string url, string to)
    {
        var title = r.ResponseData?.Text("title") ?? url;
        var text = $"{to}{SlackText.Escape(title == url ? url : $"{title} {url}")}";
        return r.MediaType != "image"
            ? new MessagePart(text)
            : new MessagePart(text, [new Block("image") { ImageUrl = url, AltText = SlackText.Cut(title, MaxAlt) }]);
    }

    /// <summary>A card: title, text, fields, picture and foot, each where Slack has a place for it.</summary>
    private static MessagePart Card(JsonElement data, string to)
    {
        var blocks = new List<Block>();
        var title = data.Text("title") ?? data.Text("form_title");
        var body = data.Text("description") ?? data.Text("content") ?? data.Text("form_description");
        if (title is not null)
        {
            blocks.Add(new Block("header") { Text = SlackText.Plain(title, MaxHeader) });
        }

        foreach (var section in TextSplitter.Split(body ?? "", MaxSection - to.Length, SlackText.EscapedLength).Take(MaxBlocks - MaxFields))
        {
            blocks.Add(new Block("section") { Text = new BlockText("mrkdwn", to + SlackText.Escape(section)) });
            to = "";
        }

        var fields = data.List("fields").Take(MaxFields)
            .Select(f => SlackText.Cut($"*{SlackText.Escape(f.Text("name") ?? "")}*\n{SlackText.Escape(f.Text("value") ?? "")}", MaxField))
            .Select(text => new BlockText("mrkdwn", text)).ToList();
        if (fields.Count > 0)
        {
            blocks.Add(new Block("section") { Fields = fields });
        }

        if ((data.Text("image_url") ?? data.Text("image", "url")) is { } image)
        {
            blocks.Add(new Block("image") { ImageUrl = image, AltText = SlackText.Cut(title ?? image, MaxAlt) });
        }

        if ((data.Text("footer") ?? data.Text("footer", "text") ?? data.Text("url")) is { } foot)
        {
            blocks.Add(new Block("context") { Elements = [new BlockText("mrkdwn", SlackText.Escape(SlackText.Cut(foot, MaxField)))] });
        }

        var plain = SlackText.Cut(SlackText.Escape(title ?? body ?? ""), MaxText);
        return new MessagePart(plain, blocks.Count == 0 ? null : blocks);
    }
}
