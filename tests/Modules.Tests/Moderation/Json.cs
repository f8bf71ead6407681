using System.Net;
using System.Net.Http.Json;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Rookery.Moderation.Tests;

internal static class Json
{
    public static JsonSerializerOptions Readable { get; } =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task<JsonObject> RuleAsync(this TestHost host, long id) =>
        (await host.Http.GetFromJsonAsync<JsonObject>($"/api/v1/moderation/rules/{id}", TestContext.Current.CancellationToken))!;

    public static async Task<JsonObject> PatchAsync(this TestHost host, long id, JsonObject patch)
    {
        using var response = await host.Http.PatchAsJsonAsync($"/api/v1/moderation/rules/{id}", patch, TestContext.Current.CancellationToken);
        response.StatusCode.ShouldBe(
            HttpStatusCode.OK, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return (await response.Content.ReadFromJsonAsync<JsonObject>(TestContext.Current.CancellationToken))!;
    }

    /// <summary>What is wrong with which field.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> ErrorsAsync(this HttpResponseMessage response)
    {
        response.StatusCode.ShouldBe(
            HttpStatusCode.BadRequest, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        var problem = await response.Content.ReadFromJsonAsync<JsonObject>(TestContext.Current.CancellationToken);
        return problem!["errors"]!.AsArray().ToDictionary(
            e => e!["field"]!.GetValue<string>(), e => e!["message"]!.GetValue<string>(), StringComparer.Ordinal);
    }
}
