using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Rookery.Kernel.Data;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;
using Rookery.Workflows.Definition;
using Rookery.Workflows.Signing;
using Rookery.Workflows.Triggers;

namespace Rookery.Workflows.Api;

/// <summary>From draft to version and back: validate, publish, compare, carry elsewhere.</summary>
internal static class PublishEndpoints
{
    public static void Map(RouteGroupBuilder group)
    {
        var workflows = group.WithTags("workflows");
        workflows.MapPost("/validate", ValidateAsync).Needs(Scopes.WorkflowsRead).WithSummary("Says what is wrong with a definition that is not stored.");
        workflows.MapPost("/{id:guid}/validate", ValidateSavedAsync).Needs(Scopes.WorkflowsRead).WithSummary("Says what is wrong with the draft.")
            .ProducesProblem(403).ProducesProblem(404);
        workflows.MapPost("/{id:guid}/publish", PublishAsync).Needs(Scopes.WorkflowsWrite)
            .WithSummary("Makes the draft a version, which never changes and runs from now on.")
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        workflows.MapPost("/{id:guid}/draft", DraftAsync).Needs(Scopes.WorkflowsWrite)
            .WithSummary("Makes it a draft again: nothing starts it any more. Runs under way go on.")
            .ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        workflows.MapGet("/{id:guid}/versions", VersionsAsync).Needs(Scopes.WorkflowsRead).WithSummary("Lists what was published, newest first.")
            .ProducesProblem(403).ProducesProblem(404);
        workflows.MapGet("/{id:guid}/versions/{version:long}", VersionAsync).Needs(Scopes.WorkflowsRead).WithSummary("Reads a version.")
            .ProducesProblem(403).ProducesProblem(404);
        workflows.MapGet("/{id:guid}/diff", DiffAsync).Needs(Scopes.WorkflowsRead)
            .WithSummary("Compares two versions; version 0 is the draft. Unless told, the newest with the draft.").ProducesProblem(403).ProducesProblem(404);
        workflows.MapGet("/{id:guid}/export", ExportAsync).Needs(Scopes.WorkflowsRead)
            .WithSummary("Gives the draft, or a version, as a file that import takes.").ProducesProblem(403).ProducesProblem(404);
        workflows.MapPost("/import", ImportAsync).Needs(Scopes.WorkflowsWrite).WithSummary("Makes a draft of an exported file.")
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
    }

    private static async Task<Ok<ValidationAnswer>> ValidateAsync(long community_id, WorkflowFile file, WorkflowLimits limits, CancellationToken ct) =>
        TypedResults.Ok(ValidationAnswer.Of((await limits.CompileAsync(community_id, file.ToRequest(null).ToDocument(), ct)).Findings));

    private static async Task<Results<Ok<ValidationAnswer>, ProblemHttpResult>> ValidateSavedAsync(
        long community_id, Guid id, Actor actor, Gate gate, WorkflowLimits limits, CancellationToken ct)
    {
        var (workflow, refusal) = await gate.EnterAsync(community_id, id, actor, Right.View, "validate", ct);
        return workflow is null ? refusal! : TypedResults.Ok(ValidationAnswer.Of((await limits.CompileAsync(community_id, workflow.ToDocument(), ct)).Findings));
    }

    private static async Task<Results<Ok<Workflow>, ProblemHttpResult>> PublishAsync(
        long community_id, Guid id, Actor actor, Gate gate, WorkflowStore store, WorkflowRows rows, WorkflowLimits limits, WorkflowAudit audit,
        CommandNames names, WorkflowSecrets secrets, Database db, CancellationToken ct)
    {
        var (workflow, refusal) = await gate.EnterAsync(community_id, id, actor, Right.Edit, "publish", ct);
        if (workflow is null)
        {
            return refusal!;
        }

        var (published, wrong) = await db.TransactionAsync<(Workflow?, ProblemHttpResult?)>(
            async transaction =>
            {
                await rows.LockAsync(transaction, community_id, id, ct);
                var draft = (await store.FindAsync(transaction, community_id, id, ct))!;
                var (graph, findings) = await limits.CompileAsync(community_id, draft.ToDocument(), ct);
                findings = graph is null ? findings :
                    [.. findings, .. await names.CheckAsync(id, draft.EntityId, graph, ct), .. await secrets.CheckAsync(transaction, community_id, graph, ct)];
                var act = new Act(community_id, id, "publish") { Old = State(draft) };
                if (draft.Status == "archived" || findings.Any(f => f.Severity == Severity.Error))
                {
                    var problem = draft.Status == "archived"
                        ? Problems.Conflict("It is archived; make it a draft again first.")
                        : Refuse(findings, "It cannot be published");
                    await audit.WriteAsync(transaction, actor, act with { Error = problem.ProblemDetails.Detail }, ct);
                    return (null, problem);
                }

                await store.PublishAsync(transaction, community_id, id, actor.Key, ct);
                var now = (await store.FindAsync(transaction, community_id, id, ct))!;
                await audit.WriteAsync(transaction, actor, act with { New = State(now) }, ct);
                return (now, null);
            },
            ct);
        return published is null ? wrong! : TypedResults.Ok(published);
    }

    /// <summary>All findings, so that an author mends them in one go.</summary>
    public static ProblemHttpResult Refuse(IReadOnlyList<Finding> findings, string what)
    {
        IReadOnlyList<FieldError> errors =
            [.. findings.Where(f => f.Severity == Severity.Error).Select(f => new FieldError(string.Join('.', new[] { f.Node, f.Field }.OfType<string>()), f.Message))];
        return TypedResults.Problem(
            $"{what}: {string.Join(" ", errors.Take(5).Select(e => $"{e.Field}: {e.Message}"))}",
            statusCode: StatusCodes.Status400BadRequest,
            extensions: new Dictionary<string, object?>(StringComparer.Ordinal)
            {
                ["errors"] = errors,
                ["findings"] = findings,
            });
    }

