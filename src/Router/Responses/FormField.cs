using System.Text.Json;
using Rookery.Kernel.Web;

namespace Rookery.Router.Responses;

/// <summary>One field of a form that a module wants filled in.</summary>
/// <param name="Options">What may be chosen; for select, multiselect and radio.</param>
/// <param name="Value">What stands in it at first: a text, a number, a truth value or a list of texts.</param>
internal sealed record FormField(
    string? Name, string? Type, string? Label, bool Required, IReadOnlyList<string>? Options, string? Placeholder, JsonElement? Value)
{
    private const int MaxFields = 50;
    private const int MaxName = 100;
    private const int MaxLabel = 200;
    private const int MaxOptions = 200;

    private static readonly string[] Types =
        [
            "text",
            "textarea",
            "select",
            "multiselect",
            "radio",
            "checkbox",
            "number",
            "email",
            "url",
            "date",
            "time",
            "hidden",
            "password"
        ];

    public static void Check(Checks checks, IReadOnlyList<FormField?>? fields)
    {
        if (fields is not { Count: >= 1 and <= MaxFields })
        {
            checks.Fail("form_fields", $"must hold 1 to {MaxFields} fields.");
            return;
        }

        for (var i = 0; i < fields.Count; i++)
        {
            if (fields[i] is { } field)
            {
                field.Check(checks, FormattableString.Invariant($"form_fields[{i}]"));
            }
            else
            {
                checks.Fail(FormattableString.Invariant($"form_fields[{i}]"), "must be an object.");
            }
        }

        checks.That(
            fields.Select(f => f?.Name).Distinct(StringComparer.Ordinal).Count() == fields.Count, "form_fields", "holds two fields of one name.");
    }

    private void Check(Checks checks, string at)
    {
        checks.Text($"{at}.name", Name, MaxName)
            .Optional($"{at}.label", Label, MaxLabel)
            .Optional($"{at}.placeholder", Placeholder, MaxLabel)
            .That(
                Types.Contains(Type, StringComparer.Ordinal),
                $"{at}.type",
                $"must be one of {string.Join(", ", Types)}.")
            .That(Value is null || StorableJson.Is(Value.Value), $"{at}.value", "cannot be stored.");
        if (Type is "select" or "multiselect" or "radio")
        {
            checks.That(
                Options is { Count: >= 1 and <= MaxOptions }
                    && Options.All(o => o is { Length: > 0 and <= MaxLabel } && Checks.Storable(o)),
                $"{at}.options",
                $"must hold 1 to {MaxOptions} texts of at most {MaxLabel} characters.");
        }
        else
        {
            checks.That(Options is null or { Count: 0 }, $"{at}.options", "is only for select, multiselect and radio.");
        }
    }
}
