using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Rookery.Simulators.Twitch;

/// <summary>Somebody with a Twitch account.</summary>
public sealed record TwitchUser(string Id, string Login, string DisplayName);

/// <summary>A token that was given out.</summary>
/// <param name="UserId">Null: it is the application's own.</param>
public sealed record GivenToken(
    string Access, string? Refresh, string? UserId, IReadOnlyList<string> Scopes, DateTimeOffset ExpiresAt);

/// <summary>Accounts and their tokens: the server at id.twitch.tv/oauth2.</summary>
public sealed class Accounts(TimeProvider clock)
{
    public const string ClientId = "simulated-client";
    public const string ClientSecret = "simulated-secret";

    private readonly ConcurrentDictionary<string, TwitchUser> _users = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, GivenToken> _tokens = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (string UserId, string Redirect, string[] Scopes, string? Challenge)> _codes = new(StringComparer.Ordinal);

    /// <summary>Who logs in when a browser comes to be asked; null: the person says no.</summary>
    public string? LogsIn { get; set; }

    /// <summary>Whom broadcasters let moderate, by channel and user.</summary>
    public ConcurrentDictionary<(string Channel, string User), bool> Moderators { get; } = new();

    /// <summary>Whoever looks is asked who they are, unless somebody <see cref="LogsIn"/>.</summary>
    public bool AsksWho { get; set; }

    /// <summary>Access tokens of people that work.</summary>
    public int OpenTokens => _tokens.Values.Count(t => t.UserId is not null && t.ExpiresAt > clock.GetUtcNow());

    /// <summary>Tokens are neither given nor renewed: the answer is 503.</summary>
    public bool Away { get; set; }

    /// <summary>Seconds a new token lasts.</summary>
    public int TokenLife { get; set; } = 14_400;

    /// <summary>Every token that was ever asked for, by kind: client_credentials, refresh_token, authorization_code.</summary>
    public ConcurrentQueue<string> Grants { get; } = new();

    /// <summary>Who was asked for validation, by access token.</summary>
    public ConcurrentQueue<string> Validations { get; } = new();

    public TwitchUser Add(string id, string login)
    {
        var user = new TwitchUser(id, login, login);
        _users[id] = user;
        return user;
    }

    public TwitchUser Of(string id) => _users.GetOrAdd(id, i => new TwitchUser(i, $"user{i}", $"user{i}"));

    public TwitchUser? ByLogin(string login) => _users.Values.FirstOrDefault(u => u.Login == login);

    public GivenToken? Find(string? access) =>
        access is not null && _tokens.TryGetValue(access, out var token) && token.ExpiresAt > clock.GetUtcNow() ? token : null;

    /// <summary>Gives a token without a login.</summary>
    public GivenToken Give(string? userId, params IReadOnlyList<string> scopes)
    {
        var token = new GivenToken(
            Guid.NewGuid().ToString("N"),
            userId is null ? null : Guid.NewGuid().ToString("N"),
            userId,
            scopes,
            clock.GetUtcNow().AddSeconds(TokenLife));
        _tokens[token.Access] = token;
        return token;
    }

    /// <summary>Ends access tokens; with <paramref name="refresh"/> the refresh tokens too.</summary>
    public void Expire(bool refresh = false)
    {
        foreach (var (access, token) in _tokens)
        {
            _tokens[access] = token with { ExpiresAt = DateTimeOffset.MinValue, Refresh = refresh ? null : token.Refresh };
        }
    }

    /// <summary>Whether somebody allowed the application something.</summary>
    public bool Granted(string userId, string scope) =>
        _tokens.Values.Any(t => t.UserId == userId && t.Scopes.Contains(scope, StringComparer.Ordinal));

    /// <summary>Whether somebody ever let the application in.</summary>
    public bool LetIn(string userId) => _tokens.Values.Any(t => t.UserId == userId);

