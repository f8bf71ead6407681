using NodaTime;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Expressions;
using Rookery.Kernel.Web;

namespace Rookery.Modules.LivePosts.Templates;

internal sealed record Post(string Content, RichContent? Rich);

/// <summary>
/// Makes posts of templates. What does not fit is cut, what makes no sense, such as an empty field, is left out: a stream is
/// told in any case. With checks nothing is cut; then it is about whether a template is good.
/// </summary>
internal sealed class PostWriter(TimeProvider clock)
{
    private readonly Dictionary<string, (TextTemplate? Template, string Error)> _texts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PostTemplate> _templates = new(StringComparer.Ordinal);

    public PostTemplate Parse(string json) =>
        _templates.TryGetValue(json, out var known) ? known : _templates[json] = PostTemplate.Parse(json);

    /// <param name="customContent">Stands for the template's own content.</param>
    public Post Write(PostTemplate template, string? customContent, StreamFacts facts, DateTimeZone zone, Checks? checks = null)
    {
        var pen = Pen(facts, zone, checks);
        return new Post(Content(pen, template, customContent), pen.Rich(template));
    }

    /// <summary>What stands over the cards, alone.</summary>
    public string Content(PostTemplate template, string? customContent, StreamFacts facts, DateTimeZone zone) =>
        Content(Pen(facts, zone, null), template, customContent);

    /// <summary>The cards alone; the same for every role unless the template <see cref="PostTemplate.MentionsInCards"/>.</summary>
    public RichContent? Rich(PostTemplate template, StreamFacts facts, DateTimeZone zone) => Pen(facts, zone, null).Rich(template);

    /// <summary>A text that is all a guild or streamer wrote, as tried with a sample.</summary>
    public void Check(Checks checks, string field, string text, DateTimeZone zone)
    {
        var facts = StreamFacts.Sample(clock.GetUtcNow(), "<@&12345678901234567890>");
        var pen = Pen(facts, zone, checks);
        checks.Optional(field, pen.Text(field, text, PostLimits.Content), PostLimits.Content);
    }

    public void Check(Checks checks, string field, PostTemplate template, DateTimeZone zone)
    {
        var before = checks.Errors.Count;
        var post = Write(template, null, StreamFacts.Sample(clock.GetUtcNow(), "<@&12345678901234567890>"), zone, checks);
        checks.Optional($"{field}.content", post.Content, PostLimits.Content)
            .That((template.Buttons?.Count ?? 0) <= PostLimits.Buttons, $"{field}.buttons", $"must hold at most {PostLimits.Buttons}.");
        post.Rich?.Check(checks, field);
        checks.That(
            checks.Errors.Count > before || post.Content.Length > 0 || post.Rich is not null, field, "shows nothing; give it a content or an embed.");
    }

    private Writing Pen(StreamFacts facts, DateTimeZone zone, Checks? checks) =>
        new(this, facts, new Lazy<Evaluation>(() => facts.ForExpressions(clock.GetUtcNow(), zone, clock)), checks);

    /// <summary>The role is mentioned also where somebody's own text does not say where.</summary>
    private string Content(Writing pen, PostTemplate template, string? custom)
    {
        if (custom is null)
        {
            return pen.Text("message_template.content", template.Content, PostLimits.Content).Trim();
        }

        var isPlaced = Find(custom).Template is { } parsed && parsed.Uses("mention_role");
        return pen.Text("custom_content", isPlaced ? custom : $"{{mention_role}} {custom}", PostLimits.Content).Trim();
    }

    private (TextTemplate? Template, string Error) Find(string source)
    {
        if (!_texts.TryGetValue(source, out var known))
        {
            _texts[source] = known = TextTemplate.TryParse(source, out var template, out var error) ? (template, "") : (null, error);
        }

        return known;
    }

    private sealed class Writing(PostWriter writer, StreamFacts facts, Lazy<Evaluation> names, Checks? checks)
    {
        private int _left = PostLimits.AllEmbeds;

