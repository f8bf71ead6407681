using System.Text.Json;
using Npgsql;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Workflows.Nodes;

namespace Rookery.Workflows.Triggers;

/// <summary>A published workflow, as far as those who may start it must know it.</summary>
/// <param name="Trigger">Its config; not bound, so it has no filters.</param>
internal sealed record Listening(
    Guid WorkflowId, int Version, string Name, string? Description, long Community, long EntityKey, TriggerNode Trigger)
{
    public static readonly SqlFragment Columns = Sql.Fragment(
        "d.workflow_id, d.version, d.name, d.description, d.community_id, d.entity_id, v.trigger_type, v.trigger_config::text");

    /// <summary>Whether it listens on a platform, of the names in its config.</summary>
    public static bool Covers(IReadOnlyList<string> platforms, Platform platform) =>
        platforms.Count == 0 || platforms.Contains(platform.Name(), StringComparer.Ordinal);

    /// <returns>Null for one that only its schedules start, or that this build cannot read.</returns>
    public static Listening? Read(NpgsqlDataReader r) => ReadTrigger(r.GetString(6), r.GetString(7)) is not { } trigger ? null : new(
        r.GetGuid(0),
        r.GetInt32(1),
        r.GetString(2),
        r.IsDBNull(3) ? null : r.GetString(3),
        r.GetInt64(4),
        r.GetInt64(5),
        trigger);

    private static TriggerNode? ReadTrigger(string type, string config)
    {
        try
        {
            return type switch
            {
                "command" => JsonSerializer.Deserialize(config, WorkflowsJson.Default.CommandTrigger),
                "event" => JsonSerializer.Deserialize(config, WorkflowsJson.Default.EventTrigger),
                "webhook" => JsonSerializer.Deserialize(config, WorkflowsJson.Default.WebhookTrigger),
                _ => null,
            };
        }
        catch (JsonException)
        {
            // Published by another build: it cannot run here, and must not keep the others from it.
            return null;
        }
    }
}
