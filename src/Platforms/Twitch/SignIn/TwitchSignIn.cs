using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Chat;
using Rookery.Kernel.SignIn;
using Rookery.Platforms.Twitch.Auth;

namespace Rookery.Platforms.Twitch.SignIn;

/// <summary>Signing in with Twitch. No scope is asked for: the token only says whose it is, and is given back.</summary>
/// <remarks>Source: dev.twitch.tv/docs/authentication. Twitch does not document proof keys; it gets one all the same.</remarks>
internal sealed partial class TwitchSignIn(OAuth oauth, TwitchHttp http, IOptions<TwitchOptions> options, ILogger<TwitchSignIn> log) : ISignInProvider
{
    public Platform Platform => Platform.Twitch;

    public string? OffBecause => options.Value.OffBecause;

    public ValueTask<Uri?> AuthorizeAsync(Authorization authorization, CancellationToken ct) => new(new Uri(
        TwitchHttp.Join(options.Value.AuthBaseUrl, "authorize").AbsoluteUri + QueryString.Create(
            new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["client_id"] = options.Value.ClientId,
                ["redirect_uri"] = authorization.Redirect.AbsoluteUri,
                ["response_type"] = "code",
                ["scope"] = "",
                ["state"] = authorization.State,
                ["code_challenge"] = authorization.Challenge,
                ["code_challenge_method"] = "S256",
            })));

    public async Task<(Proof? Proof, string? Problem)> ProveAsync(Exchange exchange, CancellationToken ct)
    {
        var grant = await oauth.ExchangeAsync(exchange.Code, exchange.Verifier, exchange.Redirect, ct);
        if (grant.Token is not { } granted)
        {
            return (null, grant.IsFinal ? "Twitch did not take the sign-in's code; begin again." : "Twitch does not answer now; try again soon.");
        }

        try
        {
            return await AskAsync(granted.AccessToken, ct);
        }
        finally
        {
            // Whoever has stopped waiting: a token that is not needed is to be worth nothing.
            if (await oauth.RevokeAsync(granted.AccessToken, CancellationToken.None) is { } error)
            {
                NotGivenBack(error);
            }
        }
    }

    private async Task<(Proof? Proof, string? Problem)> AskAsync(string token, CancellationToken ct)
    {
        var (who, error) = await oauth.ValidateAsync(token, ct);
        if (who is not { UserId: { } user, Login: { } login } || who.ClientId != options.Value.ClientId)
        {
            return (null, error is null ? "Twitch does not say who you are; begin again." : "Twitch does not answer now; try again soon.");
        }

        // The name and picture are nice to have; the number is what counts.
        var known = await FindAsync(token, ct);
        return (new Proof(new Identity(Platform.Twitch, user, known?.DisplayName ?? login, known?.ProfileImageUrl), [user]), null);
    }

    private async Task<TwitchUser?> FindAsync(string token, CancellationToken ct)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["Authorization"] = $"Bearer {token}",
            ["Client-Id"] = options.Value.ClientId!,
        };
        var answer = await http.SendAsync(HttpMethod.Get, options.Value.ApiBaseUrl, "users", headers, null, "application/json", ct);
        return answer.Ok && JsonSerializer.Deserialize(answer.Body, TwitchJson.Default.UserPage) is { Data: [var user, ..] } ? user : null;
    }

    [LoggerMessage(LogLevel.Warning, "Twitch did not take back the token of a sign-in ({Error}); it ends by itself within hours.")]
    private partial void NotGivenBack(string error);
}
