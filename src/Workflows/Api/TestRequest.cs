using System.Text.Json;
using System.Text.Json.Serialization;
using Rookery.Kernel.Web;

namespace Rookery.Workflows.Api;

/// <param name="EntityId">Only with <paramref name="Workflow"/>: the channel it is tried for.</param>
/// <param name="Workflow">A definition that is not stored.</param>
/// <param name="Version">Of a stored one: which; left out or 0: the draft.</param>
/// <param name="Variables">What the run begins with, besides the workflow's own.</param>
/// <param name="TriggerData">What the trigger tells, such as args and user_role of a command, or payload of a webhook.</param>
/// <param name="ExecutionId">A run of the workflow whose trigger is told again.</param>
/// <param name="Answers">
/// What calls are answered, by the node's key: status and body for action_webhook; text, success and data for action_module; error with
/// code and message for either. A list answers one call after the other, and its last item all further ones.
/// </param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record TestRequest(
    string? EntityId, WorkflowFile? Workflow, int? Version, JsonElement? Variables, JsonElement? TriggerData, Guid? ExecutionId, JsonElement? Answers)
{
    public Checks Check() => new Checks()
        .Json("variables", Variables, RunStarts.MaxVariables)
        .Json("trigger_data", TriggerData, 4 * RunStarts.MaxVariables)
        .Json("answers", Answers, 4 * RunStarts.MaxVariables)
        .That(TriggerData is null || ExecutionId is null, "execution_id", "cannot be given together with trigger_data.");
}
