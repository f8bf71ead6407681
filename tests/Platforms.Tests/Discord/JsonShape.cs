using System.Text.Json;
using System.Text.RegularExpressions;

namespace Rookery.Platforms.Tests.Discord;

/// <summary>
/// Compares JSON with the schemas of an OpenAPI 3.1 document, as far as that one uses them. Stricter than they are: a field
/// that a schema does not name is wrong, for it would be ignored.
/// </summary>
internal sealed class JsonShape(JsonElement document)
{
    /// <summary>Whether the document has such a call.</summary>
    public bool Knows(string method, string path) => Operations(method, path).Any();

    /// <summary>What a call's body should be; null when the document has no such call.</summary>
    public JsonElement? BodyOf(string method, string path)
    {
        foreach (var operation in Operations(method, path))
        {
            if (operation.TryGetProperty("requestBody", out var body))
            {
                return body.GetProperty("content").GetProperty("application/json").GetProperty("schema");
            }
        }

        return null;
    }

    private IEnumerable<JsonElement> Operations(string method, string path)
    {
        foreach (var candidate in document.GetProperty("paths").EnumerateObject().OrderBy(p => p.Name.Count(c => c == '{')))
        {
            var pattern = "^" + Regex.Replace(Regex.Escape(candidate.Name), @"\\\{[^}]+}", "[^/]+") + "$";
            if (Regex.IsMatch(path, pattern) && candidate.Value.TryGetProperty(method.ToLowerInvariant(), out var operation))
            {
                yield return operation;
            }
        }
    }

    /// <returns>What is wrong; empty when it fits.</returns>
    public IReadOnlyList<string> Compare(JsonElement schema, JsonElement value, string at = "$")
    {
        while (schema.TryGetProperty("$ref", out var reference))
        {
            schema = reference.GetString()!.Split('/')[1..].Aggregate(document, (json, name) => json.GetProperty(name));
        }

        var wrong = new List<string>();
        if (schema.TryGetProperty("type", out var type) && !IsOf(type, value))
        {
            return [$"{at} is {value.ValueKind}, not {type}"];
        }

        Bounds(schema, value, at, wrong);
        if (schema.TryGetProperty("enum", out var values) && !values.EnumerateArray().Any(v => JsonElement.DeepEquals(v, value)))
        {
            wrong.Add($"{at} is {value}, not one of {values}");
        }

        if (schema.TryGetProperty("const", out var only) && !JsonElement.DeepEquals(only, value))
        {
            wrong.Add($"{at} is {value}, not {only}");
        }

        if (schema.TryGetProperty("allOf", out var all))
        {
            wrong.AddRange(all.EnumerateArray().SelectMany(s => Compare(s, value, at)));
        }

        foreach (var choice in new[] { "oneOf", "anyOf" })
        {
            if (schema.TryGetProperty(choice, out var any))
            {
                var tries = any.EnumerateArray().Select(s => Compare(s, value, at)).ToList();
                wrong.AddRange(tries.Any(t => t.Count == 0) ? [] : tries.MinBy(t => t.Count)!.Prepend($"{at} fits none of {tries.Count}"));
            }
        }

        return wrong;
    }

    private void Bounds(JsonElement schema, JsonElement value, string at, List<string> wrong)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                var text = value.GetString()!;
                Within(schema, "minLength", "maxLength", text.Length, at, wrong);
                if (schema.TryGetProperty("pattern", out var pattern) && !Regex.IsMatch(text, pattern.GetString()!))
                {
                    wrong.Add($"{at} is {text}, which is not {pattern}");
                }

                break;
            case JsonValueKind.Number:
                Within(schema, "minimum", "maximum", value.GetDouble(), at, wrong);
                break;
            case JsonValueKind.Array:
                Within(schema, "minItems", "maxItems", value.GetArrayLength(), at, wrong);
                if (schema.TryGetProperty("items", out var items))
                {
                    wrong.AddRange(value.EnumerateArray().SelectMany((v, i) => Compare(items, v, $"{at}[{i}]")));
                }

                break;
            case JsonValueKind.Object:
                Fields(schema, value, at, wrong);
                break;
            default:
                break;
        }
    }

    private void Fields(JsonElement schema, JsonElement value, string at, List<string> wrong)
    {
        if (schema.TryGetProperty("required", out var required))
        {
            wrong.AddRange(required.EnumerateArray().Where(r => !value.TryGetProperty(r.GetString()!, out _)).Select(r => $"{at}.{r} is missing"));
        }

        if (!schema.TryGetProperty("properties", out var properties))
        {
            return;
        }

        foreach (var field in value.EnumerateObject())
        {
            wrong.AddRange(properties.TryGetProperty(field.Name, out var inner)
                ? Compare(inner, field.Value, $"{at}.{field.Name}")
                : [$"{at}.{field.Name} is not known"]);
        }
    }

    private static void Within(JsonElement schema, string least, string most, double number, string at, List<string> wrong)
    {
        if ((schema.TryGetProperty(least, out var min) && number < min.GetDouble())
            || (schema.TryGetProperty(most, out var max) && number > max.GetDouble()))
        {
            wrong.Add($"{at} has or is {number}, which is out of bounds");
        }
    }

    private static bool IsOf(JsonElement type, JsonElement value) => type.ValueKind == JsonValueKind.Array
        ? type.EnumerateArray().Any(t => IsOf(t, value))
        : type.GetString() switch
        {
            "object" => value.ValueKind == JsonValueKind.Object,
            "array" => value.ValueKind == JsonValueKind.Array,
            "string" => value.ValueKind == JsonValueKind.String,
            "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            "null" => value.ValueKind == JsonValueKind.Null,
            "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
            _ => value.ValueKind == JsonValueKind.Number,
        };
}
