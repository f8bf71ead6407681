using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using Rookery.Workflows.Nodes;

namespace Rookery.Workflows.Api;

/// <summary>A kind of node, for editors.</summary>
/// <param name="Ports">With its default config; those of a switch or of parallel ways follow from their configs.</param>
/// <param name="ConfigSchema">JSON Schema of its config.</param>
internal sealed record NodeTypeView(string Type, string Category, string Description, IReadOnlyList<string> Ports, JsonNode ConfigSchema);

/// <summary>The JSON Schema of definitions, made from the classes that read them.</summary>
internal static class WorkflowSchema
{
    private static readonly JsonSchemaExporterOptions Options = new() { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Describe };

    public static IReadOnlyList<NodeTypeView> Palette { get; } = [.. NodeTypes.All.Select(View)];

    public static JsonObject Document { get; } = Make();

    private static JsonObject Make()
    {
        var schema = Of(WorkflowsJson.Default.WorkflowFile).AsObject();
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.Insert(1, "title", "Rookery workflow");
        schema["required"] = new JsonArray("nodes", "connections");
        var node = Of(WorkflowsJson.Default.NodeDocument).AsObject();
        node["required"] = new JsonArray("type", "label", "position");
        node["properties"]!["type"] = new JsonObject
        {
            ["description"] = "What the node does.",
            ["enum"] = new JsonArray([.. NodeTypes.All.Select(t => JsonValue.Create(t.Name))]),
        };
        node["allOf"] = new JsonArray([.. NodeTypes.All.Select(Choice)]);
        var configs = new JsonObject { ["node"] = node };
        foreach (var type in Palette)
        {
            configs[type.Type] = type.ConfigSchema.DeepClone();
        }

        schema["properties"]!["nodes"] = new JsonObject
        {
            ["description"] = "The nodes by key. A key is 1 to 64 letters, digits, - and _.",
            ["type"] = "object",
            ["minProperties"] = 1,
            ["maxProperties"] = Definition.Graph.MaxNodes,
            ["propertyNames"] = new JsonObject { ["pattern"] = "^[A-Za-z0-9_-]{1,64}$" },
            ["additionalProperties"] = new JsonObject { ["$ref"] = "#/$defs/node" },
        };
        schema["$defs"] = configs;
        return schema;
    }

    private static JsonObject Choice(NodeType type) => new()
    {
        ["if"] = new JsonObject { ["properties"] = new JsonObject { ["type"] = new JsonObject { ["const"] = type.Name } } },
        ["then"] = new JsonObject { ["properties"] = new JsonObject { ["config"] = new JsonObject { ["$ref"] = $"#/$defs/{type.Name}" } } },
    };

    private static NodeTypeView View(NodeType type) => new(
        type.Name,
        type.Category,
        type.Json.Type.GetCustomAttribute<DescriptionAttribute>()!.Description,
        ((Node)JsonSerializer.Deserialize("{}", type.Json)!).Ports,
        Of(type.Json));

    private static JsonNode Of(JsonTypeInfo type) => type.GetJsonSchemaAsNode(Options);

    /// <summary>Adds what the attributes say: a description, and the least and greatest number.</summary>
    private static JsonNode Describe(JsonSchemaExporterContext context, JsonNode schema)
    {
        var provider = context.PropertyInfo is { } property ? property.AttributeProvider : context.TypeInfo.Type;
        if (schema is not JsonObject made || provider is null)
        {
            return schema is JsonObject || provider?.GetCustomAttributes(typeof(DescriptionAttribute), false) is not [DescriptionAttribute any] ? schema
                : new JsonObject { ["description"] = any.Description };
        }

        if (provider.GetCustomAttributes(typeof(DescriptionAttribute), false) is [DescriptionAttribute text])
        {
            made.Insert(0, "description", text.Description);
        }

        if (provider.GetCustomAttributes(typeof(RangeAttribute), false) is [RangeAttribute range])
        {
            made["minimum"] = Convert.ToInt64(range.Minimum, CultureInfo.InvariantCulture);
            made["maximum"] = Convert.ToInt64(range.Maximum, CultureInfo.InvariantCulture);
        }

        return made;
    }
}
