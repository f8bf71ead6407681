using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Chat;
using Rookery.Kernel.SignIn;
using Rookery.Kernel.Web;
using Rookery.Platforms.Discord.Rest;

namespace Rookery.Platforms.Discord.SignIn;

/// <summary>Signing in with Discord. The person's token is asked two questions and given back.</summary>
/// <remarks>Source: Discord developer documentation, OAuth2.</remarks>
internal sealed partial class DiscordSignIn(
    IOptions<DiscordOptions> options, DiscordRest rest, TimeProvider clock, ILogger<DiscordSignIn> log) : ISignInProvider, IDisposable
{
    private const string NotNow = "Discord does not answer now; try again soon.";
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly GuardedHttp _http = GuardedHttp.Trusting([options.Value.ApiBaseUrl], clock);
    private string? _application;

    public Platform Platform => Platform.Discord;

    public string? OffBecause => options.Value.OffBecause
        ?? (options.Value.ClientSecret is { Length: > 0 } ? null : "Platforms:Discord:ClientSecret is not set");

    public async ValueTask<Uri?> AuthorizeAsync(Authorization authorization, CancellationToken ct) =>
        await ApplicationAsync(ct) is not { } application ? null
        : new Uri(options.Value.AuthorizeUrl.AbsoluteUri + QueryString.Create(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["client_id"] = application,
            ["response_type"] = "code",
            ["redirect_uri"] = authorization.Redirect.AbsoluteUri,
            ["scope"] = "identify guilds",
            ["state"] = authorization.State,
            ["code_challenge"] = authorization.Challenge,
            ["code_challenge_method"] = "S256",
        }));

    public async Task<(Proof? Proof, string? Problem)> ProveAsync(Exchange exchange, CancellationToken ct)
    {
        if (await ApplicationAsync(ct) is not { } application)
        {
            return (null, NotNow);
        }

        var answer = await FormAsync(
            "oauth2/token",
            [
                ("grant_type", "authorization_code"), ("code", exchange.Code), ("redirect_uri", exchange.Redirect.AbsoluteUri),
                ("code_verifier", exchange.Verifier), ("client_id", application),
            ],
            ct);
        if (Read(answer, DiscordJson.Default.TokenAnswer) is not { } granted)
        {
            return (null, answer.Status is >= 400 and < 500
                ? "Discord did not take the sign-in's code; begin again."
                : NotNow);
        }

        try
        {
            return await AskAsync(granted.AccessToken, ct);
        }
        finally
        {
            // Whoever has stopped waiting: a token that is not needed is to be worth nothing.
            await GiveBackAsync(application, granted.AccessToken, CancellationToken.None);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<(Proof? Proof, string? Problem)> AskAsync(string token, CancellationToken ct)
    {
        if (Read(await GetAsync("users/@me", token, ct), DiscordJson.Default.SignedInUser) is not { } user)
        {
            return (null, NotNow);
        }

        if (Read(await GetAsync("users/@me/guilds?limit=200", token, ct), DiscordJson.Default.IReadOnlyListGuildId) is not { } guilds)
        {
            return (null, NotNow);
        }

        var avatar = user.Avatar is { } hash ? $"https://cdn.discordapp.com/avatars/{user.Id}/{hash}.png" : null;
        return (new Proof(new Identity(Platform.Discord, user.Id, user.GlobalName ?? user.Username, avatar), [.. guilds.Select(g => g.Id)]), null);
    }

    private async Task GiveBackAsync(string application, string token, CancellationToken ct)
    {
        var answer = await FormAsync(
            "oauth2/token/revoke", [("token", token), ("token_type_hint", "access_token"), ("client_id", application)], ct);
        if (!answer.Ok)
        {
            NotGivenBack(answer.Status);
        }
    }

    private async ValueTask<string?> ApplicationAsync(CancellationToken ct) => _application ??= await rest.ApplicationIdAsync(ct);

    private Task<GuardedResponse> GetAsync(string path, string token, CancellationToken ct) => _http.SendAsync(
        new GuardedRequest(HttpMethod.Get, new Uri(options.Value.ApiBaseUrl, path), Timeout)
        {
            Headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
            {
                ["Authorization"] = $"Bearer {token}",
                ["User-Agent"] = DiscordRest.UserAgent,
            },
        },
        ct);

    private Task<GuardedResponse> FormAsync(string path, IEnumerable<(string Name, string Value)> fields, CancellationToken ct) => _http.SendAsync(
        new GuardedRequest(HttpMethod.Post, new Uri(options.Value.ApiBaseUrl, path), Timeout)
        {
            Body = string.Join('&', fields.Append(("client_secret", options.Value.ClientSecret!)).Select(f => $"{f.Item1}={Uri.EscapeDataString(f.Item2)}")),
            ContentType = "application/x-www-form-urlencoded",
            Headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["User-Agent"] = DiscordRest.UserAgent },
        },
        ct);

    private static T? Read<T>(GuardedResponse answer, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return answer.Ok ? JsonSerializer.Deserialize(answer.Body, type) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Discord did not take back the token of a sign-in ({Status}); it ends by itself within a week.")]
    private partial void NotGivenBack(int status);
}

internal sealed record TokenAnswer(string AccessToken)
{
    public override string ToString() => nameof(TokenAnswer);
}

/// <param name="Avatar">The picture's digest, not its address.</param>
internal sealed record SignedInUser(string Id, string Username, string? GlobalName, string? Avatar);
