using System.Collections.Frozen;
using System.Text.Json.Serialization.Metadata;

namespace Rookery.Workflows.Nodes;

/// <summary>A kind of node.</summary>
/// <param name="Name">As definitions say it.</param>
/// <param name="Json">How its config is read, and what its schema comes from.</param>
internal sealed record NodeType(string Name, JsonTypeInfo Json)
{
    /// <summary>trigger, condition, action, data, loop or flow.</summary>
    public string Category => Name[..Name.IndexOf('_', StringComparison.Ordinal)];

    public bool IsTrigger => Category == "trigger";
}

/// <summary>All kinds of nodes there are.</summary>
internal static class NodeTypes
{
    private static readonly WorkflowsJson Json = WorkflowsJson.Default;

    public static IReadOnlyList<NodeType> All { get; } =
    [
        new("trigger_command", Json.CommandTrigger),
        new("trigger_event", Json.EventTrigger),
        new("trigger_webhook", Json.WebhookTrigger),
        new("trigger_schedule", Json.ScheduleTrigger),
        new("condition_if", Json.IfNode),
        new("condition_switch", Json.SwitchNode),
        new("condition_filter", Json.FilterNode),
        new("condition_user_role", Json.UserRoleNode),
        new("action_module", Json.ModuleNode),
        new("action_webhook", Json.WebhookNode),
        new("action_chat_message", Json.ChatMessageNode),
        new("action_browser_source", Json.BrowserSourceNode),
        new("action_delay", Json.DelayNode),
        new("data_transform", Json.TransformNode),
        new("data_variable_set", Json.VariableSetNode),
        new("data_variable_get", Json.VariableGetNode),
        new("data_parse_json", Json.ParseJsonNode),
        new("loop_foreach", Json.ForeachNode),
        new("loop_while", Json.WhileNode),
        new("loop_repeat", Json.RepeatNode),
        new("loop_break", Json.BreakNode),
        new("flow_merge", Json.MergeNode),
        new("flow_parallel", Json.ParallelNode),
        new("flow_end", Json.EndNode),
        new("flow_stop", Json.StopNode),
    ];

    private static readonly FrozenDictionary<string, NodeType> ByName = All.ToFrozenDictionary(t => t.Name, StringComparer.Ordinal);

    public static NodeType? Find(string? name) => name is null ? null : ByName.GetValueOrDefault(name);
}
