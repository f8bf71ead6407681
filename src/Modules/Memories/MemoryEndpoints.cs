using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Rookery.Kernel.Communities;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;

namespace Rookery.Modules.Memories;

/// <param name="MemoryType">quote, url or note.</param>
/// <param name="Title">Left out for a quote it is <c>Quote by</c> and the author.</param>
/// <param name="Content">The quote or note; of a url its description.</param>
/// <param name="EntityId">The channel it comes from, if any.</param>
/// <param name="Platform">With <paramref name="UserId"/> and <paramref name="UserName"/>: who adds it.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record AddMemory(
    string? MemoryType, string? Title, string? Content, string? Url, string? Author, string? Context, IReadOnlyList<string>? Tags,
    long? CategoryId, string? EntityId, string? Platform, string? UserId, string? UserName);

/// <param name="ReactionType">One word or an emoji, such as like, love or helpful.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ToggleReaction(string? ReactionType, string? Platform, string? UserId, string? UserName);

internal static class MemoryEndpoints
{
    private const int MaxTerm = 500;

    public static void Map(RouteGroupBuilder group)
    {
        var memories = group.WithTags("memories");
        memories.MapGet("", ListAsync)
            .Needs(Scopes.MemoriesRead)
            .WithSummary("Lists memories, newest first; with q the best match first.");
        memories.MapPost("", AddAsync).Needs(Scopes.MemoriesWrite)
            .WithSummary("Adds a quote, url or note.").ProducesProblem(400).ProducesProblem(404);
        memories.MapGet("/random", RandomAsync).Needs(Scopes.MemoriesRead)
            .WithSummary("Draws a quote (or another type), which counts as a use.").ProducesProblem(404);
        memories.MapGet("/stats", StatsAsync)
            .Needs(Scopes.MemoriesRead)
            .WithSummary("Counts what the community keeps.");
        memories.MapGet("/{id:long}", GetAsync)
            .Needs(Scopes.MemoriesRead)
            .WithSummary("Reads one, which counts as a use.")
            .ProducesProblem(404);
        memories.MapPatch("/{id:long}", EditAsync).Needs(Scopes.MemoriesWrite)
            .WithSummary("Changes the fields that are given.").ProducesProblem(400).ProducesProblem(404);
        memories.MapDelete("/{id:long}", DeleteAsync)
            .Needs(Scopes.MemoriesWrite)
            .WithSummary("Deletes one.")
            .ProducesProblem(404);
        memories.MapGet("/{id:long}/reactions", ReactionsAsync).Needs(Scopes.MemoriesRead)
            .WithSummary("Counts the reactions to one.").ProducesProblem(404);
        memories.MapPost("/{id:long}/reactions", ToggleAsync).Needs(Scopes.MemoriesWrite)
            .WithSummary("Gives a reaction, or takes it back when it was given.")
                .ProducesProblem(400)
                .ProducesProblem(404);
    }

    private static async Task<Results<Ok<Page<Memory>>, ProblemHttpResult>> ListAsync(
        long community_id, string? type, string? q, string? tag, string? category, PageQuery page, MemoryStore store, CancellationToken ct)
    {
        var checks = new Checks()
            .That(type is null || MemoryTypes.Known(type), "type", $"must be {MemoryTypes.Names}.")
            .Optional("q", q, MaxTerm)
                .Optional("tag", tag, MemoryRules.MaxTag)
                .Optional("category", category, MemoryRules.MaxTag);
        if (!checks.Ok)
        {
            return checks.Problem();
        }

        var filter = new MemoryFilter(type, tag, category);
        if (string.IsNullOrWhiteSpace(q))
        {
            return TypedResults.Ok(
                Page.Of(await store.PageAsync(community_id, filter, page, ct), page.Limit, m => m.Id));
        }

        // Ranks have no id to go on from, so this cursor says how many were shown.
        var shown = Math.Max(0, page.AfterId ?? 0);
        var found = await store.SearchAsync(community_id, q, filter, shown, page.Limit + 1, ct);
        return TypedResults.Ok(Page.Of(found, page.Limit, _ => shown + page.Limit));
    }

