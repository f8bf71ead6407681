using System.Globalization;
using System.Text;
using System.Text.Json;
using Rookery.Kernel.Chat;

namespace Rookery.Modules.LivePosts.Templates;

/// <summary>Puts a post into the words of its platform.</summary>
internal static class PostMessage
{
    private const int MaxSlack = 3500;

    public static string Mention(Platform platform, string? role) => platform == Platform.Discord && role is { Length: > 0 } ? $"<@&{role}>" : "";

    /// <summary>Slack shows a card as a message of its own, and a post is to be one; so it gets the same as text.</summary>
    /// <param name="button">In a row of its own under the others, where there is place for one.</param>
    public static ModuleResponse Of(Platform platform, Post post, Component? button = null) => platform == Platform.Slack
        ? new ModuleResponse("live_posts", true, "chat", ChatMessage: PostLimits.Cut(Lines(post), MaxSlack))
        : Of(post.Content, Cards(post.Rich, button));

    public static ModuleResponse Of(string content, JsonElement? cards) =>
        new("live_posts", true, "chat", ChatMessage: content, ResponseData: cards);

    /// <inheritdoc cref="Of(Platform, Post, Component?)"/>
    public static JsonElement? Cards(RichContent? rich, Component? button) => With(rich, button)?.ToJson();

    /// <summary>What stands over a post whose stream is over.</summary>
    public static string Ended(StreamFacts facts)
    {
        var text = $"{facts.DisplayName} was live for {Duration((facts.EndedAt ?? facts.StartedAt) - facts.StartedAt)}.";
        return facts.VodUrl is { Length: > 0 } vod ? $"{text} Watch it again: {vod}" : text;
    }

    private static RichContent? With(RichContent? rich, Component? button) =>
        button is null || rich?.Components?.Count >= PostLimits.Rows ? rich
        : new RichContent(rich?.Embeds, [.. rich?.Components ?? [], [button]]);

    private static string Duration(TimeSpan time)
    {
        var minutes = Math.Max(0, (int)time.TotalMinutes);
        return minutes < 60
            ? string.Create(CultureInfo.InvariantCulture, $"{minutes} min")
            : string.Create(CultureInfo.InvariantCulture, $"{minutes / 60} h {minutes % 60} min");
    }

    private static string Lines(Post post)
    {
        var text = new StringBuilder(post.Content).AppendLine();
        foreach (var embed in post.Rich?.Embeds ?? [])
        {
            Append(text, embed!.Title is { } title ? $"*{title}*" : null);
            Append(text, embed.Description);
            foreach (var field in embed.Fields ?? [])
            {
                Append(text, $"{field!.Name}: {field.Value}");
            }

            Append(text, embed.Url);
        }

        foreach (var button in (post.Rich?.Components ?? []).SelectMany(row => row!))
        {
            Append(text, $"{button!.Label}: {button.Url}");
        }

        return text.ToString().Trim();
    }

    private static void Append(StringBuilder text, string? line)
    {
        if (!string.IsNullOrWhiteSpace(line))
        {
            text.AppendLine(line);
        }
    }
}
