using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Rookery.Kernel.Data;
using Rookery.Kernel.Security;

namespace Rookery.Workflows.Tests;

/// <summary>Speaks with the API about workflows of one channel's community.</summary>
public sealed class ApiHost : WorkflowHost
{
    public ApiHost() => Settings = new Dictionary<string, string?>(StringComparer.Ordinal) { ["Http:AllowedPrivateHosts:0"] = "127.0.0.1" };

    internal async Task<string> BaseAsync(string channel = "lab") => $"/api/v1/communities/{(await ChannelAsync(channel)).CommunityId}/workflows";

    internal async Task<JsonObject> SendAsync(
        HttpMethod method, string path, JsonNode? body = null, HttpStatusCode expected = HttpStatusCode.OK, HttpClient? client = null, string channel = "lab", string? key = null)
    {
        using var request = new HttpRequestMessage(method, path.StartsWith('/') ? path : $"{await BaseAsync(channel)}{(path.Length == 0 || path[0] == '?' ? "" : "/")}{path}");
        request.Content = body is null ? null : JsonContent.Create(body);
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        using var response = await (client ?? Http).SendAsync(request, Ct);
        var text = await response.Content.ReadAsStringAsync(Ct);
        response.StatusCode.ShouldBe(expected, $"{method} {path}: {text}");
        return text.Length == 0 ? [] : JsonNode.Parse(text) as JsonObject ?? [];
    }

    internal Task<JsonObject> GetAsync(string path, HttpStatusCode expected = HttpStatusCode.OK, HttpClient? client = null) =>
        SendAsync(HttpMethod.Get, path, null, expected, client);

    internal Task<JsonObject> PostAsync(string path, JsonNode? body = null, HttpStatusCode expected = HttpStatusCode.OK, HttpClient? client = null) =>
        SendAsync(HttpMethod.Post, path, body, expected, client);

    internal static JsonObject Body(GraphText text, string name = "A workflow", string? channel = "lab")
    {
        var body = JsonNode.Parse(text.Json())!.AsObject();
        body["name"] = name;
        if (channel is not null)
        {
            body["entity_id"] = $"sandbox:{channel}";
        }

        return body;
    }

    /// <returns>Its id.</returns>
    internal async Task<string> CreateAsync(GraphText text, string name = "A workflow", string suffix = "", HttpClient? client = null)
    {
        await ChannelAsync();
        var made = await PostAsync(suffix, Body(text, name), HttpStatusCode.Created, client);
        return made["workflow"]!["workflow_id"]!.GetValue<string>();
    }

    internal async Task<string> CreatePublishedAsync(GraphText text)
    {
        var id = await CreateAsync(text);
        await PostAsync($"{id}/publish");
        return id;
    }

    /// <summary>Starts a run over the API and waits for its end.</summary>
    internal async Task<JsonObject> RunAsync(string id, JsonObject? variables = null)
    {
        var started = await PostAsync($"{id}/execute", new JsonObject { ["variables"] = variables }, HttpStatusCode.Accepted);
        return await EndAsync(started["execution_id"]!.GetValue<string>());
    }

    internal async Task<JsonObject> EndAsync(string execution)
    {
        JsonObject? run = null;
        await EventuallyAsync(
            async () =>
            {
                run = await GetAsync($"executions/{execution}");
                return run["execution"]!["completed_at"] is not null;
            },
            "the run ends");
        return run!;
    }

    internal async Task<HttpClient> KeyAsync(long? community, params string[] scopes) =>
        Client((await Get<ApiKeys>().CreateAsync($"k{Guid.NewGuid():N}", scopes, community, 0, null, "test", Ct)).Secret);

    internal Task<long> OutboxAsync() => Get<Database>().Write.ValueAsync<long>($"select count(*) from kernel.outbox", Ct);

    internal async Task<long> CommunityAsync(string channel = "lab") => (await ChannelAsync(channel)).CommunityId;
}
