using System.Text.Json;
using Rookery.Kernel.Web;

namespace Rookery.Kernel.Chat;

/// <summary>
/// What a chat answer shows besides its text, where the platform can: cards, and rows of buttons and selections. Travels as
/// <c>embeds</c> and <c>components</c> in the answer's <c>response_data</c>. The text says the same for all others.
/// </summary>
/// <param name="Components">Rows, each with up to five buttons or one selection.</param>
public sealed record RichContent(
    IReadOnlyList<Embed?>? Embeds = null, IReadOnlyList<IReadOnlyList<Component?>?>? Components = null)
{
    private const int MaxEmbeds = 10;
    private const int MaxEmbedText = 6000;
    private const int MaxRows = 5;

    /// <returns>Null when the answer has none.</returns>
    /// <exception cref="JsonException">It has something else by these names.</exception>
    public static RichContent? Of(JsonElement? responseData) =>
        responseData is { ValueKind: JsonValueKind.Object } data
        && (data.TryGetProperty("embeds", out _) || data.TryGetProperty("components", out _))
            ? data.Deserialize(KernelJson.Default.RichContent)
            : null;

    public JsonElement ToJson() => JsonSerializer.SerializeToElement(this, KernelJson.Default.RichContent);

    /// <summary>
    /// The limits are the narrowest of the platforms', but for labels, which a platform cuts where it shows less of them.
    /// Source: Discord developer documentation, Embed limits, Components.
    /// </summary>
    public void Check(Checks checks, string at)
    {
        checks.That(Embeds is null or { Count: <= MaxEmbeds }, $"{at}.embeds", $"must hold at most {MaxEmbeds} embeds.")
            .That(Components is null or { Count: <= MaxRows }, $"{at}.components", $"must hold at most {MaxRows} rows.")
            .That(
                (Embeds ?? []).Sum(e => e?.Length ?? 0) <= MaxEmbedText,
                $"{at}.embeds", $"have more than {MaxEmbedText} characters in all.");
        Each(Embeds, $"{at}.embeds", checks, (embed, place) => embed.Check(checks, place));
        Each(Components, $"{at}.components", checks, (row, place) =>
        {
            checks.That(
                row is { Count: 1 } || (row.Count is >= 1 and <= 5 && row.All(c => c is { Type: "button" })),
                place, "must hold one select or 1 to 5 buttons.");
            Each(row, place, checks, (component, inner) => component.Check(checks, inner));
        });
        var ids = (Components ?? []).SelectMany(row => row ?? []).Select(c => c?.CustomId).OfType<string>().ToList();
        checks.That(
            ids.Distinct(StringComparer.Ordinal).Count() == ids.Count, $"{at}.components", "hold two components of one custom_id.");
    }

    internal static void Each<T>(IReadOnlyList<T?>? items, string at, Checks checks, Action<T, string> check)
        where T : class
    {
        for (var i = 0; i < (items?.Count ?? 0); i++)
        {
            var place = FormattableString.Invariant($"{at}[{i}]");
            if (items![i] is { } item)
            {
                check(item, place);
            }
            else
            {
                checks.Fail(place, "must not be null.");
            }
        }
    }
}

