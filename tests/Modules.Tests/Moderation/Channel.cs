using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Rookery.Moderation.Tests;

/// <summary>A sandbox channel of its own for one test, with what tests do in it.</summary>
internal sealed class Channel(TestHost host)
{
    private bool _known;

    public string Name { get; } = $"c{Guid.NewGuid():N}";

    public string EntityId => $"sandbox:{Name}";

    /// <summary>Makes the channel known, which its first message does.</summary>
    public async Task EnterAsync()
    {
        if (!_known)
        {
            await SayAsync("");
            _known = true;
        }
    }

    public Task<JsonObject> SayAsync(string text, string role = "member", string? messageId = null) =>
        host.SayAsync(text, channel: Name, role: role, messageId: messageId);

    public async Task<string> OutcomeAsync(string text, string role = "member") =>
        (await SayAsync(text, role))["outcome"]!.GetValue<string>();

    /// <summary>Makes a warning for this channel; fields say what is different.</summary>
    public async Task<long> RuleAsync(string pattern, JsonObject? fields = null)
    {
        using var response = await PostAsync(pattern, fields);
        response.StatusCode.ShouldBe(HttpStatusCode.Created, await response.Content.ReadAsStringAsync());
        return (await response.Content.ReadFromJsonAsync<JsonObject>())!["id"]!.GetValue<long>();
    }

    public async Task<HttpResponseMessage> PostAsync(string? pattern, JsonObject? fields = null)
    {
        await EnterAsync();
        var rule = new JsonObject
        {
            ["string"] = pattern,
            ["match_type"] = "contains",
            ["action"] = "warn",
            ["enabled_entity_ids"] = new JsonArray(EntityId),
        };
        foreach (var (field, value) in fields ?? [])
        {
            rule[field] = value?.DeepClone();
        }

        return await host.Http.PostAsJsonAsync("/api/v1/moderation/rules", rule);
    }

    public async Task<JsonObject> TestAsync(string text, string? role = null)
    {
        using var response = await host.Http.PostAsJsonAsync(
            "/api/v1/moderation/test", new JsonObject { ["entity_id"] = EntityId, ["text"] = text, ["role"] = role });
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        return (await response.Content.ReadFromJsonAsync<JsonObject>())!;
    }
}
