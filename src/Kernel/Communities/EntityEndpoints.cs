using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;

namespace Rookery.Kernel.Communities;

/// <summary>A channel to be added before its first message; others are added when they are first heard of.</summary>
/// <param name="CommunityId">Where it belongs; left out with a key that is bound to a community.</param>
/// <param name="Owner"><c>platform:user</c>.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record EntityRequest(
    string? Platform, string? ServerId, string? ChannelId, long? CommunityId, string? Owner, bool? IsActive,
    JsonElement? Config);

/// <param name="Owner"><c>platform:user</c>; an empty text takes the owner away.</param>
/// <param name="CommunityId">Moves the channel; needs a key that is bound to no community.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record EntityPatch(string? Owner, bool? IsActive, JsonElement? Config, long? CommunityId);

internal static class EntityEndpoints
{
    private const int MaxId = 255;
    private const int MaxOwner = 300;
    private const int MaxConfig = 16 * 1024;

    public static void Map(RouteGroupBuilder group)
    {
        var entities = group.MapGroup("/entities").WithTags("entities");
        entities.MapGet("", ListAsync).Needs(Scopes.CommunitiesRead).WithSummary("Lists the channels the bot knows.");
        entities.MapPost("", CreateAsync).Needs(Scopes.CommunitiesWrite)
            .WithSummary("Adds a channel before its first message.")
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(409);
        entities.MapGet("/{entity_id}", GetAsync).Needs(Scopes.CommunitiesRead)
            .WithSummary("Shows a channel.").ProducesProblem(404);
        entities.MapPatch("/{entity_id}", PatchAsync).Needs(Scopes.CommunitiesWrite)
            .WithSummary("Changes what the body names.")
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(404);
        entities.MapDelete("/{entity_id}", DeleteAsync).Needs(Scopes.CommunitiesWrite)
            .WithSummary("Switches a channel off: nothing is answered there. What it stored stays.")
            .ProducesProblem(404);
    }

    private static async Task<Results<Ok<Page<EntityView>>, ProblemHttpResult>> ListAsync(
        CommunityQuery query, string? platform, PageQuery page, EntityStore store, CancellationToken ct) =>
        platform is null || Platforms.TryParse(platform, out _)
            ? TypedResults.Ok(
                Page.Of(await store.ListAsync(query.Community, platform, page, ct), page.Limit, e => e.Id))
            : Problems.Invalid("platform", $"must be one of {string.Join(", ", Platforms.All)}.");

    private static async Task<Results<Created<EntityView>, ProblemHttpResult>> CreateAsync(
        EntityRequest request, Caller caller, EntityStore store, CommunityStore communities, CancellationToken ct)
    {
        var checks = Check(new Checks(), request.Owner, request.Config)
            .That(
                Platforms.TryParse(request.Platform, out var platform),
                "platform",
                $"must be one of {string.Join(", ", Platforms.All)}.")
            .Text("channel_id", request.ChannelId, MaxId)
            .Optional("server_id", request.ServerId, MaxId)
            .That(
                request.ServerId is not "", "server_id", "must not be empty; leave it out when the platform has none.");
        var community = request.CommunityId ?? caller.Community;
        if (community is null || !caller.MayAct(community.Value) || !await communities.ExistsAsync(community.Value, ct))
        {
            checks.Fail(
                "community_id",
                community is null ? "is required with a key that is bound to no community." : $"names no community: {community}.");
        }

        if (!checks.Ok)
        {
            return checks.Problem();
        }

        // A stranger's channel must not be taken before its own people come.
        var channel = new ChannelId(platform, request.ServerId, request.ChannelId!);
        if (caller.Community is { } own && !await store.OwnsServerAsync(own, channel, ct))
        {
            return Problems.Forbidden(
                "A key that is bound to a community adds channels only of servers that belong to it already.");
        }

        var with = new EntityChange(request.Owner, request.IsActive, request.Config, null);
        return await store.CreateAsync(channel, community!.Value, with, caller.Actor, ct) is { } made
            ? TypedResults.Created($"/api/v1/entities/{Uri.EscapeDataString(made.EntityId)}", made)
            : Problems.Conflict($"The channel {channel} is known already; change it with PATCH.");
    }

    private static async Task<Results<Ok<EntityView>, ProblemHttpResult>> GetAsync(
        string entity_id, Caller caller, EntityStore store, CancellationToken ct) =>
        await store.FindAsync(RouteText.Decode(entity_id), caller.Community, ct) is { } found
            ? TypedResults.Ok(found)
            : NotFound(entity_id);

    private static async Task<Results<Ok<EntityView>, ProblemHttpResult>> PatchAsync(
        string entity_id, EntityPatch request, Caller caller, EntityStore store, CommunityStore communities,
        EntityDirectory directory, CancellationToken ct)
    {
        if (caller.Community is not null && request.CommunityId is not null)
        {
            return Problems.Forbidden("community_id can only be changed with a key that is bound to no community.");
        }

        var checks = Check(new Checks(), request.Owner, request.Config);
        if (request.CommunityId is { } community && !await communities.ExistsAsync(community, ct))
        {
            checks.Fail("community_id", $"names no community: {community}.");
        }

        var change = new EntityChange(request.Owner, request.IsActive, request.Config, request.CommunityId);
        return checks.Ok ? await ChangeAsync(entity_id, change, caller, store, directory, ct) : checks.Problem();
    }

    private static Task<Results<Ok<EntityView>, ProblemHttpResult>> DeleteAsync(
        string entity_id, Caller caller, EntityStore store, EntityDirectory directory, CancellationToken ct) =>
        ChangeAsync(entity_id, new EntityChange(null, false, null, null), caller, store, directory, ct);

    private static async Task<Results<Ok<EntityView>, ProblemHttpResult>> ChangeAsync(
        string entity_id, EntityChange change, Caller caller, EntityStore store, EntityDirectory directory,
        CancellationToken ct)
    {
        var id = RouteText.Decode(entity_id);
        if (await store.UpdateAsync(id, caller.Community, change, caller.Actor, ct) is not { } changed)
        {
            return NotFound(entity_id);
        }

        directory.Forget(id);
        return TypedResults.Ok(changed);
    }

    private static Checks Check(Checks checks, string? owner, JsonElement? config) => checks
        .That(CommunityRequest.IsMember(owner), "owner", CommunityRequest.MustBeMember)
        .Optional("owner", owner, MaxOwner)
        .Json("config", config, MaxConfig);

    private static ProblemHttpResult NotFound(string entity) =>
        Problems.NotFound($"No channel {RouteText.Decode(entity)} here; one is known once somebody has spoken in it.");
}
