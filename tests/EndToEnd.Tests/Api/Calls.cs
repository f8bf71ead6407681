using System.Text;
using System.Text.Json.Nodes;
using Rookery.Kernel.Security;

namespace Rookery.EndToEnd.Tests.Api;

/// <summary>One host for all tests of the API that need nothing of their own; they keep apart by names.</summary>
[CollectionDefinition(Name)]
public sealed class SharedApi : ICollectionFixture<TestHost>
{
    public const string Name = "api";
}

/// <summary>Calls of the API as a test says them.</summary>
internal static class Calls
{
    /// <summary>Calls and expects a status.</summary>
    /// <returns>The answer's JSON; an empty object when there is none.</returns>
    public static Task<JsonObject> CallAsync(this HttpClient http, string method, string path, JsonNode? body = null, int expect = 200) =>
        http.CallTextAsync(method, path, body?.ToJsonString(), expect);

    /// <inheritdoc cref="CallAsync"/>
    public static async Task<JsonObject> CallTextAsync(
        this HttpClient http, string method, string path, string? json, int expect)
    {
        using var response = await http.AskTextAsync(method, path, json);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        ((int)response.StatusCode).ShouldBe(expect, $"{method} {path}: {text}");
        return text.Length == 0 ? [] : JsonNode.Parse(text)!.AsObject();
    }

    public static Task<HttpResponseMessage> AskAsync(this HttpClient http, string method, string path, JsonNode? body = null) =>
        http.AskTextAsync(method, path, body?.ToJsonString());

    public static async Task<HttpResponseMessage> AskTextAsync(
        this HttpClient http, string method, string path, string? json)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (json is not null)
        {
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        }

        return await http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public static IReadOnlyList<JsonObject> Items(this JsonObject page) =>
        [.. page["items"]!.AsArray().Select(i => i!.AsObject())];

    public static string Text(this JsonNode node, string field) => node[field]!.GetValue<string>();

    public static long Number(this JsonNode node, string field) => node[field]!.GetValue<long>();

    /// <summary>The fields a problem names.</summary>
    public static IReadOnlyList<string> Fields(this JsonObject problem) =>
        [.. problem["errors"]!.AsArray().Select(e => e!.Text("field")).Distinct(StringComparer.Ordinal)];

    /// <summary>A client with a key of its own.</summary>
    public static async Task<HttpClient> ClientAsync(this TestHost host, long? community, params string[] scopes)
    {
        var (_, secret) = await host.Get<ApiKeys>().CreateAsync(
            "test", scopes, community, 0, null, "test", TestContext.Current.CancellationToken);
        return host.Client(secret);
    }

    public static async Task<long> CommunityAsync(this TestHost host) =>
        (await host.Http.CallAsync("POST", "/api/v1/communities", new JsonObject { ["name"] = $"community {Guid.NewGuid():N}" }, 201)).Number("id");

    /// <summary>A new sandbox channel of a community.</summary>
    /// <returns>Its channel id; its entity id is <c>sandbox:{channel}</c>.</returns>
    public static async Task<string> ChannelAsync(this TestHost host, long community)
    {
        var channel = $"c{Guid.NewGuid():N}";
        var body = new JsonObject { ["platform"] = "sandbox", ["channel_id"] = channel, ["community_id"] = community };
        await host.Http.CallAsync("POST", "/api/v1/entities", body, 201);
        return channel;
    }

    /// <summary>The number of a command by its name.</summary>
    public static async Task<long> CommandIdAsync(this TestHost host, string name) =>
        (await host.Http.CallAsync("GET", $"/api/v1/commands?command={Uri.EscapeDataString(name)}&is_active=true"))
            .Items()
            .Single()
            .Number("id");
}
