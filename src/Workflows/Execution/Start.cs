using Rookery.Kernel.Chat;
using Rookery.Kernel.Communities;
using Rookery.Kernel.Expressions;
using Rookery.Workflows.Definition;
using Rookery.Workflows.Nodes;

namespace Rookery.Workflows.Execution;

/// <summary>Why and with what a run begins.</summary>
/// <param name="Data">What the trigger tells; all of it is kept, so that the run can be told again.</param>
/// <param name="Key">The same for the same cause: a repeat starts nothing. Null: each is a cause of its own.</param>
/// <param name="CausedBy">For the row and the audit log.</param>
/// <param name="Depth">How many runs led to this one.</param>
internal sealed record Start(Published Workflow, Entity Entity, string TriggerType, Value Data, string? Key, string CausedBy, int Depth = 0)
{
    public const int MaxDepth = 5;

    /// <summary>What of a trigger's data says who acts, and on which message.</summary>
    public static IReadOnlyList<string> Identity { get; } = ["platform", "user_id", "username", "user_role", "message_id"];

    public Guid? ReplayOf { get; init; }

    /// <summary>What a trigger told, but for who it was.</summary>
    public static Value OfNobody(Value data)
    {
        var made = new ObjectBuilder();
        foreach (var (name, value) in data.Members)
        {
            if (!Identity.Contains(name, StringComparer.Ordinal))
            {
                made.Set(name, value);
            }
        }

        return made.Build();
    }

    /// <summary>
    /// What the run begins with: the workflow's own variables, then what the trigger tells, then what the run is.
    /// </summary>
    public static Value Variables(Published workflow, Guid execution, Entity entity, Value data, Value globals)
    {
        var made = new ObjectBuilder();
        foreach (var (name, value) in workflow.Graph.GlobalVariables.Members)
        {
            made.Set(name, value);
        }

        foreach (var (name, value) in data["variables"].Members)
        {
            made.Set(name, value);
        }

        foreach (var (name, value) in data.Members)
        {
            made.Set(name, value);
        }

        made.Set("trigger", data)
            .Set("execution_id", execution.ToString())
            .Set("workflow_id", workflow.WorkflowId.ToString())
            .Set("workflow_name", workflow.Name)
            .Set("workflow_version", workflow.Version)
            .Set("community_id", entity.CommunityId)
            .Set("entity_id", entity.EntityId);
        if (workflow.Graph.UsesGlobals)
        {
            made.Set(VariableSetNode.Global, globals);
        }

        return made.Build();
    }

    /// <summary>Who caused a run, from what its trigger told. Callers of the API that act for no member are no persons of a platform.</summary>
    public static Member? Person(string triggerType, Value data) =>
        triggerType is "command" or "event" or "manual" or "replay"
            && Platforms.TryParse(data["platform"].ToText(), out var platform)
            && data["user_id"].ToText() is { Length: > 0 } user
            ? new Member(platform, user, data["username"].ToText(), Roles.TryParse(data["user_role"].ToText(), out var role) ? role : Role.Member)
            : null;
}

/// <summary>What became of a start.</summary>
internal enum StartOutcome
{
    Running,

    /// <summary>It waits until fewer runs of the workflow are under way.</summary>
    Queued,

    /// <summary>As many are under way as may be, and the workflow's starts do not wait.</summary>
    Refused,

    /// <summary>As many wait already as may.</summary>
    Full,

    /// <summary>The same cause started this run before.</summary>
    Known,
}

/// <param name="Id">The run; empty when there is none.</param>
/// <param name="Ended">Completes with the run, if this node runs it.</param>
internal sealed record Started(StartOutcome Outcome, Guid Id, Task<RunEnd>? Ended = null, Run? Run = null)
{
    public bool IsRefused => Outcome is StartOutcome.Refused or StartOutcome.Full;
}
