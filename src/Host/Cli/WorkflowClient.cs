using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Rookery.Host.Cli;

/// <summary>Talks with a running server about the workflows of one channel.</summary>
internal sealed class WorkflowClient : IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromMinutes(2) };
    private readonly string _channel;
    private string _base = "";

    private WorkflowClient(ChatTarget target, string channel)
    {
        _channel = channel;
        _http.BaseAddress = target.Address;
        _http.DefaultRequestHeaders.Add("X-API-Key", target.Key);
    }

    /// <param name="channel">As platform:server:channel.</param>
    /// <exception cref="InvalidOperationException">The server does not answer, or knows no such channel.</exception>
    public static async Task<WorkflowClient> OpenAsync(ChatTarget target, string channel, CancellationToken ct)
    {
        var client = new WorkflowClient(target, channel);
        try
        {
            var entity = await client.SendAsync(HttpMethod.Get, $"/api/v1/entities/{Uri.EscapeDataString(channel)}", null, ct);
            client._base = $"/api/v1/communities/{entity["community_id"]}/workflows";
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    public Task<JsonObject> ValidateAsync(JsonObject file, CancellationToken ct) => SendAsync(HttpMethod.Post, $"{_base}/validate", file, ct);

    public Task<JsonObject> TestAsync(JsonObject file, JsonNode? variables, JsonNode? answers, CancellationToken ct) => SendAsync(
        HttpMethod.Post, $"{_base}/test", new JsonObject { ["entity_id"] = _channel, ["workflow"] = file, ["variables"] = variables, ["answers"] = answers }, ct);

    public Task<JsonObject> ExportAsync(Guid id, CancellationToken ct) => SendAsync(HttpMethod.Get, $"{_base}/{id}/export", null, ct);

    /// <summary>Makes the workflow, or gives the one of its name in the channel this definition, and publishes it.</summary>
    /// <returns>Its id.</returns>
    public async Task<string> PublishAsync(JsonObject file, CancellationToken ct)
    {
        var name = file["name"]?.GetValue<string>() ?? throw new InvalidOperationException("The file has no name.");
        var query = $"?entity_id={Uri.EscapeDataString(_channel)}&search={Uri.EscapeDataString(name)}&limit=200";
        var known = (await SendAsync(HttpMethod.Get, $"{_base}{query}", null, ct))["items"]!.AsArray().FirstOrDefault(w => w!["name"]!.GetValue<string>() == name);
        var request = file.DeepClone().AsObject();
        request.Remove("format");
        request.Remove("$schema");
        var id = known?["workflow_id"]?.GetValue<string>();
        if (id is null)
        {
            request["entity_id"] = _channel;
            id = (await SendAsync(HttpMethod.Post, _base, request, ct))["workflow"]!["workflow_id"]!.GetValue<string>();
        }
        else
        {
            await SendAsync(HttpMethod.Put, $"{_base}/{id}", request, ct);
        }

        await SendAsync(HttpMethod.Post, $"{_base}/{id}/publish", null, ct);
        return id;
    }

    /// <summary>Starts a run and waits for its end.</summary>
    public async Task<JsonObject> RunAsync(string id, JsonNode? variables, CancellationToken ct)
    {
        var started = await SendAsync(HttpMethod.Post, $"{_base}/{id}/execute", new JsonObject { ["variables"] = variables }, ct);
        while (true)
        {
            var run = await SendAsync(HttpMethod.Get, $"{_base}/executions/{started["execution_id"]}", null, ct);
            if (run["execution"]!["completed_at"] is not null)
            {
                return run;
            }

            await Task.Delay(Look, ct);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonObject> SendAsync(HttpMethod method, string path, JsonNode? body, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        try
        {
            using var response = await _http.SendAsync(request, ct);
            var answer = await response.Content.ReadFromJsonAsync<JsonObject>(ct);
            return response.IsSuccessStatusCode ? answer! : throw new InvalidOperationException(Refusal(answer, response.StatusCode));
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or JsonException)
        {
            throw new InvalidOperationException($"The server at {_http.BaseAddress} does not answer as Rookery does. Is it running? ./run starts it.", e);
        }
    }

    private static string Refusal(JsonObject? problem, HttpStatusCode status)
    {
        var errors = problem?["errors"]?.AsArray().Select(e => $"{e!["field"]}: {e["message"]}");
        return errors is null ? problem?["detail"]?.ToString() ?? $"The server answered {(int)status}." : string.Join('\n', errors);
    }
}
