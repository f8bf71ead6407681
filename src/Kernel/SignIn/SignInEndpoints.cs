using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;

namespace Rookery.Kernel.SignIn;

/// <summary>Where browsers go to sign in, and come back from the platform.</summary>
internal static class SignInEndpoints
{
    public static void Map(RouteGroupBuilder group)
    {
        var auth = group.MapGroup("/auth/{platform}").NeedsNoKey().WithTags("auth").AddEndpointFilter(LimitAsync);
        auth.MapGet("/login", (string platform, [FromQuery(Name = "return_to")] string? returnTo, HttpContext http, SignInFlow flow, CancellationToken ct) =>
                flow.BeginAsync(http, platform, returnTo, ct))
            .WithSummary("Sends the browser to discord or twitch to sign in, and back to return_to, a path of this server.")
            .Produces(302).ProducesProblem(400).ProducesProblem(404).ProducesProblem(429).ProducesProblem(502);
        auth.MapGet("/callback", (string platform, string? code, string? state, string? error, HttpContext http, SignInFlow flow, CancellationToken ct) =>
                flow.FinishAsync(http, platform, code, state, error, ct))
            .WithSummary("Where the platform sends the browser back.")
            .Produces(302).ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(429).ProducesProblem(502);
    }

    private static async ValueTask<object?> LimitAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        http.Response.Headers.CacheControl = "no-store";
        if (http.RequestServices.GetService(typeof(SignInLimits)) is SignInLimits limits
            && limits.RefuseLogin(CallerAddress.Of(http)) is { } wait)
        {
            http.Response.Headers.RetryAfter = wait;
            return SignInPage.Problem(http, 429, $"That were many sign-ins from your address; wait {wait} s.");
        }

        return await next(context);
    }
}
