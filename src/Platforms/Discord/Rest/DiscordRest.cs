using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Web;

namespace Rookery.Platforms.Discord.Rest;

/// <summary>Calls Discord's HTTP interface within its limits.</summary>
internal sealed class DiscordRest : IDisposable
{
    /// <summary>Discord refuses calls without one of this form.</summary>
    public static readonly string UserAgent =
        $"DiscordBot (https://github.com/rookery, {typeof(DiscordRest).Assembly.GetName().Version?.ToString(3)})";

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private readonly DiscordOptions _options;
    private readonly RateLimits _limits;
    private readonly TimeProvider _clock;
    private readonly GuardedHttp _http;

    public DiscordRest(IOptions<DiscordOptions> options, RateLimits limits, TimeProvider clock)
    {
        _options = options.Value;
        _limits = limits;
        _clock = clock;
        _http = GuardedHttp.Trusting([_options.ApiBaseUrl], clock);
    }

    public async Task<GatewayBot> GatewayAsync(CancellationToken ct)
    {
        var answer = await CallAsync(new Call(HttpMethod.Get, "gateway/bot", "", "gateway/bot"), ct);
        return answer.Status == 200
            ? JsonSerializer.Deserialize(answer.Body, DiscordJson.Default.GatewayBot)!
            : throw new DiscordException(answer);
    }

    /// <returns>Null when Discord does not tell now.</returns>
    public async Task<string?> ApplicationIdAsync(CancellationToken ct)
    {
        if (_options.ApplicationId is { Length: > 0 } set)
        {
            return set;
        }

        var answer = await CallAsync(new Call(HttpMethod.Get, "applications/@me", "", "applications/@me"), ct);
        return answer.Ok ? JsonSerializer.Deserialize(answer.Body, DiscordJson.Default.ApplicationAnswer)!.Id : null;
    }

    /// <summary>
    /// Makes the call once; waits for its turn, but not longer than a person would. An answer 429 says in
    /// <c>Retry-After</c> when to come again.
    /// </summary>
    public async Task<GuardedResponse> CallAsync(Call call, CancellationToken ct)
    {
        if (_limits.Invalid.Wait is { Ticks: > 0 } pause)
        {
            return Later(pause, "Too many calls were refused; Discord is left alone for a while.");
        }

        using var timer = new CancellationTokenSource(LongestWait, _clock);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct, timer.Token);
        Bucket bucket;
        var route = $"{call.Method} {call.Template}";
        try
        {
            bucket = call.IsExempt
                ? await _limits.EnterExemptAsync(route, call.Major, limit.Token)
                : await _limits.EnterAsync(route, call.Major, limit.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return Later(LongestWait, "The channel's rate limit is used up.");
        }

        var answer = GuardedResponse.Failed(HttpFailure.Timeout, "The call was given up.");
        try
        {
            answer = await _http.SendAsync(
                new GuardedRequest(call.Method, new Uri(_options.ApiBaseUrl, call.Path), Timeout)
                {
                    Body = call.Body,
                    Headers = Headers(call),
                },
                ct);
            return answer;
        }
        finally
        {
            _limits.Note(bucket, route, call.Major, answer);
        }
    }

    public void Dispose() => _http.Dispose();

    private Dictionary<string, string> Headers(Call call)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["Authorization"] = $"Bot {_options.BotToken}",
            ["User-Agent"] = UserAgent,
        };
        if (call.Reason is { Length: > 0 } reason)
        {
            headers["X-Audit-Log-Reason"] = Uri.EscapeDataString(reason.Length > 120 ? reason[..120] : reason);
        }

        return headers;
    }

    private static GuardedResponse Later(TimeSpan wait, string why) => new()
    {
        Status = 429,
        Error = why,
        Headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["Retry-After"] = wait.TotalSeconds.ToString("0.###", System.Globalization.CultureInfo.InvariantCulture),
        },
    };
}

/// <param name="Template">The path without its ids, which with the method names the rate limit.</param>
/// <param name="Major">The channel, guild or webhook concerned, which has the limit for itself.</param>
internal sealed record Call(HttpMethod Method, string Template, string Major, string Path)
{
    public string? Body { get; init; }

    /// <summary>For the server's audit log.</summary>
    public string? Reason { get; init; }

    /// <summary>Does not count among the fifty a second, as Discord promises of answers to interactions.</summary>
    public bool IsExempt { get; init; }

    public static Call Of<T>(
        HttpMethod method, string template, string major, string path, T body, JsonTypeInfo<T> json) =>
        new(method, template, major, path) { Body = JsonSerializer.Serialize(body, json) };
}

/// <summary>Discord did not do as it was asked.</summary>
internal sealed class DiscordException(GuardedResponse answer)
    : Exception($"Discord answered {answer.Status}: {answer.Error ?? answer.Body}")
{
    public int Status => answer.Status;
}
