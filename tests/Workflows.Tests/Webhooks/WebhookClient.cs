using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Rookery.Kernel.Data;
using Rookery.Workflows.Definition;
using Rookery.Workflows.Triggers;

namespace Rookery.Workflows.Tests.Webhooks;

/// <summary>A workflow with a webhook, and how a program calls it.</summary>
internal sealed class WebhookClient(WorkflowHost host, Published workflow, JsonObject made) : IDisposable
{
    private readonly HttpClient _http = host.Client(null);

    public Published Workflow => workflow;

    public string Token => made["token"]!.GetValue<string>();

    public string Secret { get; set; } = made["secret"]!.GetValue<string>();

    public Guid Id => made["webhook"]!["webhook_id"]!.GetValue<Guid>();

    public string Managed => $"/api/v1/communities/{workflow.Community}/workflows/{workflow.WorkflowId}/webhooks/{Id}";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<WebhookClient> MakeAsync(WorkflowHost host, string more = "", string respond = "accepted", GraphText? text = null, string channel = "lab")
    {
        text ??= new GraphText().Node("start", "trigger_webhook", $$"""{"respond":"{{respond}}"}""")
            .Node("end", "flow_end", """{"output_data":{"n":"{{ payload.n }}"}}""").Link("start>end").Settings("""{"max_parallel_executions":1000}""");
        var workflow = await host.PublishAsync(text, channel);
        await host.Get<TriggerTable>().ReloadAsync(workflow.WorkflowId, Ct);
        return new WebhookClient(host, workflow, await MakeAsync(host, workflow, more));
    }

    public static async Task<JsonObject> MakeAsync(WorkflowHost host, Published workflow, string more = "")
    {
        var body = JsonNode.Parse($$"""{"name":"A hook"{{(more.Length > 0 ? "," : "")}}{{more}}}""");
        using var answer = await host.Http.PostAsJsonAsync($"/api/v1/communities/{workflow.Community}/workflows/{workflow.WorkflowId}/webhooks", body, Ct);
        answer.StatusCode.ShouldBe(HttpStatusCode.Created, await answer.Content.ReadAsStringAsync(Ct));
        return (await answer.Content.ReadFromJsonAsync<JsonObject>(Ct))!;
    }

    /// <summary>A call that is signed as it should be; what is given here replaces what would be right.</summary>
    public HttpRequestMessage Signed(string body, DateTimeOffset? at = null, string? secret = null, string? signature = null, string? token = null)
    {
        var seconds = (at ?? host.Get<TimeProvider>().GetUtcNow()).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var request = Unsigned(body, token);
        request.Headers.Add("X-Rookery-Timestamp", seconds);
        request.Headers.Add("X-Rookery-Signature", signature ?? Mac(secret ?? Secret, $"{seconds}.{body}"));
        return request;
    }

    public HttpRequestMessage Unsigned(string body, string? token = null) =>
        new(HttpMethod.Post, $"/api/v1/webhooks/{token ?? Token}") { Content = new StringContent(body, Encoding.UTF8, "application/json") };

    public static string Mac(string secret, string text) =>
        $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(text)))}";

    public async Task<(int Status, JsonObject Body)> SendAsync(HttpRequestMessage request)
    {
        using (request)
        {
            using var answer = await _http.SendAsync(request, Ct);
            return ((int)answer.StatusCode, (await answer.Content.ReadFromJsonAsync<JsonObject>(Ct))!);
        }
    }

    /// <summary>The status and, of a refusal, its code.</summary>
    public async Task<string> TryAsync(HttpRequestMessage request)
    {
        var (status, body) = await SendAsync(request);
        return status < 300 ? $"{status}" : $"{status} {body["code"]}";
    }

    public async Task<JsonObject> ManageAsync(HttpMethod method, string path = "", string? body = null, int expect = 200)
    {
        using var request = new HttpRequestMessage(method, Managed + path);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await host.Http.SendAsync(request, Ct);
        ((int)answer.StatusCode).ShouldBe(expect, await answer.Content.ReadAsStringAsync(Ct));
        return expect == 204 ? [] : (await answer.Content.ReadFromJsonAsync<JsonObject>(Ct))!;
    }

    public Task<long> RunsAsync() => host.Get<Database>().Write.ValueAsync<long>(
        $"select count(*) from workflows.workflow_executions where workflow_id = {workflow.WorkflowId}", Ct);

    public void Dispose() => _http.Dispose();
}
