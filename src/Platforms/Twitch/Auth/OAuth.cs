using System.Text.Json;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Web;

namespace Rookery.Platforms.Twitch.Auth;

/// <param name="ExpiresIn">Seconds.</param>
/// <param name="Scope">A list; absent for the application's own token.</param>
internal sealed record GrantedToken(
    string AccessToken, int ExpiresIn, string? RefreshToken = null, IReadOnlyList<string>? Scope = null)
{
    public override string ToString() => nameof(GrantedToken);
}

/// <summary>Whose a token is and what it allows.</summary>
internal sealed record Validation(
    string ClientId, int ExpiresIn, string? Login = null, string? UserId = null, IReadOnlyList<string>? Scopes = null);

internal sealed record ApiError(string? Message);

/// <summary>What became of asking for a token.</summary>
/// <param name="Error">Null on success; else for the operator. Holds no secret.</param>
/// <param name="IsFinal">Asking again is pointless: what was shown is not valid.</param>
internal sealed record Grant(GrantedToken? Token, string? Error = null, bool IsFinal = false);

/// <summary>The token endpoints.</summary>
/// <remarks>Source: dev.twitch.tv/docs/authentication.</remarks>
internal sealed class OAuth(TwitchHttp http, IOptions<TwitchOptions> options)
{
    private static readonly Dictionary<string, string> NoHeaders = new(StringComparer.Ordinal);

    public Task<Grant> AppAsync(CancellationToken ct) => GrantAsync([("grant_type", "client_credentials")], ct);

    public Task<Grant> RefreshAsync(string refreshToken, CancellationToken ct) =>
        GrantAsync([("grant_type", "refresh_token"), ("refresh_token", refreshToken)], ct);

    /// <param name="redirect">The same as when the login began.</param>
    public Task<Grant> ExchangeAsync(string code, Uri redirect, CancellationToken ct) =>
        GrantAsync([("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect.AbsoluteUri)], ct);

    /// <param name="verifier">What the login's challenge was made of.</param>
    public Task<Grant> ExchangeAsync(string code, string verifier, Uri redirect, CancellationToken ct) => GrantAsync(
        [
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect.AbsoluteUri), ("code_verifier", verifier),
        ],
        ct);

    /// <summary>Makes an access token, and the refresh token that came with it, worth nothing.</summary>
    /// <returns>Null on success.</returns>
    public async Task<string?> RevokeAsync(string accessToken, CancellationToken ct)
    {
        var form = $"client_id={Uri.EscapeDataString(options.Value.ClientId!)}&token={Uri.EscapeDataString(accessToken)}";
        var response = await http.SendAsync(
            HttpMethod.Post, options.Value.AuthBaseUrl, "revoke", NoHeaders, form, "application/x-www-form-urlencoded", ct);
        return response.Ok ? null : Describe(response);
    }

    /// <returns>Null as token when it is not valid any more; an error when nobody could tell.</returns>
    public async Task<(Validation? Validation, string? Error)> ValidateAsync(string accessToken, CancellationToken ct)
    {
        var headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["Authorization"] = $"OAuth {accessToken}" };
        var response = await http.SendAsync(
            HttpMethod.Get, options.Value.AuthBaseUrl, "validate", headers, null, "application/json", ct);
        return response switch
        {
            { Ok: true } => (Json(response.Body, TwitchJson.Default.Validation), null),
            { Status: 401 } => (null, null),
            _ => (null, Describe(response)),
        };
    }

    /// <summary>What an answer that is no success says, for the operator.</summary>
    public static string Describe(GuardedResponse response) =>
        response.Error ?? $"Twitch answered {response.Status}: {Json(response.Body, TwitchJson.Default.ApiError)?.Message ?? "no reason given"}";

    private async Task<Grant> GrantAsync(IReadOnlyList<(string Name, string Value)> fields, CancellationToken ct)
    {
        var o = options.Value;
        var form = string.Join('&', fields
            .Prepend(("client_secret", o.ClientSecret!)).Prepend(("client_id", o.ClientId!))
            .Select(f => $"{f.Item1}={Uri.EscapeDataString(f.Item2)}"));
        var response = await http.SendAsync(
            HttpMethod.Post, o.AuthBaseUrl, "token", NoHeaders, form, "application/x-www-form-urlencoded", ct);
        return response.Ok && Json(response.Body, TwitchJson.Default.GrantedToken) is { } token
            ? new Grant(token)
            : new Grant(null, Describe(response), response.Status is 400 or 401 or 403);
    }

    private static T? Json<T>(string json, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(json, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
