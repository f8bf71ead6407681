using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;

namespace Rookery.Kernel.Communities;

/// <param name="Role">member, vip, subscriber, moderator, admin or owner.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record MemberRoleRequest(string? Role, string? UserName);

/// <summary>Roles a community grants, beyond those the platform vouches for.</summary>
internal static class MemberEndpoints
{
    private const int MaxId = 255;

    public static void Map(RouteGroupBuilder group)
    {
        var members = group.MapGroup("/communities/{community_id:long}/members")
            .KeepsToCommunity()
            .WithTags("communities");
        members.MapGet("", ListAsync)
            .Needs(Scopes.CommunitiesRead)
            .WithSummary("Lists the roles the community granted.");
        members.MapGet("/{platform}/{user_id}", GetAsync).Needs(Scopes.CommunitiesRead)
            .WithSummary("Shows the role somebody was granted.").ProducesProblem(404);
        members.MapPut("/{platform}/{user_id}", PutAsync).Needs(Scopes.CommunitiesWrite)
            .WithSummary("Grants somebody a role.").ProducesProblem(400).ProducesProblem(404);
        members.MapDelete("/{platform}/{user_id}", DeleteAsync).Needs(Scopes.CommunitiesWrite)
            .WithSummary("Takes a granted role back.").ProducesProblem(404);
    }

    private static async Task<Results<Ok<Page<MemberRole>>, ProblemHttpResult>> ListAsync(
        long community_id, PageQuery page, MemberStore store, CommunityStore communities, CancellationToken ct) =>
        await communities.ExistsAsync(community_id, ct)
            ? TypedResults.Ok(Page.Of(await store.ListAsync(community_id, page, ct), page.Limit, m => m.Position))
            : CommunityEndpoints.NotFound(community_id);

    private static async Task<Results<Ok<MemberRole>, ProblemHttpResult>> GetAsync(
        long community_id, string platform, string user_id, MemberStore store, CancellationToken ct)
    {
        var user = RouteText.Decode(user_id);
        return Platforms.TryParse(platform, out var p) && await store.FindAsync(community_id, p, user, ct) is { } found
            ? TypedResults.Ok(found)
            : NotFound(platform, user, community_id);
    }

    private static async Task<Results<Ok<MemberRole>, ProblemHttpResult>> PutAsync(
        long community_id, string platform, string user_id, MemberRoleRequest request, Caller caller,
        MemberStore store, CommunityStore communities, EntityDirectory directory, CancellationToken ct)
    {
        var user = RouteText.Decode(user_id);
        var checks = new Checks()
            .That(
                Platforms.TryParse(platform, out var p),
                "platform",
                $"must be one of {string.Join(", ", Platforms.All)}.")
            .Text("user_id", user, MaxId)
            .That(Roles.TryParse(request.Role, out var role), "role", $"must be one of {string.Join(", ", Roles.All)}.")
            .Optional("user_name", request.UserName, MaxId);
        if (!checks.Ok)
        {
            return checks.Problem();
        }

        if (!await communities.ExistsAsync(community_id, ct))
        {
            return CommunityEndpoints.NotFound(community_id);
        }

        var granted = await store.GrantAsync(community_id, p, user, request.UserName, role, caller.Actor, ct);
        directory.ForgetRoles(community_id);
        return TypedResults.Ok(granted);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        long community_id, string platform, string user_id, Caller caller, MemberStore store,
        EntityDirectory directory, CancellationToken ct)
    {
        var user = RouteText.Decode(user_id);
        if (!Platforms.TryParse(platform, out var p)
            || !await store.RevokeAsync(community_id, p, user, caller.Actor, ct))
        {
            return NotFound(platform, user, community_id);
        }

        directory.ForgetRoles(community_id);
        return TypedResults.NoContent();
    }

    private static ProblemHttpResult NotFound(string platform, string user, long community) =>
        Problems.NotFound($"{platform}:{user} was granted no role in community {community}.");
}
