using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;
using Rookery.Modules.Moderation.Matching;

namespace Rookery.Modules.Moderation.Rules;

internal static class RuleEndpoints
{
    public static void Map(RouteGroupBuilder group)
    {
        var rules = group.MapGroup("/moderation/rules").WithTags("moderation");
        rules.MapGet("", ListAsync).Needs(Scopes.ModerationRead)
            .WithSummary("Lists rules, oldest first; with entity_id those that hold there.");
        rules.MapGet("{id:long}", GetAsync).Needs(Scopes.ModerationRead)
            .WithSummary("One rule.");
        rules.MapPost("", PostAsync).Needs(Scopes.ModerationWrite)
            .WithSummary("Makes a rule. It holds from the next message on.");
        rules.MapPatch("{id:long}", PatchAsync).Needs(Scopes.ModerationWrite)
            .Accepts<RuleRequest>("application/json", "application/merge-patch+json")
            .WithSummary("Changes what the body names; null puts back the default.");
        rules.MapDelete("{id:long}", DeleteAsync).Needs(Scopes.ModerationWrite)
            .WithSummary("Takes a rule out of use (is_active false); its counts stay.");
    }

    private static async Task<Results<Ok<Page<RuleView>>, ProblemHttpResult>> ListAsync(
        [FromQuery(Name = "community_id")] long? community,
        [FromQuery(Name = "entity_id")] string? entityId,
        bool? active,
        PageQuery page,
        Caller caller,
        RuleStore store,
        CancellationToken ct)
    {
        if (community is { } asked && !caller.MayAct(asked))
        {
            return NoCommunity(asked);
        }

        var rows = await store.ListAsync(community ?? caller.Community, entityId, active, page, ct);
        return TypedResults.Ok(Page.Of(rows, page.Limit, r => r.Id));
    }

    private static async Task<Results<Ok<RuleView>, ProblemHttpResult>> GetAsync(long id, Caller caller, RuleStore store, CancellationToken ct) =>
        await store.FindAsync(id, caller.Community, ct) is { } rule ? TypedResults.Ok(rule) : NoRule(id);

    private static async Task<Results<Created<RuleView>, ProblemHttpResult>> PostAsync(
        RuleRequest request, Caller caller, RuleStore store, RuleBooks books, CancellationToken ct)
    {
        if (request.CommunityId is { } asked && !caller.MayAct(asked))
        {
            return NoCommunity(asked);
        }

        var (rule, checks) = await store.CreateAsync(
            request with { CommunityId = request.CommunityId ?? caller.Community }, caller, ct);
        if (rule is null)
        {
            return checks.Problem();
        }

        books.Forget(rule.CommunityId);
        return TypedResults.Created($"/api/v1/moderation/rules/{rule.Id}", rule);
    }

    private static async Task<Results<Ok<RuleView>, ProblemHttpResult>> PatchAsync(
        long id, JsonObject patch, Caller caller, RuleStore store, RuleBooks books, CancellationToken ct)
    {
        try
        {
            var (rule, checks) = await store.ChangeAsync(id, patch, caller, ct);
            if (rule is null)
            {
                return checks?.Problem() ?? NoRule(id);
            }

            books.Forget(rule.CommunityId);
            return TypedResults.Ok(rule);
        }
        catch (JsonException e)
        {
            return Problems.Invalid(e.Path ?? "$", "is not what this address expects; see /openapi/v1.json.");
        }
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        long id, Caller caller, RuleStore store, RuleBooks books, CancellationToken ct)
    {
        if (await store.DeactivateAsync(id, caller, ct) is not { } rule)
        {
            return NoRule(id);
        }

        books.Forget(rule.CommunityId);
        return TypedResults.NoContent();
    }

    private static ProblemHttpResult NoRule(long id) => Problems.NotFound($"No rule with id {id}.");

    private static ProblemHttpResult NoCommunity(long id) => Problems.NotFound($"No community with id {id}.");
}
