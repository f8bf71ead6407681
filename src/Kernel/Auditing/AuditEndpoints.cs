using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;

namespace Rookery.Kernel.Auditing;

internal static class AuditEndpoints
{
    public static void Map(RouteGroupBuilder group) =>
        group.MapGet("/audit", ListAsync).Needs(Scopes.AuditRead).WithTags("audit")
        .WithSummary("Lists administrative acts, the latest first; action takes a part of the name.");

    private static async Task<Ok<Page<AuditEntry>>> ListAsync(
        string? action, string? user_id, CommunityQuery query, PageQuery page, AuditLog audit, CancellationToken ct) =>
        TypedResults.Ok(
            Page.Of(await audit.ListAsync(query.Community, action, user_id, page, ct), page.Limit, e => e.Id));
}
