using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.HttpResults;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Communities;
using Rookery.Kernel.Data;
using Rookery.Kernel.Expressions;
using Rookery.Kernel.Web;
using Rookery.Workflows.Definition;
using Rookery.Workflows.Execution;

namespace Rookery.Workflows.Api;

/// <summary>Starts runs for callers of the API.</summary>
internal sealed class RunStarts(Definitions definitions, EntityDirectory entities, Runner runner, RunRows rows, Rights rights, WorkflowAudit audit, Database db)
{
    public const int MaxVariables = 64 * 1024;

    public async Task<(StartedRun? Run, ProblemHttpResult? Refusal)> ExecuteAsync(
        Workflow workflow, JsonElement? variables, string? key, Actor actor, CancellationToken ct)
    {
        if (workflow.Status != "published")
        {
            return (null, Problems.Conflict($"The workflow is {(workflow.Status == "draft" ? "a draft; publish it first, or test it" : "archived")}."));
        }

        var data = await DataAsync(workflow.CommunityId, variables, actor, ct);
        return await StartAsync(workflow, workflow.Version, "manual", data, key is null ? null : $"manual:{key}", null, actor, ct);
    }

    public async Task<(StartedRun? Run, ProblemHttpResult? Refusal)> ReplayAsync(RunView run, int version, Actor actor, CancellationToken ct)
    {
        if (version == 0)
        {
            return (null, Problems.Conflict("That is a draft, which can only be tested: pass execution_id to test."));
        }

        var data = run.TriggerData is { } recorded && Value.TryParse(recorded.GetRawText(), out var value) ? value : Value.EmptyObject;
        if (run.IsTestRun || run.TriggerType is not ("command" or "event" or "manual" or "replay"))
        {
            // No platform and no key vouched for who is named in it.
            data = Start.OfNobody(data);
        }

        return await StartAsync((run.CommunityId, run.WorkflowId, run.EntityId), version, "replay", data, null, run.ExecutionId, actor, ct);
    }

    /// <summary>What a caller's run is told: the variables, and the member it is for.</summary>
    public async Task<Value> DataAsync(long community, JsonElement? variables, Actor actor, CancellationToken ct)
    {
        var made = new ObjectBuilder();
        made.Set("variables", variables is { } given && Value.TryParse(given.GetRawText(), out var value) ? value : Value.EmptyObject);
        if (actor.Platform is { } platform)
        {
            made.Set("platform", platform.Name())
                .Set("user_id", actor.UserId)
                .Set("username", actor.UserId)
                .Set("user_role", (await rights.RoleAsync(community, actor, ct)).Name());
        }

        return made.Build();
    }

    private Task<(StartedRun? Run, ProblemHttpResult? Refusal)> StartAsync(
        Workflow workflow, int version, string type, Value data, string? key, Guid? replayOf, Actor actor, CancellationToken ct) =>
        StartAsync((workflow.CommunityId, workflow.WorkflowId, workflow.EntityId), version, type, data, key, replayOf, actor, ct);

    private async Task<(StartedRun? Run, ProblemHttpResult? Refusal)> StartAsync(
        (long Community, Guid Id, string EntityId) workflow, int version, string type, Value data, string? key, Guid? replayOf, Actor actor, CancellationToken ct)
    {
        if (await definitions.FindAsync(workflow.Id, version, ct) is not { } published)
        {
            return (null, Problems.NotFound($"The workflow has no version {version} that this server can run."));
        }

        if (await entities.FindByEntityIdAsync(workflow.EntityId, ct) is not { IsActive: true } entity || entity.CommunityId != workflow.Community)
        {
            return (null, Problems.Conflict($"The channel {workflow.EntityId} is switched off or belongs to another community."));
        }

        var started = await runner.StartAsync(new Start(published, entity, type, data, key, actor.Key) { ReplayOf = replayOf }, ct);
        var act = new Act(workflow.Community, workflow.Id, type == "replay" ? "replay" : "execute", "execution", started.Id == Guid.Empty ? null : started.Id.ToString())
        {
            Details = new JsonObject { ["version"] = version, ["replay_of"] = replayOf?.ToString() },
        };
        if (started.IsRefused)
        {
            var problem = started.Outcome == StartOutcome.Full ? WorkflowLimits.QueueFull()
                : Problems.Conflict($"{published.Graph.Settings.MaxParallelExecutions} runs are under way, and the workflow's queue_policy is skip.");
            await audit.RefusedAsync(actor, act, problem.ProblemDetails.Detail!, ct);
            return (null, problem);
        }

        if (started.Outcome == StartOutcome.Known)
        {
            return (new StartedRun(started.Id, (await rows.FindAsync(workflow.Community, started.Id, ct))!.Status), null);
        }

        await audit.WriteAsync(db.Write, actor, act, ct);
        return (new StartedRun(started.Id, started.Outcome == StartOutcome.Queued ? "queued" : "running"), null);
    }
}
