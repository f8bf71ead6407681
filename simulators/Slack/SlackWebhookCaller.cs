using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Rookery.Simulators.Slack;

/// <summary>Calls the app's request URLs as Slack does: signed, with three seconds for an answer.</summary>
internal sealed class SlackWebhookCaller(SlackSimulator slack, TimeProvider clock) : IDisposable
{
    private readonly HttpClient _http = new();

    /// <summary>Calls once.</summary>
    /// <param name="path">events, commands or interactivity.</param>
    /// <returns>The HTTP status; 0 when no answer came in time.</returns>
    public async Task<int> CallAsync(string path, JsonObject payload, int attempt, CancellationToken ct)
    {
        var (body, type) = path switch
        {
            "events" => (payload.ToJsonString(), "application/json"),
            "interactivity" => ($"payload={Uri.EscapeDataString(payload.ToJsonString())}", "application/x-www-form-urlencoded"),
            _ => (string.Join('&', payload.Select(f => $"{f.Key}={Uri.EscapeDataString(f.Value!.ToString())}")), "application/x-www-form-urlencoded"),
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(slack.RequestUrl!, path));
        request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        var timestamp = clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = HMACSHA256.HashData(
            Encoding.UTF8.GetBytes(slack.SigningSecret), Encoding.UTF8.GetBytes($"v0:{timestamp}:{body}"));
        request.Headers.Add("X-Slack-Request-Timestamp", timestamp);
        request.Headers.Add("X-Slack-Signature", $"v0={Convert.ToHexStringLower(signature)}");
        if (attempt > 0)
        {
            request.Headers.Add("X-Slack-Retry-Num", attempt.ToString(CultureInfo.InvariantCulture));
            request.Headers.Add("X-Slack-Retry-Reason", "http_timeout");
        }

        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
            limit.CancelAfter(slack.AnswerWithin);
            using var response = await _http.SendAsync(request, limit.Token);
            return (int)response.StatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or OperationCanceledException && !ct.IsCancellationRequested)
        {
            return 0;
        }
    }

    public void Dispose() => _http.Dispose();
}
