using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Rookery.Simulators.Discord;

/// <summary>Signing in with Discord: codes for proof keys, tokens for codes, who somebody is for tokens.</summary>
public sealed class SignInSide
{
    private readonly DiscordSimulator _discord;
    private readonly ConcurrentDictionary<string, (string User, string Redirect, string Challenge)> _codes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _tokens = new(StringComparer.Ordinal);

    internal SignInSide(DiscordSimulator discord) => _discord = discord;

    public string ClientSecret { get; } = "discord-client-secret";

    /// <summary>Who signs in when a browser comes; "": the person says no; null: whoever looks is asked.</summary>
    public string? LogsIn { get; set; }

    /// <summary>Tokens that nobody gave back.</summary>
    public int OpenTokens => _tokens.Count;

    /// <summary>Every token and code there was.</summary>
    public ConcurrentQueue<string> Secrets { get; } = new();

    internal static JsonObject User(string id) => new()
    {
        ["id"] = id,
        ["username"] = $"user{id}",
        ["global_name"] = id switch
        {
            DiscordSimulator.OwnerId => "Olga",
            DiscordSimulator.ModeratorId => "Mo",
            DiscordSimulator.MemberId => "Ada",
            _ => null,
        },
        ["avatar"] = null,
        ["bot"] = id == DiscordSimulator.BotId,
    };

    internal void Map(WebApplication app)
    {
        app.MapGet("/oauth2/authorize", Authorize);
        app.MapPost("/api/v10/oauth2/token", async (HttpRequest request) => Token(await request.ReadFormAsync()));
        app.MapPost("/api/v10/oauth2/token/revoke", async (HttpRequest request) => Revoke(await request.ReadFormAsync()));
        app.MapGet("/api/v10/users/@me", (HttpRequest request) =>
            (Of(request) ?? OfBot(request)) is { } user ? Results.Json(User(user)) : Unauthorized());
        app.MapGet("/api/v10/users/@me/guilds", (HttpRequest request) => Of(request) is { } user
            ? Results.Json(new JsonArray([.. _discord.Guilds.Of(user)]))
            : Unauthorized());
        app.MapPost("/_control/login", (string? user) => LogsIn = user);
    }

    private IResult Authorize(HttpRequest request)
    {
        var query = request.Query;
        if (query["scope"] == "bot applications.commands" && query["client_id"] == DiscordSimulator.BotId)
        {
            return LetIn(query["guild_id"].FirstOrDefault() ?? _discord.NextId(), ulong.Parse(query["permissions"].ToString(), null));
        }

        if (query["client_id"] != DiscordSimulator.BotId || query["response_type"] != "code" || query["scope"] != "identify guilds"
            || query["code_challenge_method"] != "S256" || query["code_challenge"] is not [{ Length: 43 } challenge])
        {
            return Results.BadRequest("invalid request");
        }

        var user = query["as"].FirstOrDefault() ?? LogsIn;
        var (redirect, state) = (query["redirect_uri"].ToString(), Uri.EscapeDataString(query["state"].ToString()));
        switch (user)
        {
            case null:
                return PeoplePage.Ask(request, "Discord", [
                    (DiscordSimulator.OwnerId, "Olga, who owns the server"), (DiscordSimulator.ModeratorId, "Mo, who moderates it"),
                    (DiscordSimulator.MemberId, "Ada, a member"), ("43", "Sam, a stranger")]);
            case "":
                return Results.Redirect($"{redirect}?error=access_denied&error_description=denied&state={state}");
            default:
                var code = Guid.NewGuid().ToString("N");
                Secrets.Enqueue(code);
                _codes[code] = (user, redirect, challenge);
                return Results.Redirect($"{redirect}?code={code}&state={state}");
        }
    }

    /// <summary>The owner lets the bot into a server, or gives it other permissions there.</summary>
    private IResult LetIn(string guild, ulong permissions)
    {
        if (_discord.Guilds.Find(guild) is null)
        {
            _discord.Guilds.Add(guild, $"Server {guild}", DiscordSimulator.OwnerId);
        }

        _discord.Guilds.SetPermissions(guild, GuildSide.Bot, permissions);
        return Results.Text($"The bot is in the server {guild}.");
    }

    private IResult Token(IFormCollection form)
    {
        if (form["client_id"] != DiscordSimulator.BotId || form["client_secret"] != ClientSecret)
        {
            return Results.Json(new JsonObject { ["error"] = "invalid_client" }, statusCode: 401);
        }

        if (form["grant_type"] != "authorization_code" || !_codes.TryRemove(form["code"].ToString(), out var code)
            || code.Redirect != form["redirect_uri"] || !ProofKey.Fits(code.Challenge, form["code_verifier"]))
        {
            return Results.Json(new JsonObject { ["error"] = "invalid_grant" }, statusCode: 400);
        }

        var (access, refresh) = (Guid.NewGuid().ToString("N"), Guid.NewGuid().ToString("N"));
        Secrets.Enqueue(access);
        Secrets.Enqueue(refresh);
        _tokens[access] = code.User;
        return Results.Json(new JsonObject
        {
            ["access_token"] = access,
            ["token_type"] = "Bearer",
            ["expires_in"] = 604_800,
            ["refresh_token"] = refresh,
            ["scope"] = "identify guilds",
        });
    }

    private IResult Revoke(IFormCollection form) =>
        form["client_secret"] == ClientSecret && _tokens.TryRemove(form["token"].ToString(), out _) ? Results.Json(new JsonObject()) : Unauthorized();

    private string? Of(HttpRequest request) =>
        request.Headers.Authorization.ToString() is ['B', 'e', 'a', 'r', 'e', 'r', ' ', .. var token] ? _tokens.GetValueOrDefault(token) : null;

    private string? OfBot(HttpRequest request) =>
        request.Headers.Authorization == $"Bot {_discord.Token}" ? DiscordSimulator.BotId : null;

    private static IResult Unauthorized() => Results.Json(new JsonObject { ["code"] = 0, ["message"] = "401: Unauthorized" }, statusCode: 401);
}
