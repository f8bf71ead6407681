using System.Net;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Privacy;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;

namespace Rookery.Workflows.Api;

/// <summary>Who asks: a key, and the member it acts for, from <c>?as=platform:user</c>, whose rights then count.</summary>
/// <param name="Ip">For the audit log.</param>
internal sealed record Actor(Caller Caller, Platform? Platform, string? UserId, IPAddress? Ip) : IEndpointParameterMetadataProvider
{
    private const int MaxId = 255;

    /// <summary><c>platform:user</c>; null: the key acts for itself.</summary>
    public string? Member => Platform is { } platform ? Person.Key(platform, UserId!) : null;

    /// <summary>For <c>created_by</c>-like columns.</summary>
    public string Key => Member ?? Caller.Actor;

    /// <exception cref="BadHttpRequestException">400: as names no member.</exception>
    public static ValueTask<Actor> BindAsync(HttpContext context)
    {
        var (caller, ip) = (Caller.Of(context), context.Connection.RemoteIpAddress);
        var text = context.Request.Query["as"].ToString();
        if (text.Length == 0)
        {
            return new(new Actor(caller, null, null, ip));
        }

        return text.Split(':', 2) is [var name, { Length: > 0 and <= MaxId } user] && Platforms.TryParse(name, out var platform) && Checks.Storable(user)
            ? new(new Actor(caller, platform, user, ip))
            : throw new BadHttpRequestException("as: must be platform:user, such as twitch:12826.");
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) => builder.Metadata.Add(
        new QueryParameter("as", "string", "The member the key acts for, as platform:user; the member's rights are checked. Left out: the key's own scopes decide."));
}