/// <summary>A card under the text.</summary>
/// <param name="Color">0 to 16777215, as red, green and blue.</param>
public sealed record Embed(
    string? Title = null,
    string? Description = null,
    string? Url = null,
    int? Color = null,
    string? Author = null,
    string? Footer = null,
    string? ImageUrl = null,
    string? ThumbnailUrl = null,
    IReadOnlyList<EmbedField?>? Fields = null,
    string? AuthorUrl = null,
    string? AuthorIconUrl = null,
    string? FooterIconUrl = null,
    DateTimeOffset? Timestamp = null)
{
    private const int MaxUrl = 2048;

    internal int Length => (Title?.Length ?? 0) + (Description?.Length ?? 0) + (Author?.Length ?? 0) + (Footer?.Length ?? 0)
        + (Fields ?? []).Sum(f => (f?.Name?.Length ?? 0) + (f?.Value?.Length ?? 0));

    internal void Check(Checks checks, string at)
    {
        checks.Optional($"{at}.title", Title, 256)
            .Optional($"{at}.description", Description, 4096)
            .Optional($"{at}.author", Author, 256)
            .Optional($"{at}.footer", Footer, 2048)
            .That(Color is null or (>= 0 and <= 0xFFFFFF), $"{at}.color", "must be 0 to 16777215.")
            .That(Fields is null or { Count: <= 25 }, $"{at}.fields", "must hold at most 25 fields.")
            .That(Length > 0 || ImageUrl is not null || ThumbnailUrl is not null, at, "is empty.");
        CheckUrl(checks, $"{at}.url", Url);
        CheckUrl(checks, $"{at}.image_url", ImageUrl);
        CheckUrl(checks, $"{at}.thumbnail_url", ThumbnailUrl);
        CheckUrl(checks, $"{at}.author_url", AuthorUrl);
        CheckUrl(checks, $"{at}.author_icon_url", AuthorIconUrl);
        CheckUrl(checks, $"{at}.footer_icon_url", FooterIconUrl);
        RichContent.Each(Fields, $"{at}.fields", checks, (field, place) => checks
            .Text($"{place}.name", field.Name, 256).Text($"{place}.value", field.Value, 1024));
    }

    internal static void CheckUrl(Checks checks, string field, string? url) => checks.Optional(field, url, MaxUrl)
        .That(
            url is null || (Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https"),
            field, "must be an absolute http or https URL.");
}

/// <param name="Inline">Beside other fields where there is room.</param>
public sealed record EmbedField(string? Name, string? Value, bool Inline = false);

/// <summary>Something to press or to choose from.</summary>
/// <param name="Type">button or select.</param>
/// <param name="CustomId">
/// <c>module:action:id</c>, which is all that comes back when it is used: see <see cref="Interacted"/>. A button with
/// <paramref name="Url"/> has none.
/// </param>
/// <param name="Label">On a button.</param>
/// <param name="Style">Of a button: primary, secondary (unless told), success or danger.</param>
/// <param name="Placeholder">Shown in a select until something is chosen.</param>
/// <param name="MinValues">Of a select, 0 to 25; 1 unless told.</param>
/// <param name="MaxValues">Of a select, 1 to 25; 1 unless told.</param>
public sealed record Component(
    string? Type,
    string? CustomId = null,
    string? Label = null,
    string? Style = null,
    string? Url = null,
    bool? Disabled = null,
    string? Placeholder = null,
    IReadOnlyList<ComponentOption?>? Options = null,
    int? MinValues = null,
    int? MaxValues = null)
{
    private const int MaxCustomId = 100;

    internal void Check(Checks checks, string at)
    {
        checks.That(Type is "button" or "select", $"{at}.type", "must be button or select.");
        if (Type == "button" && Url is not null)
        {
            checks.Text($"{at}.label", Label, 80).Optional($"{at}.url", Url, 512)
                .That(CustomId is null, $"{at}.custom_id", "is not for a button that opens a URL.");
            Embed.CheckUrl(checks, $"{at}.url", Url);
            return;
        }

        checks.Text($"{at}.custom_id", CustomId, MaxCustomId);
        if (Type == "button")
        {
            checks.Text($"{at}.label", Label, 80).That(
                Style is null or "primary" or "secondary" or "success" or "danger",
                $"{at}.style", "must be one of primary, secondary, success, danger.");
            return;
        }

        checks.Optional($"{at}.placeholder", Placeholder, 150)
            .That(MinValues is null or (>= 0 and <= 25), $"{at}.min_values", "must be 0 to 25.")
            .That(MaxValues is null or (>= 1 and <= 25), $"{at}.max_values", "must be 1 to 25.")
            .That((MinValues ?? 1) <= (MaxValues ?? 1), $"{at}.min_values", "must not be over max_values.")
            .That(Options is { Count: >= 1 and <= 25 }, $"{at}.options", "must hold 1 to 25 options.");
        RichContent.Each(Options, $"{at}.options", checks, (option, place) => checks
            .Text($"{place}.label", option.Label, 100)
            .Text($"{place}.value", option.Value, 100)
            .Optional($"{place}.description", option.Description, 100));
    }
}

/// <param name="Value">What comes back when it is chosen.</param>
public sealed record ComponentOption(string? Label, string? Value, string? Description = null);
