using System.Text.Json;
using System.Text.Json.Nodes;
using Rookery.Workflows.Definition;

namespace Rookery.Workflows.Tests;

/// <summary>
/// Writes definitions shortly: nodes as (key, type, config in JSON), connections as <c>a.port&gt;b</c>, or <c>a&gt;b</c> for the port out.
/// </summary>
internal sealed class GraphText
{
    private readonly JsonObject _nodes = [];
    private readonly JsonArray _connections = [];
    private JsonNode? _globals;
    private JsonNode? _settings;

    public GraphText Node(string key, string type, string config = "{}", bool enabled = true)
    {
        _nodes[key] = new JsonObject
        {
            ["type"] = type,
            ["label"] = key,
            ["position"] = new JsonObject { ["x"] = 0, ["y"] = 0 },
            ["enabled"] = enabled,
            ["config"] = JsonNode.Parse(config),
        };
        return this;
    }

    public GraphText Link(params string[] links)
    {
        foreach (var link in links)
        {
            var (from, to) = (link.Split('>')[0], link.Split('>')[1]);
            _connections.Add(new JsonObject
            {
                ["id"] = $"c{_connections.Count}",
                ["from"] = from.Split('.')[0],
                ["from_port"] = from.Contains('.', StringComparison.Ordinal) ? from.Split('.')[1] : "out",
                ["to"] = to,
                ["to_port"] = "in",
            });
        }

        return this;
    }

    public GraphText Globals(string json)
    {
        _globals = JsonNode.Parse(json);
        return this;
    }

    public GraphText Settings(string json)
    {
        _settings = JsonNode.Parse(json);
        return this;
    }

    public string Json()
    {
        var made = new JsonObject { ["nodes"] = _nodes.DeepClone(), ["connections"] = _connections.DeepClone() };
        if (_globals is not null)
        {
            made["global_variables"] = _globals.DeepClone();
        }

        if (_settings is not null)
        {
            made["settings"] = _settings.DeepClone();
        }

        return made.ToJsonString();
    }

    public WorkflowDocument Document() => JsonSerializer.Deserialize(Json(), WorkflowsJson.Default.WorkflowDocument)!;

    public Graph Compile()
    {
        var (graph, findings) = Compiler.Compile(Document());
        findings.Where(f => f.Severity == Severity.Error).ShouldBeEmpty();
        return graph!;
    }
}