    private static async Task<Results<Ok<Workflow>, ProblemHttpResult>> DraftAsync(
        long community_id, Guid id, Actor actor, Gate gate, WorkflowStore store, WorkflowRows rows, WorkflowLimits limits, WorkflowAudit audit,
        Database db, CancellationToken ct)
    {
        var (workflow, refusal) = await gate.EnterAsync(community_id, id, actor, Right.Edit, "draft", ct);
        if (workflow is null)
        {
            return refusal!;
        }

        if (workflow.Status == "draft")
        {
            return Problems.Conflict("It is a draft already.");
        }

        var most = await limits.WorkflowsAsync(community_id, ct);
        var draft = await db.TransactionAsync<Workflow?>(
            async transaction =>
            {
                if (workflow.Status == "archived" && await rows.CountAsync(transaction, community_id, ct) >= most)
                {
                    return null;
                }

                await rows.SetStatusAsync(transaction, community_id, id, "draft", actor.Key, ct);
                var now = (await store.FindAsync(transaction, community_id, id, ct))!;
                await audit.WriteAsync(transaction, actor, new Act(community_id, id, "draft") { Old = State(workflow), New = State(now) }, ct);
                return now;
            },
            ct);
        return draft is null ? Problems.Conflict($"This community may have {most} workflows and has them: archive one first.") : TypedResults.Ok(draft);
    }

    private static async Task<Results<Ok<Page<VersionSummary>>, ProblemHttpResult>> VersionsAsync(
        long community_id, Guid id, Actor actor, PageQuery page, Gate gate, WorkflowRows rows, CancellationToken ct)
    {
        var (workflow, refusal) = await gate.EnterAsync(community_id, id, actor, Right.View, "view", ct);
        return workflow is null ? refusal! : TypedResults.Ok(Page.Of(await rows.VersionsAsync(community_id, id, page, ct), page.Limit, v => v.Version));
    }

    private static async Task<Results<Ok<VersionView>, ProblemHttpResult>> VersionAsync(
        long community_id, Guid id, int version, Actor actor, Gate gate, WorkflowRows rows, CancellationToken ct)
    {
        var (workflow, refusal) = await gate.EnterAsync(community_id, id, actor, Right.View, "view", ct);
        return workflow is null ? refusal! : await rows.VersionAsync(community_id, id, version, ct) is { } view ? TypedResults.Ok(view) : NoVersion(version);
    }

    private static async Task<Results<Ok<WorkflowDiff>, ProblemHttpResult>> DiffAsync(
        long community_id, Guid id, int? from, int? to, Actor actor, Gate gate, WorkflowRows rows, CancellationToken ct)
    {
        var (workflow, refusal) = await gate.EnterAsync(community_id, id, actor, Right.View, "view", ct);
        if (workflow is null)
        {
            return refusal!;
        }

        var (before, after) = (from ?? workflow.Version, to ?? 0);
        var old = before == 0 ? workflow.ToDocument() : Document(await rows.VersionAsync(community_id, id, before, ct));
        var now = after == 0 ? workflow.ToDocument() : Document(await rows.VersionAsync(community_id, id, after, ct));
        return old is null ? NoVersion(before) : now is null ? NoVersion(after) : TypedResults.Ok(WorkflowDiff.Of(before, after, old, now));
    }

    private static async Task<Results<Ok<WorkflowFile>, ProblemHttpResult>> ExportAsync(
        long community_id, Guid id, int? version, Actor actor, Gate gate, WorkflowRows rows, CancellationToken ct)
    {
        var (workflow, refusal) = await gate.EnterAsync(community_id, id, actor, Right.View, "view", ct);
        if (workflow is null)
        {
            return refusal!;
        }

        var document = version is null or 0 ? workflow.ToDocument() : Document(await rows.VersionAsync(community_id, id, version.Value, ct));
        return document is null ? NoVersion(version!.Value) : TypedResults.Ok(new WorkflowFile
        {
            Format = WorkflowFile.Known,
            Name = workflow.Name,
            Description = workflow.Description,
            Nodes = document.Nodes,
            Connections = document.Connections,
            GlobalVariables = document.GlobalVariables,
            Settings = document.Settings,
        });
    }

    private static async Task<Results<Created<WorkflowAnswer>, ProblemHttpResult>> ImportAsync(
        long community_id, ImportRequest request, Actor actor, Drafts drafts, CancellationToken ct)
    {
        if (request.Workflow is not { } file || file.Format is not (null or WorkflowFile.Known))
        {
            return request.Workflow is null
                ? Problems.Invalid("workflow", "is required: what export gives.")
                : Problems.Invalid("workflow.format", $"must be {WorkflowFile.Known}, or left out.");
        }

        var (made, refusal) = await drafts.CreateAsync(community_id, file.ToRequest(request.EntityId), actor, "import", ct);
        return made is null ? refusal! : TypedResults.Created($"/api/v1/communities/{community_id}/workflows/{made.Workflow.WorkflowId}", made);
    }

    private static WorkflowDocument? Document(VersionView? view) => view is null ? null : Definitions.Document(
        view.Nodes.GetRawText(), view.Connections.GetRawText(), view.GlobalVariables.GetRawText(), view.Settings.GetRawText());

    private static JsonObject State(Workflow workflow) => new() { ["status"] = workflow.Status, ["version"] = workflow.Version };

    private static ProblemHttpResult NoVersion(int version) => Problems.NotFound($"The workflow has no version {version}.");
}
