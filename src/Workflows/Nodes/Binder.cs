using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Rookery.Kernel.Expressions;
using Rookery.Workflows.Definition;

namespace Rookery.Workflows.Nodes;

/// <summary>Compiles what is written in one node's config, and notes what is wrong with it under that node's name.</summary>
internal sealed partial class Binder(string key, Findings findings, RunSettings settings)
{
    public const int MaxText = 8000;

    private static readonly Field<Template> Nothing = new("", Parsed(""));

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    public RunSettings Settings => settings;

    /// <summary>The variables the config asks for.</summary>
    public IReadOnlySet<string> Names => _names;

    public Binder That(bool holds, string field, string code, string message)
    {
        if (!holds)
        {
            findings.Error(code, message, key, field);
        }

        return this;
    }

    public void Warn(string code, string field, string message) => findings.Warn(code, message, key, field);

    public Binder OneOf(string field, string? value, IReadOnlyList<string> known) => That(
        value is not null && known.Contains(value, StringComparer.Ordinal), field, "unknown_value", $"must be one of {string.Join(", ", known)}.");

    /// <summary>Checks every number against its <see cref="RangeAttribute"/>.</summary>
    public void Ranges(object config)
    {
        foreach (var property in config.GetType().GetProperties())
        {
            if (property.GetCustomAttribute<RangeAttribute>() is { } range && property.GetValue(config) is { } value && !range.IsValid(value))
            {
                findings.Error(
                    "out_of_range", $"must be from {Show(range.Minimum)} to {Show(range.Maximum)}.", key, JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name));
            }
        }
    }

    /// <summary>A text in which <c>{{ … }}</c> is filled in.</summary>
    public Field<Template> Template(string field, string? text, bool isRequired = false)
    {
        if (string.IsNullOrWhiteSpace(text) && isRequired)
        {
            findings.Error("required", "must not be empty.", key, field);
            return Nothing;
        }

        if (text is { Length: > MaxText })
        {
            findings.Error("too_long", $"has {Show(text.Length)} characters; at most {Show(MaxText)} are allowed.", key, field);
            return Nothing;
        }

        if (!Kernel.Expressions.Template.TryParse(text ?? "", out var template, out var errors))
        {
            Note(field, errors);
            return Nothing;
        }

        _names.UnionWith(template.Names);
        return new(field, template);
    }

    /// <summary>An expression without braces; a whole template such as <c>{{ items }}</c> is taken for its expression.</summary>
    public Field<Template> Expression(string field, string? text, bool isRequired = true)
    {
        var bare = text?.Trim() ?? "";
        return bare.Length == 0 || (bare.StartsWith("{{", StringComparison.Ordinal) && bare.EndsWith("}}", StringComparison.Ordinal))
            ? Template(field, bare, isRequired)
            : Template(field, $"{{{{{bare}}}}}", isRequired);
    }

    public FilledJson Json(string field, JsonElement? json) => json is { } given ? FilledJson.Of(given, field, this) : FilledJson.Empty;

    /// <summary>A name under which a variable is kept.</summary>
    public string Variable(string field, string? name)
    {
        That(name is not null && VariableName().IsMatch(name), field, "bad_name", "must be a name of letters, digits and _ that does not begin with a digit.");
        That(name is not ("true" or "false" or "null" or "and" or "or" or "not" or "in"), field, "bad_name", "is a word of the expression language; take another name.");
        return name ?? "";
    }

    private void Note(string field, IReadOnlyList<ParseError> errors)
    {
        foreach (var error in errors)
        {
            findings.Add(new Finding(Severity.Error, "bad_expression", error.Message, key, field, error.Line, error.Column));
        }
    }

    private static Template Parsed(string text) =>
        Kernel.Expressions.Template.TryParse(text, out var template, out _) ? template : throw new InvalidOperationException(text);

    private static string Show(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture)!;

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]{0,99}$", RegexOptions.NonBacktracking)]
    private static partial Regex VariableName();
}
