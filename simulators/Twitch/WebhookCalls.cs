using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Rookery.Simulators.Twitch;

/// <summary>Calls of Twitch: signed, and repeated until somebody takes them.</summary>
public sealed class WebhookCalls(TimeProvider clock) : IAsyncDisposable
{
    private const int MostFailures = 5;

    private readonly ConcurrentQueue<Task> _calls = new();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };

    /// <summary>Waits between the tries of a webhook.</summary>
    public IReadOnlyList<TimeSpan> Retries { get; set; } =
        [TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(1)];

    /// <summary>Statuses that webhooks were answered with.</summary>
    public ConcurrentQueue<int> Answers { get; } = new();

    /// <summary>The headers Twitch proves a call with.</summary>
    public static IReadOnlyDictionary<string, string> Sign(
        string secret, string messageId, DateTimeOffset at, string type, string subscriptionType, string body, int retry = 0)
    {
        var time = at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00Z'", CultureInfo.InvariantCulture);
        var hash = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(messageId + time + body));
        return new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Twitch-Eventsub-Message-Id"] = messageId,
            ["Twitch-Eventsub-Message-Retry"] = retry.ToString(CultureInfo.InvariantCulture),
            ["Twitch-Eventsub-Message-Type"] = type,
            ["Twitch-Eventsub-Message-Timestamp"] = time,
            ["Twitch-Eventsub-Message-Signature"] = $"sha256={Convert.ToHexStringLower(hash)}",
            ["Twitch-Eventsub-Subscription-Type"] = subscriptionType,
            ["Twitch-Eventsub-Subscription-Version"] = "1",
        };
    }

    /// <summary>Waits for the calls that are under way, at most a few seconds.</summary>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_calls);
        _http.Dispose();
    }

    /// <summary>Completes when every call that was begun is taken or given up.</summary>
    public Task SettledAsync() => Task.WhenAll(_calls);

    /// <summary>Makes a call; others need not wait for it.</summary>
    internal void Start(SimulatedSubscription to, string kind, string messageId, string body) =>
        _calls.Enqueue(CallAsync(to, kind, messageId, body));

    /// <summary>Asks the address of a new subscription whether it means it.</summary>
    internal async Task VerifyAsync(SimulatedSubscription made)
    {
        var challenge = Guid.NewGuid().ToString();
        var body = new JsonObject { ["challenge"] = challenge, ["subscription"] = made.ToJson() }.ToJsonString();
        var (status, answer) = await PostAsync(made, "webhook_callback_verification", Guid.NewGuid().ToString(), body, 0);
        made.Status = status == 200 && answer == challenge ? "enabled" : "webhook_callback_verification_failed";
    }

    /// <summary>Calls until the call is taken.</summary>
    private async Task CallAsync(SimulatedSubscription to, string kind, string messageId, string body)
    {
        for (var attempt = 0; attempt <= Retries.Count; attempt++)
        {
            if ((await PostAsync(to, kind, messageId, body, attempt)).Status is >= 200 and < 300)
            {
                to.Failures = 0;
                return;
            }

            if (attempt < Retries.Count)
            {
                await Task.Delay(Retries[attempt], clock);
            }
        }

        if (++to.Failures >= MostFailures)
        {
            to.Status = "notification_failures_exceeded";
        }
    }

    private async Task<(int Status, string Answer)> PostAsync(
        SimulatedSubscription to, string kind, string messageId, string body, int retry)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, to.Callback);
        request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        foreach (var (name, value) in Sign(to.Secret!, messageId, clock.GetUtcNow(), kind, to.Type, body, retry))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        try
        {
            using var response = await _http.SendAsync(request);
            Answers.Enqueue((int)response.StatusCode);
            return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or OperationCanceledException)
        {
            Answers.Enqueue(0);
            return (0, "");
        }
    }
}
