using System.Text.Json;
using System.Text.Json.Serialization;
using Rookery.Kernel.Web;
using Rookery.Workflows.Definition;

namespace Rookery.Workflows.Api;

/// <summary>A workflow to be made or changed; of a change, what is left out stays as it is.</summary>
/// <param name="EntityId">The channel it belongs to and works in, as platform:server:channel.</param>
/// <param name="UpdatedAt">Of a change: that of the state it is based on; when somebody changed it meanwhile, it is refused.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record WorkflowRequest(
    string? EntityId, string? Name, string? Description, IReadOnlyDictionary<string, NodeDocument?>? Nodes, IReadOnlyList<ConnectionDocument?>? Connections,
    JsonElement? GlobalVariables, RunSettings? Settings, DateTimeOffset? UpdatedAt)
{
    public const int MinName = 3;
    private const int MaxName = 255;
    private const int MaxDescription = 1000;
    private const int MaxDocument = 512 * 1024;

    public WorkflowDocument ToDocument() => new() { Nodes = Nodes, Connections = Connections, GlobalVariables = GlobalVariables, Settings = Settings };

    /// <summary>What can be stored at all; whether it can run is another question.</summary>
    public Checks Check(bool isNew)
    {
        var checks = new Checks().Optional("description", Description, MaxDescription);
        if (isNew || Name is not null)
        {
            checks.Text("name", Name, MaxName, MinName).That(Name is null || !string.IsNullOrWhiteSpace(Name), "name", "must not be blank.");
        }

        checks.That(!isNew || EntityId is not null, "entity_id", "is required: the channel, as platform:server:channel.")
            .That(GlobalVariables is not { ValueKind: not (JsonValueKind.Object or JsonValueKind.Null) }, "global_variables", "must be an object.");
        var json = JsonSerializer.SerializeToElement(ToDocument(), WorkflowsJson.Default.WorkflowDocument);
        return checks.That(json.GetRawText().Length <= MaxDocument, "nodes", "are too long; a definition may have 512 KiB.")
            .That(StorableJson.Is(json), "nodes", "hold U+0000, half of a surrogate pair or a number no computer can hold; remove it.");
    }
}

/// <param name="Findings">What is to be mended before it can be published, and what its author may want to know.</param>
internal sealed record WorkflowAnswer(Workflow Workflow, IReadOnlyList<Finding> Findings);

/// <summary>What a list shows of a workflow.</summary>
internal sealed record WorkflowSummary(
    Guid WorkflowId, string EntityId, string Name, string? Description, string Status, string TriggerType, int Version, string CreatedBy, string UpdatedBy,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <param name="IsValid">It may be published.</param>
internal sealed record ValidationAnswer(bool IsValid, int ErrorCount, int WarningCount, IReadOnlyList<Finding> Findings)
{
    public static ValidationAnswer Of(IReadOnlyList<Finding> findings)
    {
        var errors = findings.Count(f => f.Severity == Severity.Error);
        return new(errors == 0, errors, findings.Count - errors, findings);
    }
}

/// <summary>A published version.</summary>
internal sealed record VersionSummary(int Version, string TriggerType, string PublishedBy, DateTimeOffset PublishedAt);

internal sealed record VersionView(
    Guid WorkflowId, int Version, string TriggerType, JsonElement TriggerConfig, JsonElement Nodes, JsonElement Connections, JsonElement GlobalVariables,
    JsonElement Settings, string PublishedBy, DateTimeOffset PublishedAt);

/// <summary>A workflow outside of any community: what export gives and import takes.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record WorkflowFile
{
    public const string Known = "rookery.workflow/1";

    [JsonPropertyName("$schema")]
    public string? Schema { get; set; }

    /// <summary>rookery.workflow/1</summary>
    public string? Format { get; set; }

    public string? Name { get; set; }

    public string? Description { get; set; }

    public IReadOnlyDictionary<string, NodeDocument?>? Nodes { get; set; }

    public IReadOnlyList<ConnectionDocument?>? Connections { get; set; }

    public JsonElement? GlobalVariables { get; set; }

    public RunSettings? Settings { get; set; }

    public WorkflowRequest ToRequest(string? entityId) => new(entityId, Name, Description, Nodes, Connections, GlobalVariables, Settings, null);
}

/// <param name="EntityId">The channel it is to belong to.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ImportRequest(string? EntityId, WorkflowFile? Workflow);

/// <param name="Variables">What the run begins with, besides the workflow's own.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ExecuteRequest(JsonElement? Variables);

/// <param name="Status">running or queued; a start that was made before is answered with where that run is.</param>
internal sealed record StartedRun(Guid ExecutionId, string Status);

/// <param name="Version">Left out: that of the recorded run.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ReplayRequest(int? Version);

/// <param name="PermissionType">can_view, can_edit, can_execute or can_delete.</param>
/// <param name="UserId">As platform:user. Left out with <paramref name="Role"/>: everyone.</param>
/// <param name="Role">This role and those above it.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record GrantRequest(string? PermissionType, string? UserId, string? Role);

internal sealed record Permission(
    Guid PermissionId, Guid WorkflowId, string EntityId, long CommunityId, string? UserId, string? Role, string PermissionType, string GrantedBy,
    DateTimeOffset GrantedAt);
