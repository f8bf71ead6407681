using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;

namespace Rookery.Modules.Memories;

/// <param name="Color">#rrggbb.</param>
/// <param name="Platform">With <paramref name="UserId"/> and <paramref name="UserName"/>: who adds it.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record AddCategory(
    string? Name, string? Description, string? Color, string? Icon, string? Platform, string? UserId, string? UserName);

internal static class CategoryEndpoints
{
    public static ProblemHttpResult NameTaken => Problems.Conflict("The community has a category of this name.");

    public static void Map(RouteGroupBuilder group)
    {
        var categories = group.MapGroup("/categories").WithTags("memories");
        categories.MapGet("", ListAsync).Needs(Scopes.MemoriesRead).WithSummary("Lists the categories of memories.");
        categories.MapPost("", AddAsync)
            .Needs(Scopes.MemoriesWrite)
            .WithSummary("Adds a category.")
            .ProducesProblem(400)
            .ProducesProblem(409);
        categories.MapPatch("/{id:long}", EditAsync).Needs(Scopes.MemoriesWrite)
            .WithSummary("Changes the fields that are given.")
                .ProducesProblem(400)
                .ProducesProblem(404)
                .ProducesProblem(409);
        categories.MapDelete("/{id:long}", DeleteAsync).Needs(Scopes.MemoriesWrite)
            .WithSummary("Deletes a category; its memories stay.").ProducesProblem(404);
    }

    private static async Task<Ok<Page<Category>>> ListAsync(long community_id, PageQuery page, CategoryStore store, CancellationToken ct) =>
        TypedResults.Ok(Page.Of(await store.ListAsync(community_id, page, ct), page.Limit, c => c.Id));

    private static async Task<Results<Created<Category>, ProblemHttpResult>> AddAsync(
        long community_id, AddCategory request, Caller caller, CategoryStore store, CancellationToken ct)
    {
        var fields = new CategoryFields(request.Name, request.Description, request.Color, request.Icon).Completed();
        var checks = ActingUser.Check(
            fields.Check(isNew: true), request.Platform, request.UserId, request.UserName, out var by);
        if (!checks.Ok)
        {
            return checks.Problem();
        }

        return await store.AddAsync(community_id, fields, by, caller.Actor, ct) is { } added
            ? TypedResults.Created($"/api/v1/communities/{community_id}/memories/categories/{added.Id}", added)
            : NameTaken;
    }

    private static async Task<Results<Ok<Category>, ProblemHttpResult>> EditAsync(
        long community_id, long id, CategoryFields request, Caller caller, CategoryStore store, CancellationToken ct)
    {
        var fields = request.Completed();
        var checks = fields.Check(isNew: false);
        if (!checks.Ok)
        {
            return checks.Problem();
        }

        return await store.EditAsync(community_id, id, fields, caller.Actor, ct) is { } edited
            ? TypedResults.Ok(edited)
            : NotFound(id);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        long community_id, long id, Caller caller, CategoryStore store, CancellationToken ct) =>
        await store.DeleteAsync(community_id, id, caller.Actor, ct) ? TypedResults.NoContent() : NotFound(id);

    private static ProblemHttpResult NotFound(long id) =>
        Problems.NotFound($"The community has no category with id {id}.");
}
