using System.Text.Json;

namespace Rookery.Platforms.Discord.Interactions;

/// <summary>Makes Discord's modal of a form. Source: Discord developer documentation, Component reference.</summary>
internal static class FormModal
{
    private const int MaxFields = 5;
    private const int MaxTitle = 45;
    private const int MaxLabel = 45;
    private const int MaxName = 100;
    private const int MaxPlaceholder = 100;
    private const int MaxOptions = 25;
    private const int MaxOption = 100;
    private const int MaxText = 4000;

    /// <param name="id">Names the form, unless it has a <c>custom_id</c> of its own.</param>
    /// <returns>The modal, or why there is none.</returns>
    public static (ModalData? Modal, string? Why) Of(JsonElement form, string id)
    {
        var fields = List(form, "form_fields").Where(f => Text(f, "type") != "hidden").ToList();
        if (fields.Count is 0 or > MaxFields)
        {
            return (null, Elsewhere($"it has {fields.Count} fields, of which Discord shows 1 to {MaxFields}", form));
        }

        if (fields.FirstOrDefault(f => List(f, "options").Count() > MaxOptions) is { ValueKind: JsonValueKind.Object } many)
        {
            return (null, Elsewhere($"{Text(many, "name")} has more than {MaxOptions} options", form));
        }

        if (fields.Any(f => Text(f, "name") is not { Length: > 0 and <= MaxName }))
        {
            return (null, Elsewhere("a field has no name that fits", form));
        }

        var components = fields.Select(Label).ToList();
        if (Text(form, "form_description") is { } description)
        {
            components.Insert(0, new WireComponent(10) { Content = Cut(description, MaxText) });
        }

        var title = Cut(Text(form, "form_title") ?? "Form", MaxTitle);
        return (new ModalData(Cut(Text(form, "custom_id") ?? id, MaxName), title, components), null);
    }

    private static WireComponent Label(JsonElement field) => new(18)
    {
        Label = Cut(Text(field, "label") ?? Text(field, "name")!, MaxLabel),
        Component = Text(field, "type") is "select" or "multiselect" or "radio" ? Select(field) : Input(field),
    };

    private static WireComponent Select(JsonElement field)
    {
        var options = List(field, "options").Select(o => Cut(o.ToString(), MaxOption)).ToList();
        return new WireComponent(3)
        {
            CustomId = Text(field, "name"),
            Placeholder = Placeholder(field),
            Required = IsRequired(field),
            Options = [.. options.Select(o => new WireOption(o, o, null))],
            MinValues = IsRequired(field) ? 1 : 0,
            MaxValues = Text(field, "type") == "multiselect" ? options.Count : 1,
        };
    }

    private static WireComponent Input(JsonElement field) => new(4)
    {
        CustomId = Text(field, "name"),
        Style = Text(field, "type") == "textarea" ? 2 : 1,
        Placeholder = Placeholder(field),
        Required = IsRequired(field),
        Value = field.TryGetProperty("value", out var value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Array)
            ? Cut(value.ToString(), MaxText)
            : null,
    };

    private static string? Placeholder(JsonElement field) => Text(field, "placeholder") is { } text ? Cut(text, MaxPlaceholder) : null;

    private static bool IsRequired(JsonElement field) => field.TryGetProperty("required", out var r) && r.ValueKind == JsonValueKind.True;

    private static string Elsewhere(string why, JsonElement form) =>
        $"This form cannot be shown here: {why}." + (Text(form, "form_submit_url") is { } url ? $" Fill it in at {url}" : "");

    private static string Cut(string text, int max) => text.Length <= max ? text : $"{text[..(max - 1)]}…";

    private static string? Text(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
        && value.GetString() is { Length: > 0 } text
            ? text
            : null;

    private static IEnumerable<JsonElement> List(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray()
            : [];
}