    internal void Map(WebApplication app)
    {
        app.MapGet("/oauth2/authorize", Authorize);
        app.MapPost("/oauth2/token", async (HttpRequest request) =>
            Away ? Error(503, "service unavailable") : Token(await request.ReadFormAsync()));
        app.MapPost("/oauth2/revoke", async (HttpRequest request) => Revoke(await request.ReadFormAsync()));
        app.MapGet("/oauth2/validate", (HttpRequest request) => Validate(request.Headers.Authorization.ToString()));
    }

    private IResult Authorize(
        HttpRequest request, string client_id, string redirect_uri, string response_type, string scope, string state, string? code_challenge)
    {
        if (client_id != ClientId || response_type != "code")
        {
            return Error(400, "invalid client");
        }

        var chosen = request.Query["as"].FirstOrDefault();
        if (chosen is null && LogsIn is null && AsksWho)
        {
            return PeoplePage.Ask(request, "Twitch", _users.Values.OrderBy(u => u.Id, StringComparer.Ordinal).Select(u => (u.Id, u.DisplayName)));
        }

        if ((chosen ?? LogsIn) is not { Length: > 0 } user)
        {
            return Results.Redirect($"{redirect_uri}?error=access_denied&error_description=denied&state={Uri.EscapeDataString(state)}");
        }

        var code = Guid.NewGuid().ToString("N");
        _codes[code] = (user, redirect_uri, scope.Split(' '), code_challenge);
        return Results.Redirect(
            $"{redirect_uri}?code={code}&scope={Uri.EscapeDataString(scope)}&state={Uri.EscapeDataString(state)}");
    }

    private IResult Token(IFormCollection form)
    {
        if (form["client_id"] != ClientId || form["client_secret"] != ClientSecret)
        {
            return Error(403, "invalid client secret");
        }

        var kind = form["grant_type"].ToString();
        Grants.Enqueue(kind);
        switch (kind)
        {
            case "client_credentials":
                return Answer(Give(null));
            case "authorization_code" when _codes.TryRemove(form["code"].ToString(), out var code) && code.Redirect == form["redirect_uri"]
                && ProofKey.Fits(code.Challenge, form["code_verifier"]):
                return Answer(Give(code.UserId, code.Scopes));
            case "refresh_token" when _tokens.Values.FirstOrDefault(t => t.Refresh is { } r && r == form["refresh_token"]) is { } old:
                // Rotated: the old refresh token is of no use from now on, the old access token lives out its time.
                _tokens[old.Access] = old with { Refresh = null };
                return Answer(Give(old.UserId, old.Scopes));
            default:
                return Error(400, kind == "refresh_token" ? "Invalid refresh token" : "Invalid authorization code");
        }
    }

    private IResult Revoke(IFormCollection form) =>
        form["client_id"] == ClientId && _tokens.TryRemove(form["token"].ToString(), out _) ? Results.Ok() : Error(400, "Invalid token");

    private IResult Validate(string authorization)
    {
        var access = authorization.StartsWith("OAuth ", StringComparison.Ordinal) ? authorization[6..] : "";
        Validations.Enqueue(access);
        return Find(access) is { } token
            ? Results.Json(new JsonObject
            {
                ["client_id"] = ClientId,
                ["login"] = token.UserId is { } id ? Of(id).Login : null,
                ["user_id"] = token.UserId,
                ["scopes"] = List(token.Scopes),
                ["expires_in"] = (int)(token.ExpiresAt - clock.GetUtcNow()).TotalSeconds,
            })
            : Error(401, "invalid access token");
    }

    private IResult Answer(GivenToken token)
    {
        var answer = new JsonObject
        {
            ["access_token"] = token.Access,
            ["expires_in"] = (int)(token.ExpiresAt - clock.GetUtcNow()).TotalSeconds,
            ["token_type"] = "bearer",
        };
        if (token.UserId is not null)
        {
            answer["refresh_token"] = token.Refresh;
            answer["scope"] = List(token.Scopes);
        }

        return Results.Json(answer);
    }

    private static JsonArray List(IEnumerable<string> texts) => [.. texts.Select(t => JsonValue.Create(t))];

    internal static IResult Error(int status, string message) => Results.Json(
        new JsonObject { ["error"] = "Error", ["status"] = status, ["message"] = message }, statusCode: status);
}
