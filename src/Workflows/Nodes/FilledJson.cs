using System.Text.Json;
using Rookery.Kernel.Expressions;

namespace Rookery.Workflows.Nodes;

/// <summary>JSON with templates in its texts.</summary>
internal sealed class FilledJson
{
    private readonly Value? _constant;
    private readonly Field<Template>? _template;
    private readonly IReadOnlyList<(string? Name, FilledJson Value)> _children;
    private readonly bool _isList;

    private FilledJson(Value? constant, Field<Template>? template, IReadOnlyList<(string? Name, FilledJson Value)> children, bool isList) =>
        (_constant, _template, _children, _isList) = (constant, template, children, isList);

    public static FilledJson Empty { get; } = new(Value.EmptyObject, null, [], isList: false);

    public static FilledJson Of(JsonElement json, string field, Binder binder)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.String:
                var template = binder.Template(field, json.GetString()!);
                return new(null, template, [], isList: false);
            case JsonValueKind.Array:
                return new(null, null, [.. json.EnumerateArray().Select((v, i) => ((string?)null, Of(v, $"{field}[{i}]", binder)))], isList: true);
            case JsonValueKind.Object:
                return new(null, null, [.. json.EnumerateObject().Select(p => ((string?)p.Name, Of(p.Value, $"{field}.{p.Name}", binder)))], isList: false);
            default:
                return new(Value.Parse(json), null, [], isList: false);
        }
    }

    public Value Fill(NodeContext context)
    {
        if (_constant is { } constant)
        {
            return constant;
        }

        if (_template is { } template)
        {
            return context.Value(template);
        }

        if (_isList)
        {
            return Value.List([.. _children.Select(c => c.Value.Fill(context))]);
        }

        var made = new ObjectBuilder(_children.Count);
        foreach (var (name, value) in _children)
        {
            made.Set(name!, value.Fill(context));
        }

        return made.Build();
    }
}
