using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Rookery.Kernel.Web;

namespace Rookery.Platforms.Slack;

/// <summary>What a method of the Web API answered.</summary>
/// <param name="Error">Null when it was done; else Slack's word for why not, or what went wrong on the way.</param>
/// <param name="RetryAfter">Null when the same call would fail again; else how long to wait at least.</param>
/// <param name="IsInDoubt">It may have been done although no answer says so.</param>
internal sealed record SlackAnswer(JsonElement Body, string? Error = null, TimeSpan? RetryAfter = null, bool IsInDoubt = false)
{
    public bool Ok => Error is null;

    public static SlackAnswer TryAgain(string error, TimeSpan after, bool inDoubt = false) =>
        new(default, error, after, inDoubt);
}

/// <summary>Calls methods of Slack's Web API within their limits and sorts what they answer.</summary>
internal sealed class SlackApi(SlackHttp http, RateLimits limits, TimeProvider clock)
{
    private const string Form = "application/x-www-form-urlencoded";
    private const string Json = "application/json; charset=utf-8";

    /// <summary>A longer wait for a limit is left to who asked.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan UntoldWait = TimeSpan.FromSeconds(30);

    /// <param name="channel">Where a message is posted; null for other calls.</param>
    public Task<SlackAnswer> SendAsync<T>(
        string method, string team, string token, T body, JsonTypeInfo<T> type, string? channel, CancellationToken ct) =>
        CallAsync(method, team, $"Bearer {token}", JsonSerializer.Serialize(body, type), Json, channel, ct);

    /// <summary>Methods that read take a form only.</summary>
    public Task<SlackAnswer> AskAsync(
        string method, string team, string token, IReadOnlyDictionary<string, string> fields, CancellationToken ct) =>
        CallAsync(method, team, $"Bearer {token}", Fields(fields), Form, null, ct);

    /// <summary>Calls <c>oauth.v2.access</c>, which knows the app by its own id and secret.</summary>
    public Task<SlackAnswer> AuthorizeAsync(
        SlackOptions app, IReadOnlyDictionary<string, string> fields, CancellationToken ct)
    {
        var basic = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{app.ClientId}:{app.ClientSecret}"));
        return CallAsync("oauth.v2.access", "", $"Basic {basic}", Fields(fields), Form, null, ct);
    }

    private async Task<SlackAnswer> CallAsync(
        string method, string team, string authorization, string body, string contentType, string? channel, CancellationToken ct)
    {
        var wait = limits.Take(team, method, channel, LongestWait);
        if (wait > LongestWait)
        {
            return SlackAnswer.TryAgain($"{method} is at Slack's limit.", wait);
        }

        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, clock, ct);
        }

        var answer = Sort(method, team, await http.PostAsync(http.Method(method), body, contentType, authorization, ct));
        SlackMetrics.Call(method, answer.Ok ? "ok" : answer.RetryAfter is null ? "refused" : "retry");
        return answer;
    }

    private SlackAnswer Sort(string method, string team, GuardedResponse response)
    {
        if (response.Status == 429)
        {
            var wait = response.RetryAfter ?? UntoldWait;
            limits.Block(team, method, wait);
            return SlackAnswer.TryAgain("ratelimited", wait);
        }

        if (response.Failure is { } failure)
        {
            return failure is HttpFailure.Refused or HttpFailure.Redirect
                ? new SlackAnswer(default, response.Error)
                : SlackAnswer.TryAgain(response.Error!, TimeSpan.Zero, inDoubt: failure != HttpFailure.Connect);
        }

        if (response.Status >= 500 || Parse(response.Body) is not { ValueKind: JsonValueKind.Object } body)
        {
            var status = response.Status.ToString(CultureInfo.InvariantCulture);
            return SlackAnswer.TryAgain($"Slack answered {status} to {method}.", TimeSpan.Zero, inDoubt: true);
        }

        if (body.Says("ok"))
        {
            return new SlackAnswer(body);
        }

        var error = body.Text("error") ?? "unknown_error";
        return error switch
        {
            "ratelimited" or "rate_limited" => SlackAnswer.TryAgain(error, response.RetryAfter ?? UntoldWait),
            "internal_error" or "fatal_error" => SlackAnswer.TryAgain(error, TimeSpan.Zero, inDoubt: true),
            "service_unavailable" or "request_timeout" or "team_added_to_org" or "token_expired" =>
                SlackAnswer.TryAgain(error, TimeSpan.Zero),
            _ => new SlackAnswer(body, error),
        };
    }

    private static JsonElement? Parse(string body)
    {
        try
        {
            return JsonElement.Parse(body);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Fields(IReadOnlyDictionary<string, string> fields) =>
        string.Join('&', fields.Select(f => $"{Uri.EscapeDataString(f.Key)}={Uri.EscapeDataString(f.Value)}"));
}
