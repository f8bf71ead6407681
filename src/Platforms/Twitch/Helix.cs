using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Web;
using Rookery.Platforms.Twitch.Auth;

namespace Rookery.Platforms.Twitch;

/// <summary>
/// Twitch's API. A refused token is renewed once and the call repeated once; after a 429 nothing is sent for that token
/// until Twitch takes calls again, except when it is about a number of subscriptions and not of calls.
/// </summary>
internal sealed class Helix(TwitchHttp http, Tokens tokens, IOptions<TwitchOptions> options, TimeProvider clock)
{
    private const string Application = "";
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _closedUntil = new(StringComparer.Ordinal);

    /// <summary>Calls as the application itself.</summary>
    public Task<GuardedResponse> AsAppAsync(HttpMethod method, string path, string? body, CancellationToken ct) =>
        SendAsync(Application, method, path, body, tokens.AppAsync, ct);

    /// <summary>Calls as a person who logged in.</summary>
    public Task<GuardedResponse> AsUserAsync(string userId, HttpMethod method, string path, string? body, CancellationToken ct) =>
        SendAsync(
            userId,
            method,
            path,
            body,
            async (refused, token) => (refused is null
                ? await tokens.UserAsync(userId, token)
                : await tokens.RefreshAsync(userId, refused, token))?.AccessToken,
            ct);

    private async Task<GuardedResponse> SendAsync(
        string who, HttpMethod method, string path, string? body, Func<string?, CancellationToken, Task<string?>> token, CancellationToken ct)
    {
        try
        {
            return await TrySendAsync(who, method, path, body, token, ct);
        }
        catch (TokensAwayException e)
        {
            // Nothing was called, and later it can be.
            return GuardedResponse.Failed(HttpFailure.Connect, $"Twitch gives no token now: {e.Message}", 503);
        }
    }

    private async Task<GuardedResponse> TrySendAsync(
        string who, HttpMethod method, string path, string? body, Func<string?, CancellationToken, Task<string?>> token, CancellationToken ct)
    {
        if (_closedUntil.TryGetValue(who, out var until) && until - clock.GetUtcNow() is { Ticks: > 0 } wait)
        {
            return new GuardedResponse { Status = 429, RetryAfter = wait };
        }

        if (await token(null, ct) is not { } access)
        {
            return NoToken(who);
        }

        var response = await CallAsync(access, method, path, body, ct);
        if (response.Status == 401)
        {
            if (await token(access, ct) is not { } fresh)
            {
                return NoToken(who);
            }

            response = await CallAsync(fresh, method, path, body, ct);
        }

        if (response.Status != 429 || IsAboutNumber(response))
        {
            return response;
        }

        var pause = Pause(response);
        _closedUntil[who] = clock.GetUtcNow() + pause;
        return response with { RetryAfter = pause };
    }

    private Task<GuardedResponse> CallAsync(string token, HttpMethod method, string path, string? body, CancellationToken ct)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["Authorization"] = $"Bearer {token}",
            ["Client-Id"] = options.Value.ClientId!,
        };
        return http.SendAsync(method, options.Value.ApiBaseUrl, path, headers, body, "application/json", ct);
    }

    /// <summary>Twitch says 429 also when there are too many subscriptions; then calls are left, and nothing passes with time.</summary>
    private static bool IsAboutNumber(GuardedResponse response) =>
        response.Headers.TryGetValue("Ratelimit-Remaining", out var text)
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var left) && left > 0;

    /// <summary>Until <c>Ratelimit-Reset</c>, a Unix second.</summary>
    private TimeSpan Pause(GuardedResponse response)
    {
        var pause = response.Headers.TryGetValue("Ratelimit-Reset", out var text)
            && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var reset)
            && reset < DateTimeOffset.MaxValue.ToUnixTimeSeconds()
                ? DateTimeOffset.FromUnixTimeSeconds(reset) - clock.GetUtcNow()
                : response.RetryAfter ?? ShortestPause;
        return pause < ShortestPause ? ShortestPause : pause > LongestPause ? LongestPause : pause;
    }

    private static GuardedResponse NoToken(string who) => GuardedResponse.Failed(
        HttpFailure.Refused,
        who.Length == 0
            ? "Twitch gives no token to the application."
            : $"There is no token of the Twitch user {who} that works; log in at /platforms/twitch/login.",
        401);
}
