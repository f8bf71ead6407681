using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Rookery.Kernel.Auditing;
using Rookery.Kernel.Communities;
using Rookery.Kernel.Data;
using Rookery.Kernel.Web;

namespace Rookery.Kernel.Security;

/// <param name="CommunityId">Binds the key to one community; left out: to the caller's, or to none.</param>
/// <param name="RatePerMinute">Calls a minute; 0 is no limit.</param>
/// <param name="ExpiresAt">When it stops working; left out: when the caller's key does, or never.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record KeyRequest(
    string? Name, IReadOnlyList<string>? Scopes, long? CommunityId, int? RatePerMinute, DateTimeOffset? ExpiresAt);

/// <param name="Secret">The key itself. It is shown this once and stored only as a hash.</param>
public sealed record CreatedKey(ApiKey Key, string Secret);

/// <summary>The keys of the API. A key makes no key that may more than itself.</summary>
internal static class KeyEndpoints
{
    private const int MaxName = 100;
    private const int MaxRate = 1_000_000;

    public static void Map(RouteGroupBuilder group)
    {
        var keys = group.MapGroup("/keys").Needs(Scopes.Admin).WithTags("keys");
        keys.MapGet("", ListAsync).WithSummary("Lists keys, revoked ones too; never the keys themselves.");
        keys.MapPost("", CreateAsync).WithSummary("Makes a key and shows it, this once.").ProducesProblem(400);
        keys.MapDelete("/{id:guid}", RevokeAsync)
            .WithSummary("Revokes a key; it stops working at once.").ProducesProblem(404);
    }

    private static async Task<Ok<Page<ApiKey>>> ListAsync(
        CommunityQuery query, PageQuery page, ApiKeys keys, CancellationToken ct) =>
        TypedResults.Ok(Page.Of(await keys.ListAsync(query.Community, page, ct), page.Limit, k => k.Id));

    private static async Task<Results<Created<CreatedKey>, ProblemHttpResult>> CreateAsync(
        KeyRequest request, Caller caller, ApiKeys keys, CommunityStore communities, Database db, AuditLog audit,
        TimeProvider clock, HttpContext http, CancellationToken ct)
    {
        var community = request.CommunityId ?? caller.Community;
        var own = await keys.FindAsync(caller.KeyId, ct);
        var expires = request.ExpiresAt ?? own?.ExpiresAt;
        var checks = Check(request, caller, own, clock.GetUtcNow());
        if (community is { } id && (!caller.MayAct(id) || !await communities.ExistsAsync(id, ct)))
        {
            checks.Fail("community_id", $"names no community: {id}.");
        }

        if (!checks.Ok)
        {
            return checks.Problem();
        }

        var scopes = request.Scopes!.Distinct(StringComparer.Ordinal).ToArray();
        var (key, secret) = await db.TransactionAsync(
            async transaction =>
            {
                var made = await keys.CreateAsync(
                    transaction, request.Name!, scopes, community, request.RatePerMinute ?? 0, expires, caller.Actor, ct);
                await audit.WriteAsync(
                    transaction, community ?? 0, caller.Actor, "api_key.created", Details(made.Key), ct);
                return made;
            },
            ct);
        keys.Forget();
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created($"/api/v1/keys/{key.Id}", new CreatedKey(key, secret));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RevokeAsync(
        Guid id, Caller caller, ApiKeys keys, Database db, AuditLog audit, CancellationToken ct)
    {
        var revoked = await keys.FindAsync(id, ct) is { RevokedAt: null } key
            && (caller.Community is null || caller.Community == key.CommunityId)
            && await db.TransactionAsync(
                async transaction =>
                {
                    var done = await keys.RevokeAsync(transaction, id, ct);
                    if (done)
                    {
                        await audit.WriteAsync(
                            transaction, key.CommunityId ?? 0, caller.Actor, "api_key.revoked", Details(key), ct);
                    }

                    return done;
                },
                ct);
        keys.Forget();
        return revoked ? TypedResults.NoContent() : Problems.NotFound($"No live key with id {id}.");
    }

    private static Checks Check(KeyRequest request, Caller caller, ApiKey? own, DateTimeOffset now)
    {
        var scopes = request.Scopes ?? [];
        return new Checks()
            .Text("name", request.Name, MaxName)
            .That(scopes.Count > 0, "scopes", $"must name at least one of {string.Join(", ", Scopes.All)}.")
            .That(
                scopes.All(s => Scopes.All.Contains(s, StringComparer.Ordinal)),
                "scopes",
                $"may hold {string.Join(", ", Scopes.All)}.")
            .That(scopes.All(caller.Has), "scopes", "holds a scope that your own key lacks.")
            .That(
                request.RatePerMinute is null or (>= 0 and <= MaxRate),
                "rate_per_minute",
                $"must be 0 to {MaxRate}; 0 is no limit.")
            .That(request.ExpiresAt is null || request.ExpiresAt > now, "expires_at", "lies in the past.")
            .That(
                request.ExpiresAt is null || own?.ExpiresAt is null || request.ExpiresAt <= own.ExpiresAt,
                "expires_at",
                $"lies after the end of your own key, {own?.ExpiresAt:O}.");
    }

    private static JsonObject Details(ApiKey key) => new()
    {
        ["id"] = key.Id,
        ["name"] = key.Name,
        ["scopes"] = new JsonArray([.. key.Scopes.Select(s => JsonValue.Create(s))]),
        ["expires_at"] = key.ExpiresAt,
    };
}
