using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Rookery.Kernel.Security;
using Rookery.Kernel.SignIn;

namespace Rookery.EndToEnd.Tests.Api;

[Collection(SharedApi.Name)]
public sealed class RouteTests(TestHost host)
{
    [Fact]
    public void Every_route_says_which_scope_it_needs() => Route.All(host)
        .Where(r => r.Endpoint.Metadata.GetMetadata<RequiredScope>() is null && r.Endpoint.Metadata.GetMetadata<OpenToAll>() is null
            && !IsForPeople(r))
        .ShouldBeEmpty();

    [Fact]
    public async Task Without_a_key_no_route_answers()
    {
        using var stranger = host.Client(null);
        foreach (var route in Guarded())
        {
            using var response = await stranger.AskAsync(route.Method, route.Path, route.TakesBody ? new JsonObject() : null);
            response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized, route.ToString());
            response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        }
    }

    [Fact]
    public async Task A_key_without_the_scope_is_refused_by_every_route()
    {
        foreach (var routes in Guarded().Where(r => !IsForPeople(r)).GroupBy(r => r.Endpoint.Metadata.GetMetadata<RequiredScope>()!.Scope, StringComparer.Ordinal))
        {
            using var client = await host.ClientAsync(null, [.. Scopes.All.Except([routes.Key, Scopes.Admin], StringComparer.Ordinal)]);
            foreach (var route in routes)
            {
                using var response = await client.AskAsync(route.Method, route.Path, route.TakesBody ? new JsonObject() : null);
                response.StatusCode.ShouldBe(HttpStatusCode.Forbidden, route.ToString());
                (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain(routes.Key);
            }
        }
    }

    [Fact]
    public async Task No_key_stands_for_a_person()
    {
        var routes = Guarded().Where(IsForPeople).ToList();
        routes.ShouldNotBeEmpty();
        foreach (var route in routes)
        {
            using var response = await host.Http.AskAsync(route.Method, route.Path, route.TakesBody ? new JsonObject() : null);
            response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized, route.ToString());
        }
    }

    [Fact]
    public async Task Every_route_stands_in_the_openapi_document_with_fields_in_snake_case()
    {
        using var stranger = host.Client(null);
        var document =
            (await stranger.GetFromJsonAsync<JsonObject>("/openapi/v1.json", TestContext.Current.CancellationToken))!;

        foreach (var route in Route.All(host))
        {
            var path = System.Text.RegularExpressions.Regex.Replace(route.Pattern, @":\w+\}", "}");
            document["paths"]![path]?[route.Method.ToLowerInvariant()].ShouldNotBeNull($"{route.Method} {path}");
        }

        document["components"]!["securitySchemes"]!["api_key"]!.Text("name").ShouldBe("X-API-Key");
        var schemas = document["components"]!["schemas"]!.AsObject();
        schemas.Select(s => s.Key).ShouldAllBe(name => !name.Any(char.IsUpper));
        schemas.SelectMany(s => s.Value!["properties"]?.AsObject().Select(p => p.Key) ?? []).ShouldAllBe(
            name => !name.Any(char.IsUpper));
        schemas["key_request"]!["required"].ShouldBeNull();
        schemas["community_view"]!["required"]!.AsArray().ShouldContain(r => r!.GetValue<string>() == "name");
        schemas["command_view"]!["properties"]!["timeout"]!.Text("type").ShouldBe("integer");
        Parameters(document, "/api/v1/executions").ShouldBe(
            ["command_id", "community_id", "cursor", "entity_id", "limit", "status", "user_id"]);
    }

    private static bool IsForPeople(Route route) => route.Endpoint.Metadata.GetMetadata<TakesSession>() is { Alone: true };

    private IEnumerable<Route> Guarded() =>
        Route.All(host).Where(r => r.Endpoint.Metadata.GetMetadata<OpenToAll>() is null);

    private static IEnumerable<string> Parameters(JsonObject document, string path) =>
        document["paths"]![path]!["get"]!["parameters"]!.AsArray()
            .Select(p => p!.Text("name"))
            .Order(StringComparer.Ordinal);
}
