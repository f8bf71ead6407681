using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Rookery.Platforms.Tests;

/// <summary>The sandbox's routes, as a program calls them.</summary>
internal static class SandboxCalls
{
    /// <summary>Makes a channel of its own for a test.</summary>
    public static async Task<string> NewChannelAsync(this TestHost host)
    {
        var name = $"c{Guid.NewGuid():N}";
        using var response = await host.Http.PostAsJsonAsync("/api/v1/sandbox/channels", new { name }, TestContext.Current.CancellationToken);
        response.StatusCode.ShouldBe(HttpStatusCode.Created);
        return name;
    }

    public static Task<HttpResponseMessage> PostLineAsync(
        this HttpClient http, string channel, string? text, string? user = "ada", string? role = null) => http.PostAsJsonAsync(
        $"/api/v1/sandbox/channels/{channel}/messages",
        new JsonObject { ["user_id"] = user, ["user_name"] = user, ["role"] = role, ["text"] = text },
        TestContext.Current.CancellationToken);

    public static async Task<JsonObject> SayInAsync(
        this TestHost host, string channel, string text, string user = "ada")
    {
        using var response = await host.Http.PostLineAsync(channel, text, user);
        return await response.ReadAsync(HttpStatusCode.OK);
    }

    public static async Task<JsonObject> ReadAsync(this HttpResponseMessage response, HttpStatusCode status)
    {
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        response.StatusCode.ShouldBe(status, text);
        return JsonNode.Parse(text)!.AsObject();
    }

    public static async Task<JsonObject> SandboxAsync(
        this HttpClient http, string path, HttpStatusCode status = HttpStatusCode.OK)
    {
        using var response = await http.GetAsync($"/api/v1/sandbox/{path}", TestContext.Current.CancellationToken);
        return await response.ReadAsync(status);
    }

    public static IEnumerable<string> Bodies(this JsonObject page) =>
        page["items"]!.AsArray().Select(m => m!["body"]!.GetValue<string>());
}
