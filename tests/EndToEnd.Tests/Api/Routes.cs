using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;

namespace Rookery.EndToEnd.Tests.Api;

/// <summary>One route with one method, as it is mapped.</summary>
internal sealed record Route(string Method, string Pattern, RouteEndpoint Endpoint)
{
    /// <summary>An address the route takes, with ids that name nothing.</summary>
    public string Path => Regex.Replace(Pattern, @"\{(\w+)(:(\w+))?\}", hole => hole.Groups[3].Value switch
    {
        "long" => "999999999",
        "guid" => "0197f9f0-0000-7000-8000-000000000000",
        _ => hole.Groups[1].Value == "platform" ? "sandbox" : "nothing",
    });

    public Assembly? Owner => Endpoint.Metadata.GetMetadata<MethodInfo>()?.DeclaringType?.Assembly;

    public bool TakesBody => Method is "POST" or "PUT" or "PATCH";

    public override string ToString() => $"{Method} {Pattern}";

    /// <summary>Every route under <c>/api/v1</c>, whoever mapped it.</summary>
    public static IReadOnlyList<Route> All(TestHost host) =>
    [
        .. host.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.RoutePattern.RawText!.StartsWith("/api/v1", StringComparison.Ordinal))
            .SelectMany(
                e => e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"],
                (e, m) => new Route(m, e.RoutePattern.RawText!.TrimEnd('/'), e)),
    ];
}
