using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;
using Rookery.Workflows.Api;
using Rookery.Workflows.Definition;

namespace Rookery.Workflows.Templates;

/// <param name="WorkflowId">Whose draft becomes the template.</param>
/// <param name="Description">That of the workflow unless given.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record CreateTemplate(Guid? WorkflowId, string? Name, string? Description, string? Category, IReadOnlyList<string?>? Tags);

/// <param name="Name">Of the new workflow.</param>
/// <param name="EntityId">Its channel.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record InstantiateTemplate(string? Name, string? EntityId);

/// <param name="Rating">1 to 5.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record RateTemplate(int? Rating);

internal static class TemplateEndpoints
{
    private const int MaxTags = 20;

    public static void Map(RouteGroupBuilder group)
    {
        var templates = group.MapGroup("/templates").WithTags("workflows");
        templates.MapGet("", ListAsync).Needs(Scopes.WorkflowsRead).WithSummary("Lists templates: those that come with the server, then the community's own.");
        templates.MapPost("", CreateAsync).Needs(Scopes.WorkflowsWrite)
            .WithSummary("Makes a template of a workflow's draft; only this community sees it.").ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        templates.MapGet("/{template_id:guid}", GetAsync).Needs(Scopes.WorkflowsRead).WithSummary("Shows a template with its definition.").ProducesProblem(403).ProducesProblem(404);
        templates.MapDelete("/{template_id:guid}", DeleteAsync).Needs(Scopes.WorkflowsWrite)
            .WithSummary("Deletes a template of the community's own.").ProducesProblem(403).ProducesProblem(404);
        templates.MapPost("/{template_id:guid}/instantiate", InstantiateAsync).Needs(Scopes.WorkflowsWrite)
            .WithSummary("Makes a draft of a template.")
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        templates.MapPut("/{template_id:guid}/rating", RateAsync).Needs(Scopes.WorkflowsWrite)
            .WithSummary("Says what the community thinks of a template, from 1 to 5.").ProducesProblem(400).ProducesProblem(403).ProducesProblem(404);
    }

    private static async Task<Ok<Page<Template>>> ListAsync(
        long community_id, string? category, string? search, string[]? tag, PageQuery page, TemplateStore store, CancellationToken ct) =>
        TypedResults.Ok(Page.Of(await store.ListAsync(community_id, category, search, tag ?? [], page, ct), page.Limit, t => t.TemplateId));

    private static async Task<Results<Ok<Template>, ProblemHttpResult>> GetAsync(long community_id, Guid template_id, TemplateStore store, CancellationToken ct) =>
        await store.FindAsync(community_id, template_id, ct) is { } found ? TypedResults.Ok(found) : NoTemplate(template_id);

    private static async Task<Results<Created<Template>, ProblemHttpResult>> CreateAsync(
        long community_id, CreateTemplate request, Actor actor, Gate gate, TemplateStore store, CancellationToken ct)
    {
        var checks = new Checks().That(request.WorkflowId is not null, "workflow_id", "is required.").Text("name", request.Name, 255, 3)
            .Optional("description", request.Description, 1000).Optional("category", request.Category, 100)
            .That(request.Tags is null or { Count: <= MaxTags }, "tags", $"has {request.Tags?.Count} items; at most {MaxTags} are allowed.");
        foreach (var tag in request.Tags ?? [])
        {
            checks.Text("tags", tag, 50);
        }

        if (!checks.Ok)
        {
            return checks.Problem();
        }

        var (workflow, refusal) = await gate.EnterAsync(community_id, request.WorkflowId!.Value, actor, Right.View, "template.created", ct);
        if (workflow is null || (refusal = await gate.RefuseMakingAsync(community_id, actor, "template.created", ct)) is not null)
        {
            return refusal!;
        }

        try
        {
            return await store.CreateAsync(community_id, workflow, request, actor, ct) is { } made
                ? TypedResults.Created($"/api/v1/communities/{community_id}/workflows/templates/{made.TemplateId}", made)
                : Problems.Conflict($"The community has {TemplateStore.MaxPerCommunity} templates, which is the most; delete one.");
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return Problems.Conflict("name: the community has a template of this name; take another.");
        }
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        long community_id, Guid template_id, Actor actor, TemplateStore store, Rights rights, CancellationToken ct)
    {
        if (await store.FindAsync(community_id, template_id, ct) is not { IsPublic: false } own)
        {
            return Problems.NotFound($"The community has no template of its own with id {template_id}.");
        }

        if (!await rights.MayAdministerAsync(community_id, actor, own.CreatedBy, ct))
        {
            return Problems.Forbidden($"{actor.Key} may not delete this template; whoever made it and administrators may.");
        }

        return await store.DeleteAsync(community_id, template_id, actor, ct) ? TypedResults.NoContent() : NoTemplate(template_id);
    }

    private static async Task<Results<Created<Workflow>, ProblemHttpResult>> InstantiateAsync(
        long community_id, Guid template_id, InstantiateTemplate request, Actor actor, Gate gate, TemplateStore store, WorkflowLimits limits,
        CancellationToken ct)
    {
        if (await gate.RefuseMakingAsync(community_id, actor, "template.instantiated", ct) is { } refusal)
        {
            return refusal;
        }

        var entity = await gate.EntityAsync(community_id, request.EntityId, ct);
        var checks = new Checks().Text("name", request.Name, 255, 3)
            .That(entity is not null, "entity_id", request.EntityId is null ? "is required." : "the community has no such channel.");
        if (!checks.Ok)
        {
            return checks.Problem();
        }

        var most = await limits.WorkflowsAsync(community_id, ct);
        var (made, isFull) = await store.InstantiateAsync(community_id, template_id, request.Name!, entity!, most, actor, ct);
        return made is not null ? TypedResults.Created($"/api/v1/communities/{community_id}/workflows/{made.WorkflowId}", made)
            : isFull ? WorkflowLimits.Full(most)
            : NoTemplate(template_id);
    }

    private static async Task<Results<Ok<Template>, ProblemHttpResult>> RateAsync(
        long community_id, Guid template_id, RateTemplate request, Actor actor, Gate gate, TemplateStore store, CancellationToken ct) =>
        request.Rating is not (>= 1 and <= 5) ? Problems.Invalid("rating", "must be from 1 to 5.")
        : await gate.RefuseMakingAsync(community_id, actor, "template.rated", ct) is { } refusal ? refusal
        : await store.RateAsync(community_id, template_id, request.Rating.Value, actor, ct) is { } rated ? TypedResults.Ok(rated)
        : NoTemplate(template_id);

    private static ProblemHttpResult NoTemplate(Guid id) => Problems.NotFound($"No template with id {id} here.");
}