        public string Text(string path, string? source, int max)
        {
            if (string.IsNullOrEmpty(source))
            {
                return "";
            }

            var (template, wrong) = writer.Find(source);
            if (template is null)
            {
                checks?.Fail(path, wrong);
                return checks is null ? PostLimits.Cut(source, max) : "";
            }

            var text = template.Render(facts, names, out var error);
            if (error is not null)
            {
                checks?.Fail(path, error);
            }

            return checks is null ? PostLimits.Cut(text, max) : text;
        }

        public RichContent? Rich(PostTemplate template)
        {
            var embeds = template.AllEmbeds.Select((e, i) => e is null ? null : Embed($"message_template.embeds[{i}]", e))
                .OfType<Embed>().ToList();
            var buttons = (template.Buttons ?? []).Select((b, i) => Button($"message_template.buttons[{i}]", b)).OfType<Component>().ToList();
            if (checks is null)
            {
                embeds = [.. embeds.Take(PostLimits.Embeds)];
                buttons = [.. buttons.Take(PostLimits.Buttons)];
            }

            return embeds.Count + buttons.Count == 0
                ? null
                : new RichContent(
                    embeds.Count > 0 ? embeds : null,
                    buttons.Count > 0 ? [.. buttons.Chunk(PostLimits.ButtonsInRow)] : null);
        }

        private Embed? Embed(string at, TemplateEmbed e)
        {
            var made = new Embed(
                Part($"{at}.title", e.Title, PostLimits.Title),
                Part($"{at}.description", e.Description, PostLimits.Description),
                Url($"{at}.url", e.Url),
                e.Color,
                Part($"{at}.author", e.Author?.Name, PostLimits.Author),
                Part($"{at}.footer", e.Footer?.Text, PostLimits.Footer),
                Url($"{at}.image_url", e.Image?.Url),
                Url($"{at}.thumbnail_url", e.Thumbnail?.Url),
                Fields(at, e.Fields),
                Url($"{at}.author_url", e.Author?.Url),
                Url($"{at}.author_icon_url", e.Author?.IconUrl),
                Url($"{at}.footer_icon_url", e.Footer?.IconUrl),
                e.Timestamp ? facts.StartedAt : null);
            var isEmpty = made is { Title: null, Description: null, Author: null, Footer: null, ImageUrl: null, ThumbnailUrl: null, Fields: null };
            return isEmpty && checks is null ? null : made;
        }

        private List<EmbedField>? Fields(string at, IReadOnlyList<TemplateField?>? fields)
        {
            var made = new List<EmbedField>();
            for (var i = 0; i < (fields?.Count ?? 0) && (checks is not null || made.Count < PostLimits.Fields); i++)
            {
                var name = Part($"{at}.fields[{i}].name", fields![i]?.Name, PostLimits.FieldName);
                var value = Part($"{at}.fields[{i}].value", fields[i]?.Value, PostLimits.FieldValue);
                if (checks is not null || (name is not null && value is not null))
                {
                    made.Add(new EmbedField(name, value, fields[i]?.Inline ?? false));
                }
            }

            return made.Count > 0 ? made : null;
        }

        private Component? Button(string at, TemplateButton? b)
        {
            var label = Text($"{at}.label", b?.Label, PostLimits.ButtonLabel);
            var url = Url($"{at}.url", b?.Url, PostLimits.ButtonUrl);
            return checks is null && (label.Length == 0 || url is null) ? null : new Component("button", Label: label, Url: url ?? "");
        }

        /// <summary>A piece of the cards, which have a limit together.</summary>
        private string? Part(string path, string? source, int max)
        {
            var text = Text(path, source, checks is null ? Math.Min(max, _left) : max);
            _left -= text.Length;
            return string.IsNullOrWhiteSpace(text) ? null : text;
        }

        private string? Url(string path, string? source, int max = PostLimits.Url)
        {
            var url = Text(path, source, int.MaxValue);
            var isGood = url.Length <= max && Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https";
            return url.Length == 0 || (checks is null && !isGood) ? null : url;
        }
    }
}
