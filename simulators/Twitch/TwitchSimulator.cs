using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Rookery.Simulators.Twitch;

/// <summary>A call of the API.</summary>
/// <param name="Path">After /helix.</param>
/// <param name="Query">With its question mark; "" when there is none.</param>
public sealed record ApiCall(string Method, string Path, string Query, string Body);

/// <summary>
/// Twitch on loopback: logins at <c>/oauth2</c>, the API at <c>/helix</c>, EventSub's socket at <c>/ws</c> and its webhooks, the
/// chat's at <c>/irc</c>.
/// </summary>
public sealed class TwitchSimulator : Simulator
{
    public TwitchSimulator()
    {
        Accounts = new Accounts(Clock);
        Sockets = new Sockets(Clock);
        Webhooks = new WebhookCalls(Clock);
        Events = new EventSubServer(Accounts, Sockets, Webhooks, Clock);
        Irc = new IrcServer(Accounts, Clock);
        Chat = new ChatServer(Accounts, Events, Irc, Ledger, Clock);
        Whispers = new Whispers(Ledger, Clock);
        Irc.IsModerated = Chat.Moderated.ContainsKey;
        Streams = new Streams(Accounts, Events, Clock);
        Sockets.IsUsed = session => Events.Enabled.Any(s => s.SessionId == session);
        Sockets.Ended = Events.Ended;
    }

    public Accounts Accounts { get; }

    public Sockets Sockets { get; }

    public WebhookCalls Webhooks { get; }

    public EventSubServer Events { get; }

    public IrcServer Irc { get; }

    public ChatServer Chat { get; }

    public Whispers Whispers { get; }

    /// <summary>Every call of the API, in its order.</summary>
    public ConcurrentQueue<ApiCall> Calls { get; } = new();

    public Streams Streams { get; }

    /// <summary>Settings of a server that is to take this for Twitch.</summary>
    public IReadOnlyDictionary<string, string?> Settings(string botUserId) => new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["Platforms:Twitch:ClientId"] = Accounts.ClientId,
        ["Platforms:Twitch:ClientSecret"] = Accounts.ClientSecret,
        ["Platforms:Twitch:BotUserId"] = botUserId,
        ["Platforms:Twitch:ApiBaseUrl"] = new Uri(Address, "/helix/").AbsoluteUri,
        ["Platforms:Twitch:AuthBaseUrl"] = new Uri(Address, "/oauth2/").AbsoluteUri,
        ["Platforms:Twitch:EventSubUrl"] = new UriBuilder(Address) { Scheme = "ws", Path = "/ws" }.Uri.AbsoluteUri,
        ["Platforms:Twitch:IrcUrl"] = new UriBuilder(Address) { Scheme = "ws", Path = "/irc" }.Uri.AbsoluteUri,
    };

    public override async ValueTask DisposeAsync()
    {
        Sockets.Cut();
        Irc.Cut();
        await base.DisposeAsync();
        await Webhooks.DisposeAsync();
    }

    protected override void Map(WebApplication app)
    {
        app.Use(RecordAsync);
        Accounts.Map(app);
        Sockets.Map(app);
        Irc.Map(app);
        Control.Map(app, this);
        var helix = app.MapGroup("/helix");
        helix.MapGet("/users", (HttpRequest r) => With(r, t => Users(r.Query, t)));
        helix.MapGet("/moderation/moderators", (HttpRequest r) => With(r, t => Moderators(r.Query, t)));
        helix.MapGet("/videos", (HttpRequest r) => With(r, _ => Streams.Videos(r.Query["user_id"].ToString())));
        helix.MapGet("/streams", (HttpRequest r) => With(r, _ => Streams.List(r.Query)));
        helix.MapGet("/eventsub/subscriptions", (HttpRequest r) => With(r, t => Events.List(t, r)));
        helix.MapDelete("/eventsub/subscriptions", (HttpRequest r, string id) => With(r, t => Events.Delete(t, id)));
        helix.MapPost("/eventsub/subscriptions", (HttpRequest r, JsonObject body) => WithAsync(r, t => Events.CreateAsync(t, body)));
        helix.MapPost("/chat/messages", (HttpRequest r, JsonObject body) => WithAsync(r, t => Chat.SendAsync(t, body)));
        helix.MapPost("/whispers", (HttpRequest r, JsonObject body) => With(r, t => Whispers.Send(t, r.Query, body)));
        helix.MapDelete("/moderation/chat", (HttpRequest r) => WithAsync(r, t => Chat.DeleteAsync(t, r.Query)));
        helix.MapPost("/moderation/bans", (HttpRequest r, JsonObject body) => WithAsync(r, t => Chat.RestrictAsync(t, r.Query, body, isWarning: false)));
        helix.MapPost("/moderation/warnings", (HttpRequest r, JsonObject body) => WithAsync(r, t => Chat.RestrictAsync(t, r.Query, body, isWarning: true)));
    }

    private async Task RecordAsync(HttpContext http, RequestDelegate next)
    {
        if (http.Request.Path.StartsWithSegments("/helix", StringComparison.Ordinal, out var path))
        {
            http.Request.EnableBuffering();
            using var reader = new StreamReader(http.Request.Body, leaveOpen: true);
            var body = await reader.ReadToEndAsync(http.RequestAborted);
            http.Request.Body.Position = 0;
            Calls.Enqueue(new ApiCall(http.Request.Method, path, http.Request.QueryString.Value ?? "", body));
        }

        await next(http);
    }

    private IResult With(HttpRequest request, Func<GivenToken, IResult> answer) =>
        Token(request) is { } token ? answer(token) : Accounts.Error(401, "Invalid OAuth token");

    private async Task<IResult> WithAsync(HttpRequest request, Func<GivenToken, Task<IResult>> answer) =>
        Token(request) is { } token ? await answer(token) : Accounts.Error(401, "Invalid OAuth token");

    private GivenToken? Token(HttpRequest request) =>
        request.Headers["Client-Id"] == Accounts.ClientId
        && request.Headers.Authorization.ToString() is ['B', 'e', 'a', 'r', 'e', 'r', ' ', .. var access]
            ? Accounts.Find(access)
            : null;

    private IResult Moderators(IQueryCollection query, GivenToken token) =>
        token.UserId != query["broadcaster_id"] || !token.Scopes.Contains("moderation:read", StringComparer.Ordinal)
        ? Accounts.Error(401, "Missing scope: moderation:read")
        : Results.Json(new JsonObject
        {
            ["data"] = new JsonArray([.. query["user_id"].Where(u => Accounts.Moderators.ContainsKey((token.UserId!, u!)))
                .Select(u => new JsonObject { ["user_id"] = u, ["user_login"] = Accounts.Of(u!).Login })]),
        });

    private IResult Users(IQueryCollection query, GivenToken token)
    {
        var found = query["login"].Select(l => Accounts.ByLogin(l!)).Concat(query["id"].Select(i => Accounts.Of(i!)))
            .Concat(query.Count == 0 && token.UserId is { } self ? [Accounts.Of(self)] : []).OfType<TwitchUser>();
        return Results.Json(new JsonObject
        {
            ["data"] = new JsonArray([.. found.Select(u => new JsonObject { ["id"] = u.Id, ["login"] = u.Login, ["display_name"] = u.DisplayName, ["profile_image_url"] = $"https://static-cdn.jtvnw.net/{u.Id}.png" })]),
        });
    }
}