    private static async Task<Results<Created<Memory>, ProblemHttpResult>> AddAsync(
        long community_id, AddMemory request, MemoryStore store, EntityDirectory entities, CancellationToken ct)
    {
        var actors = ActingUser.Check(new Checks(), request.Platform, request.UserId, request.UserName, out var by);
        var wanted = new NewMemory(community_id, request.EntityId, by, request.MemoryType ?? "")
        {
            Title = request.Title,
            Content = request.Content,
            Url = request.Url,
            Author = request.Author,
            Context = request.Context,
            Tags = request.Tags ?? [],
            CategoryId = request.CategoryId,
        }.Completed();
        var checks = wanted.Check();
        if (!checks.Ok || !actors.Ok)
        {
            return Problems.Invalid([.. checks.Errors, .. actors.Errors]);
        }

        var entity = request.EntityId is { } id ? await entities.FindByEntityIdAsync(id, ct) : null;
        if (request.EntityId is not null && entity?.CommunityId != community_id)
        {
            return Problems.NotFound("entity_id: the community has no such channel.");
        }

        var added = await store.AddAsync(wanted with { EntityId = entity?.EntityId }, ct);
        return TypedResults.Created($"/api/v1/communities/{community_id}/memories/{added.Id}", added);
    }

    private static async Task<Results<Ok<Memory>, ProblemHttpResult>> RandomAsync(
        long community_id, string? type, MemoryStore store, CancellationToken ct)
    {
        var wanted = type ?? MemoryTypes.Quote;
        if (!MemoryTypes.Known(wanted))
        {
            return Problems.Invalid("type", $"must be {MemoryTypes.Names}.");
        }

        return await store.UseAnyAsync(community_id, wanted, ct) is { } drawn
            ? TypedResults.Ok(drawn)
            : Problems.NotFound($"The community has no {wanted} yet.");
    }

    private static async Task<Ok<MemoryStats>> StatsAsync(long community_id, MemoryStore store, CancellationToken ct) =>
        TypedResults.Ok(await store.StatsAsync(community_id, ct));

    private static async Task<Results<Ok<Memory>, ProblemHttpResult>> GetAsync(long community_id, long id, MemoryStore store, CancellationToken ct) =>
        await store.UseAsync(community_id, id, ct) is { } memory ? TypedResults.Ok(memory) : NotFound(id);

    private static async Task<Results<Ok<Memory>, ProblemHttpResult>> EditAsync(
        long community_id, long id, MemoryChange request, Caller caller, MemoryStore store, CancellationToken ct)
    {
        var change = request.Completed();
        var checks = change.Check();
        if (!checks.Ok)
        {
            return checks.Problem();
        }

        return await store.EditAsync(community_id, id, change, caller.Actor, ct) is { } edited
            ? TypedResults.Ok(edited)
            : NotFound(id);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        long community_id, long id, Caller caller, MemoryStore store, CancellationToken ct) =>
        await store.DeleteAsync(community_id, id, caller.Actor, ct) ? TypedResults.NoContent() : NotFound(id);

    private static async Task<Results<Ok<ReactionState>, ProblemHttpResult>> ReactionsAsync(
        long community_id, long id, ReactionStore store, CancellationToken ct) =>
        await store.FindAsync(community_id, id, ct) is { } state ? TypedResults.Ok(state) : NotFound(id);

    private static async Task<Results<Ok<ReactionState>, ProblemHttpResult>> ToggleAsync(
        long community_id, long id, ToggleReaction request, ReactionStore store, CancellationToken ct)
    {
        var reaction = request.ReactionType?.ToLowerInvariant();
        var checks = ActingUser.Check(
            MemoryRules.CheckReaction(reaction), request.Platform, request.UserId, request.UserName, out var by);
        if (!checks.Ok)
        {
            return checks.Problem();
        }

        return await store.ToggleAsync(community_id, id, by, reaction!, ct) is { } state
            ? TypedResults.Ok(state)
            : NotFound(id);
    }

    private static ProblemHttpResult NotFound(long id) =>
        Problems.NotFound($"The community has no memory with id {id}.");
}
