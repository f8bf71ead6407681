using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Rookery.Kernel.Web;

namespace Rookery.Kernel.Security;

/// <summary>The scope a route needs.</summary>
public sealed record RequiredScope(string Scope);

/// <summary>Marks the few routes that need no key.</summary>
public sealed record OpenToAll;

public static class RouteSecurity
{
    /// <summary>
    /// Names the scope a route (or a group of them) needs; the nearest wins. A route that names none needs admin.
    /// </summary>
    public static T Needs<T>(this T route, string scope)
        where T : IEndpointConventionBuilder
        => route.WithMetadata(new RequiredScope(scope));

    /// <summary>Needs no key. For health, static files and webhooks that bring their own proof.</summary>
    public static T NeedsNoKey<T>(this T route)
        where T : IEndpointConventionBuilder
        => route.WithMetadata(new OpenToAll());

    /// <summary>Refuses a key that is bound to another community than the route's <c>{community_id}</c>.</summary>
    public static RouteGroupBuilder KeepsToCommunity(this RouteGroupBuilder group)
    {
        group.AddEndpointFilter(async (context, next) =>
            long.TryParse(
                context.HttpContext.GetRouteValue("community_id") as string,
                System.Globalization.CultureInfo.InvariantCulture,
                out var community)
                && !Caller.Of(context.HttpContext).MayAct(community)
                ? Problems.NotFound($"No community with id {community}.")
                : await next(context));
        return group;
    }
}
