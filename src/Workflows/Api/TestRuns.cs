using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.HttpResults;
using Rookery.Kernel;
using Rookery.Kernel.Communities;
using Rookery.Kernel.Data;
using Rookery.Kernel.Expressions;
using Rookery.Kernel.Web;
using Rookery.Workflows.Definition;
using Rookery.Workflows.Execution;
using Rookery.Workflows.Nodes;

namespace Rookery.Workflows.Api;

/// <summary>Tries workflows out: nothing leaves the server, and of stored ones the run is on record.</summary>
internal sealed class TestRuns(
    Database db, Steps steps, Globals globals, EntityDirectory entities, WorkflowLimits limits, RunStarts starts, RunRows runs, WorkflowRows workflows,
    WorkflowAudit audit, TimeProvider clock)
{
    public async Task<(TestReport? Report, ProblemHttpResult? Refusal)> RunAsync(Workflow workflow, TestRequest request, Actor actor, CancellationToken ct)
    {
        var (community, version) = (workflow.CommunityId, request.Version ?? 0);
        var document = version == 0 ? workflow.ToDocument()
            : await workflows.VersionAsync(community, workflow.WorkflowId, version, ct) is { } v
            ? Definitions.Document(v.Nodes.GetRawText(), v.Connections.GetRawText(), v.GlobalVariables.GetRawText(), v.Settings.GetRawText())
            : null;
        if (document is null)
        {
            return (null, Problems.NotFound($"The workflow has no version {version}."));
        }

        if (request.ExecutionId is { } told)
        {
            if (await runs.FindAsync(community, told, ct) is not { } run || run.WorkflowId != workflow.WorkflowId)
            {
                return (null, Problems.NotFound($"The workflow has no run with id {told}."));
            }

            request = request with { TriggerData = run.TriggerData };
        }

        if (await entities.FindByEntityIdAsync(workflow.EntityId, ct) is not { } entity)
        {
            return (null, Problems.Conflict($"The channel {workflow.EntityId} is gone."));
        }

        var (graph, findings) = await limits.CompileAsync(community, document, ct);
        if (graph is null)
        {
            return (null, Wrong(findings));
        }

        var kept = graph.UsesGlobals ? await globals.ReadAsync(workflow.WorkflowId, ct) : Value.EmptyObject;
        var published = new Published(workflow.WorkflowId, version, workflow.Name, entity.Id, community, graph);
        return (await GoAsync(published, entity, request, kept, actor, isStored: true, ct), null);
    }

    public async Task<(TestReport? Report, ProblemHttpResult? Refusal)> RunUnsavedAsync(Entity entity, TestRequest request, Actor actor, CancellationToken ct)
    {
        var file = request.Workflow!;
        var (graph, findings) = await limits.CompileAsync(entity.CommunityId, file.ToRequest(null).ToDocument(), ct);
        if (graph is null)
        {
            return (null, Wrong(findings));
        }

        var workflow = new Published(Guid.Empty, 0, file.Name ?? "", entity.Id, entity.CommunityId, graph);
        return (await GoAsync(workflow, entity, request, Value.EmptyObject, actor, isStored: false, ct), null);
    }

    private async Task<TestReport> GoAsync(
        Published workflow, Entity entity, TestRequest request, Value kept, Actor actor, bool isStored, CancellationToken ct)
    {
        var began = clock.GetUtcNow();
        var id = Ids.New(began);
        var data = await DataAsync(entity.CommunityId, request, actor, ct);
        var trigger = workflow.Graph.TriggerNode.TriggerType;
        var info = new RunInfo(id, workflow.WorkflowId, workflow.Name, workflow.Version, entity, 0, Start.Person(trigger, data));
        var run = new Run(info, workflow, 1, Start.Variables(workflow, id, entity, data, kept), await limits.TurnsAsync(entity.CommunityId, ct));
        var walk = new TestWalk(run, steps, new StandIns(request.Answers), clock);
        var end = await walk.GoAsync(ct);
        run.Cancellation.Dispose();
        var took = (long)(clock.GetUtcNow() - began).TotalMilliseconds;
        List<TurnView> turns = [.. walk.Rows.Select(View)];
        if (isStored)
        {
            await StoreAsync(run, trigger, data, end, turns, began, actor, ct);
        }

        return new TestReport(
            isStored ? id : null, end.Status == "success", end.Status, end.Error, end.Node, JsonElement.Parse(run.Walk.Output.ToJson()), took, turns,
            walk.HeldBack, RunMetrics.Of(turns));
    }

    private async Task<Value> DataAsync(long community, TestRequest request, Actor actor, CancellationToken ct)
    {
        var data = await starts.DataAsync(community, request.Variables, actor, ct);
        if (request.TriggerData is { } given && Value.TryParse(given.GetRawText(), out var told))
        {
            foreach (var (name, value) in told.Members)
            {
                data = data.With(name, value);
            }
        }

        return data;
    }

    private Task StoreAsync(
        Run run, string trigger, Value data, RunEnd end, IReadOnlyList<TurnView> turns, DateTimeOffset began, Actor actor, CancellationToken ct) => db.TransactionAsync(
        async transaction =>
        {
            var (info, now) = (run.Info, clock.GetUtcNow());
            await transaction.ExecuteAsync(
                $"""
                insert into workflows.workflow_executions (execution_id, workflow_id, version, community_id, entity_id, trigger_type, trigger_data, status,
                    started_at, completed_at, duration_ms, error_message, error_node, error_code, output_variables, is_test_run, caused_by, created_at, updated_at)
                values ({info.ExecutionId}, {info.WorkflowId}, {info.Version}, {info.Community}, {info.Entity.Id}, {trigger}, {data.ToJson()}::jsonb, {end.Status},
                    {began}, {now}, {(long)(now - began).TotalMilliseconds}, {end.Error}, {end.Node}, {end.Code}, {run.Walk.Output.ToJson()}::jsonb, true,
                    {actor.Key}, {began}, {now})
                """,
                ct);
            var rows = JsonSerializer.Serialize(turns, WorkflowsJson.Default.IReadOnlyListTurnView);
            await transaction.ExecuteAsync(
                $"""
                insert into workflows.workflow_node_executions (node_execution_id, execution_id, workflow_id, sequence, completion, node_id, node_type, path,
                    status, input_variables, output_variables, output_port, started_at, completed_at, duration_ms, error_message, result_data, created_at)
                select gen_random_uuid(), {info.ExecutionId}, {info.WorkflowId}, r.sequence, case when r.status <> 'skipped' then r.sequence end, r.node_id,
                    r.node_type, r.path, r.status, r.input_variables, r.output_variables, r.output_port, r.started_at, r.completed_at, r.duration_ms,
                    r.error_message, r.result_data, {began}
                from jsonb_to_recordset({rows}::jsonb) as r (sequence integer, node_id text, node_type text, path text, status text, input_variables jsonb,
                    output_variables jsonb, output_port text, started_at timestamptz, completed_at timestamptz, duration_ms bigint, error_message text,
                    result_data jsonb)
                """,
                ct);
            var act = new Act(info.Community, info.WorkflowId, "test", "execution", info.ExecutionId.ToString());
            await audit.WriteAsync(transaction, actor, act with { Details = new JsonObject { ["status"] = end.Status, ["version"] = info.Version } }, ct);
        },
        ct);

    private static TurnView View(NodeRow row) => new(
        row.Sequence,
        row.Node,
        row.Type,
        row.Path,
        row.Status,
        JsonElement.Parse(row.Inputs.ToJson()),
        JsonElement.Parse(row.Outputs.ToJson()),
        row.Port,
        row.StartedAt,
        row.CompletedAt,
        row is { StartedAt: { } from, CompletedAt: { } to } ? (long)(to - from).TotalMilliseconds : null,
        row.Error,
        row.Data.IsNull ? null : JsonElement.Parse(row.Data.ToJson()),
        row.Attempt);

    private static ProblemHttpResult Wrong(IReadOnlyList<Finding> findings) => PublishEndpoints.Refuse(findings, "It cannot run");
}
