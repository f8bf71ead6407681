using Microsoft.AspNetCore.Builder;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Security;

namespace Rookery.Kernel.SignIn;

/// <summary>Marks routes that take a session.</summary>
/// <param name="Alone">True: a key does not do, for the route is about whoever is signed in.</param>
public sealed record TakesSession(bool Alone);

/// <summary>The server a route is about, and what a person must be there.</summary>
/// <param name="Platform">
/// Null: whichever has the server. Then the handler itself keeps a key to its community, for it knows what else is a server.
/// </param>
/// <param name="Parameter">Of the route, such as <c>guild_id</c>.</param>
public sealed record RequiredGuild(Platform? Platform, string Parameter, Standing Least);

public static class SessionRoutes
{
    /// <summary>Needs somebody signed in; the handler takes <see cref="SignedIn"/> as a parameter.</summary>
    public static T NeedsSession<T>(this T route)
        where T : IEndpointConventionBuilder
        => route.WithMetadata(new TakesSession(Alone: true));

    /// <summary>
    /// Needs an admin of the server in the route, or a key with the route's scope whose community has the server. The
    /// handler takes <see cref="Caller"/> as ever.
    /// </summary>
    public static T NeedsGuildAdmin<T>(this T route, string parameter, Platform? platform = Platform.Discord)
        where T : IEndpointConventionBuilder
        => route.WithMetadata(new TakesSession(Alone: false), new RequiredGuild(platform, parameter, Standing.Admin));

    /// <summary>The same for whoever is in the server.</summary>
    public static T NeedsGuildMember<T>(this T route, string parameter, Platform? platform = Platform.Discord)
        where T : IEndpointConventionBuilder
        => route.WithMetadata(new TakesSession(Alone: false), new RequiredGuild(platform, parameter, Standing.Member));
}
