using System.Text.Json;
using System.Text.Json.Serialization;

namespace Rookery.Modules.LivePosts.Templates;

/// <summary>What a guild's posts look like; every text in it may have variables and expressions.</summary>
/// <param name="Embed">The first card.</param>
/// <param name="Embeds">More cards.</param>
/// <param name="Buttons">That open addresses; five stand in a row.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record PostTemplate(
    string? Content = null,
    TemplateEmbed? Embed = null,
    IReadOnlyList<TemplateEmbed?>? Embeds = null,
    IReadOnlyList<TemplateButton?>? Buttons = null)
{
    public const int MaxBytes = 16 * 1024;

    /// <summary>Used until a guild has one of its own.</summary>
    public static PostTemplate Default { get; } = new(
        "{mention_role} {streamer_display_name} is now live!",
        new TemplateEmbed
        {
            Title = "{streamer_display_name} is streaming {game_name}",
            Description = "{stream_title}",
            Url = "https://twitch.tv/{streamer_login}",
            Color = 6570404,
            Thumbnail = new TemplateImage("{streamer_avatar_url}"),
            Image = new TemplateImage("{stream_thumbnail_url}"),
            Fields = [new TemplateField("Viewers", "{viewer_count}", true), new TemplateField("Game", "{game_name}", true)],
            Footer = new TemplateFooter("Twitch Notification"),
            Timestamp = true,
        });

    public static string DefaultJson { get; } = JsonSerializer.Serialize(Default, LiveJson.Default.PostTemplate);

    /// <exception cref="JsonException">It is no template.</exception>
    public static PostTemplate Parse(string json) =>
        JsonSerializer.Deserialize(json, LiveJson.Default.PostTemplate) ?? throw new JsonException("The template is null.");

    /// <summary>A card or a button names the role.</summary>
    [JsonIgnore]
    public bool MentionsInCards => JsonSerializer.Serialize(this with { Content = null }, LiveJson.Default.PostTemplate)
        .Contains("mention_role", StringComparison.Ordinal);

    [JsonIgnore]
    public IEnumerable<TemplateEmbed?> AllEmbeds => Embed is null ? Embeds ?? [] : (Embeds ?? []).Prepend(Embed);
}

/// <param name="Timestamp">Shows when the stream began.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record TemplateEmbed(
    string? Title = null,
    string? Description = null,
    string? Url = null,
    int? Color = null,
    TemplateImage? Thumbnail = null,
    TemplateImage? Image = null,
    TemplateAuthor? Author = null,
    IReadOnlyList<TemplateField?>? Fields = null,
    TemplateFooter? Footer = null,
    bool Timestamp = false);

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record TemplateImage(string? Url);

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record TemplateAuthor(string? Name, string? Url = null, string? IconUrl = null);

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record TemplateField(string? Name, string? Value, bool Inline = false);

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record TemplateFooter(string? Text, string? IconUrl = null);

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record TemplateButton(string? Label, string? Url);
