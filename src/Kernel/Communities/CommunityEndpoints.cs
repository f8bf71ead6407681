using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;

namespace Rookery.Kernel.Communities;

/// <param name="Owner"><c>platform:user</c>; an empty text takes the owner away.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record CommunityRequest(string? Name, string? Description, string? Owner, bool? IsActive)
{
    private const int MaxName = 200;
    private const int MaxDescription = 2000;
    private const int MaxOwner = 300;

    /// <param name="isNew">A new community needs a name; a change keeps what it leaves out.</param>
    public Checks Check(bool isNew)
    {
        var checks = new Checks()
            .Optional("description", Description, MaxDescription)
            .That(IsMember(Owner), "owner", MustBeMember)
            .Optional("owner", Owner, MaxOwner);
        return isNew || Name is not null ? checks.Text("name", Name, MaxName) : checks;
    }

    internal static string MustBeMember { get; } =
        $"must be platform:user, for example twitch:1234, with one of {string.Join(", ", Platforms.All)}.";

    /// <summary>True for <c>platform:user</c>, and for nothing.</summary>
    internal static bool IsMember(string? key) =>
        string.IsNullOrEmpty(key)
            || (key.Split(':', 2) is [var platform, { Length: > 0 }] && Platforms.TryParse(platform, out _));
}

internal static class CommunityEndpoints
{
    public static void Map(RouteGroupBuilder group)
    {
        var all = group.MapGroup("/communities").WithTags("communities");
        all.MapGet("", ListAsync).Needs(Scopes.CommunitiesRead).WithSummary("Lists communities.");
        all.MapPost("", CreateAsync).Needs(Scopes.CommunitiesWrite)
            .WithSummary("Makes a community.").ProducesProblem(400).ProducesProblem(403).ProducesProblem(409);

        var one = group.MapGroup("/communities/{community_id:long}").KeepsToCommunity().WithTags("communities");
        one.MapGet("", GetAsync).Needs(Scopes.CommunitiesRead).WithSummary("Shows a community.").ProducesProblem(404);
        one.MapPatch("", PatchAsync).Needs(Scopes.CommunitiesWrite).WithSummary("Changes what the body names.")
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        one.MapDelete("", DeleteAsync).Needs(Scopes.CommunitiesWrite)
            .WithSummary("Switches a community off: nothing is answered in its channels. What it stored stays.")
            .ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
    }

    private static async Task<Ok<Page<CommunityView>>> ListAsync(
        bool? is_active, PageQuery page, Caller caller, CommunityStore store, CancellationToken ct) =>
        TypedResults.Ok(Page.Of(await store.ListAsync(caller.Community, is_active, page, ct), page.Limit, c => c.Id));

    private static async Task<Results<Created<CommunityView>, ProblemHttpResult>> CreateAsync(
        CommunityRequest request, Caller caller, CommunityStore store, CancellationToken ct)
    {
        if (caller.Community is not null)
        {
            return Problems.Forbidden(
                "A key that is bound to a community makes no others; use one that is bound to none.");
        }

        if (request.Check(isNew: true) is { Ok: false } wrong)
        {
            return wrong.Problem();
        }

        return await store.CreateAsync(request, caller.Actor, ct) is { } made
            ? TypedResults.Created($"/api/v1/communities/{made.Id}", made)
            : NameTaken(request);
    }

    private static async Task<Results<Ok<CommunityView>, ProblemHttpResult>> GetAsync(
        long community_id, CommunityStore store, CancellationToken ct) =>
        await store.FindAsync(community_id, ct) is { } found ? TypedResults.Ok(found) : NotFound(community_id);

    private static async Task<Results<Ok<CommunityView>, ProblemHttpResult>> PatchAsync(
        long community_id, CommunityRequest request, Caller caller, CommunityStore store, EntityDirectory directory,
        CancellationToken ct)
    {
        if (caller.Community is not null && (request.Owner is not null || request.IsActive is not null))
        {
            return Problems.Forbidden(
                "owner and is_active can only be changed with a key that is bound to no community.");
        }

        if (request.Check(isNew: false) is { Ok: false } wrong)
        {
            return wrong.Problem();
        }

        return await ChangeAsync(community_id, request, caller, store, directory, ct);
    }

    private static async Task<Results<Ok<CommunityView>, ProblemHttpResult>> DeleteAsync(
        long community_id, Caller caller, CommunityStore store, EntityDirectory directory, CancellationToken ct) => caller.Community is null
        ? await ChangeAsync(community_id, new CommunityRequest(null, null, null, false), caller, store, directory, ct)
        : Problems.Forbidden("A community is only switched off with a key that is bound to none.");

    private static async Task<Results<Ok<CommunityView>, ProblemHttpResult>> ChangeAsync(
        long id, CommunityRequest request, Caller caller, CommunityStore store, EntityDirectory directory,
        CancellationToken ct)
    {
        if (id == CommunityStore.Global && request.IsActive == false)
        {
            return Problems.Conflict("The global community cannot be switched off.");
        }

        try
        {
            var changed = await store.UpdateAsync(id, request, caller.Actor, ct);
            directory.Forget("");
            return changed is null ? NotFound(id) : TypedResults.Ok(changed);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return NameTaken(request);
        }
    }

    private static ProblemHttpResult NameTaken(CommunityRequest request) =>
        Problems.Conflict($"name: there is a community named '{request.Name}' already; choose another name.");

    internal static ProblemHttpResult NotFound(long id) => Problems.NotFound($"No community with id {id}.");
}
