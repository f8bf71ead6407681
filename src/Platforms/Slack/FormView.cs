using System.Text.Json;

namespace Rookery.Platforms.Slack;

/// <summary>Makes Slack's modal of a form. Source: Slack, Views; Block Kit, input block.</summary>
internal static class FormView
{
    private const int MaxTitle = 24;
    private const int MaxLabel = 2000;
    private const int MaxName = 255;
    private const int MaxOptions = 100;
    private const int MaxValue = 150;
    private const int MaxText = 3000;
    private const int MaxBlocks = 100;

    /// <param name="id">Names the form, unless it has a <c>custom_id</c> of its own.</param>
    /// <param name="place">Where its answer belongs; null: with the person.</param>
    /// <returns>The modal, or why there is none.</returns>
    public static (View? View, string? Why) Of(JsonElement form, string id, string? place)
    {
        var fields = form.List("form_fields").Where(f => f.Text("type") != "hidden").ToList();
        if (fields.Count is 0 or >= MaxBlocks)
        {
            return (null, Elsewhere($"it has {fields.Count} fields, of which Slack shows 1 to {MaxBlocks - 1}", form));
        }

        if (fields.FirstOrDefault(f => f.List("options").Count() > MaxOptions) is { ValueKind: JsonValueKind.Object } many)
        {
            return (null, Elsewhere($"{many.Text("name")} has more than {MaxOptions} options", form));
        }

        if (fields.Any(f => f.Text("name") is not { Length: <= MaxName }))
        {
            return (null, Elsewhere("a field has no name that fits", form));
        }

        var blocks = fields.Select(Input).ToList();
        if (form.Text("form_description") is { } description)
        {
            blocks.Insert(0, new Block("section") { Text = SlackText.Plain(description, MaxText) });
        }

        var title = SlackText.Plain(form.Text("form_title") ?? "Form", MaxTitle);
        return (new View(SlackText.Cut(form.Text("custom_id") ?? id, MaxName), title, blocks, place), null);
    }

    private static Block Input(JsonElement field) => new("input")
    {
        Label = SlackText.Plain(field.Text("label") ?? field.Text("name")!, MaxLabel),
        Optional = !field.Says("required"),
        Element = Element(field) with { ActionId = field.Text("name") },
    };

    private static Element Element(JsonElement field) => field.Text("type") switch
    {
        "select" or "radio" => Choice(field, "static_select"),
        "multiselect" => Choice(field, "multi_static_select"),
        "checkbox" => new Element("checkboxes") { Options = [SlackComponents.Option(field.Text("label") ?? "Yes", "true")] },
        "number" => Typed(field, "number_input") with { IsDecimalAllowed = true },
        "email" => Typed(field, "email_text_input"),
        "url" => Typed(field, "url_text_input"),
        "date" => Typed(field, "datepicker"),
        "time" => Typed(field, "timepicker"),
        var type => Typed(field, "plain_text_input") with { Multiline = type == "textarea", InitialValue = Value(field) },
    };

    private static Element Typed(JsonElement field, string type) =>
        new(type) { Placeholder = SlackComponents.Placeholder(field.Text("placeholder")) };

    private static Element Choice(JsonElement field, string type) => Typed(field, type) with
    {
        Options = [.. field.List("options").Select(o => SlackComponents.Option(o.ToString(), SlackText.Cut(o.ToString(), MaxValue)))],
    };

    private static string? Value(JsonElement field) =>
        field.At("value") is { ValueKind: not JsonValueKind.Array } value ? SlackText.Cut(value.ToString(), MaxText) : null;

    private static string Elsewhere(string why, JsonElement form) =>
        $"This form cannot be shown here: {why}." + (form.Text("form_submit_url") is { } url ? $" Fill it in at {url}" : "");
}
