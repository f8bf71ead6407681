using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Rookery.Simulators.Twitch;

/// <summary>Subscriptions, and what is sent for them: over sockets, or as signed calls that are repeated until taken.</summary>
public sealed class EventSubServer(Accounts accounts, Sockets sockets, WebhookCalls calls, TimeProvider clock)
{
    /// <summary>Which scope of the broadcaster a type needs; others need none or one of the bot's.</summary>
    private static readonly Dictionary<string, string> Scopes = new(StringComparer.Ordinal)
    {
        ["channel.subscribe"] = "channel:read:subscriptions",
        ["channel.subscription.gift"] = "channel:read:subscriptions",
        ["channel.subscription.message"] = "channel:read:subscriptions",
        ["channel.cheer"] = "bits:read",
        ["channel.channel_points_custom_reward_redemption.add"] = "channel:read:redemptions",
        ["channel.hype_train.begin"] = "channel:read:hype_train",
        ["channel.hype_train.progress"] = "channel:read:hype_train",
        ["channel.hype_train.end"] = "channel:read:hype_train",
        ["channel.ban"] = "channel:moderate",
        ["channel.unban"] = "channel:moderate",
        ["channel.moderator.add"] = "moderation:read",
        ["channel.moderator.remove"] = "moderation:read",
    };

    /// <summary>Of two that ask for the same at once, one is refused.</summary>
    private readonly Lock _making = new();

    private readonly ConcurrentDictionary<string, SimulatedSubscription> _all = new(StringComparer.Ordinal);

    public IReadOnlyList<SimulatedSubscription> All => [.. _all.Values.OrderBy(s => s.CreatedAt).ThenBy(s => s.Id, StringComparer.Ordinal)];

    public IReadOnlyList<SimulatedSubscription> Enabled => [.. All.Where(s => s.Status == "enabled")];

    /// <summary>Subscriptions on one page of the list.</summary>
    public int PageSize { get; set; } = 100;

    /// <summary>Enabled subscriptions a socket may carry.</summary>
    public int MostOfSocket { get; set; } = 300;

    /// <summary>Sockets with enabled subscriptions that an account may have.</summary>
    public int MostSockets { get; set; } = 3;

    /// <summary>What an account's subscriptions may cost together: one for each person it is about who let nobody in.</summary>
    public int MaxTotalCost { get; set; } = 10;

    /// <summary>So many of the next creations fail with 503, as when Twitch is busy for a moment.</summary>
    public int FailCreations { get; set; }

    /// <summary>Times each notification is sent under the same message id, as Twitch does when it is unsure.</summary>
    public int Copies { get; set; } = 1;

    /// <summary>Times each event is sent under another message id, as for a second subscription.</summary>
    public int Twins { get; set; } = 1;

    public void Add(SimulatedSubscription subscription) => _all[subscription.Id] = subscription;

    /// <summary>Tells everybody who subscribed to it.</summary>
    /// <returns>How many subscriptions there are for it.</returns>
    public async Task<int> EmitAsync(string type, JsonObject e)
    {
        var matching = All.Where(s => s.Matches(type, e)).ToList();
        foreach (var subscription in matching)
        {
            for (var twin = 0; twin < Twins; twin++)
            {
                var id = Guid.NewGuid().ToString();
                for (var copy = 0; copy < Copies; copy++)
                {
                    await SendAsync(subscription, "notification", id, e);
                }
            }
        }

        return matching.Count;
    }

    /// <summary>Takes a subscription away, as when a person withdraws the consent.</summary>
    public async Task RevokeAsync(string type, string status)
    {
        foreach (var subscription in Enabled.Where(s => s.Type == type))
        {
            subscription.Status = status;
            await SendAsync(subscription, "revocation", Guid.NewGuid().ToString(), null);
        }
    }

    internal void Ended(string session, string? became)
    {
        foreach (var subscription in All.Where(s => s.SessionId == session && s.Status == "enabled"))
        {
            subscription.SessionId = became ?? session;
            subscription.Status = became is null ? "websocket_disconnected" : "enabled";
        }
    }

    internal IResult List(GivenToken token, HttpRequest request)
    {
        var type = request.Query["type"].ToString();
        var mine = All.Where(s => s.Owner == token.UserId && (type.Length == 0 || s.Type == type)).ToList();
        var skip = int.TryParse(request.Query["after"].ToString(), System.Globalization.CultureInfo.InvariantCulture, out var after) ? after : 0;
        var next = skip + PageSize;
        var pagination = new JsonObject();
        if (next < mine.Count)
        {
            pagination["cursor"] = next.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        return Results.Json(new JsonObject
        {
            ["total"] = mine.Count,
            ["data"] = new JsonArray([.. mine.Skip(skip).Take(PageSize).Select(s => s.ToJson())]),
            ["max_total_cost"] = MaxTotalCost,
            ["total_cost"] = 0,
            ["pagination"] = pagination,
        });
    }

    internal IResult Delete(GivenToken token, string id) =>
        _all.TryGetValue(id, out var one) && one.Owner == token.UserId && _all.TryRemove(id, out _)
            ? Results.NoContent()
            : Accounts.Error(404, "subscription not found");

    internal async Task<IResult> CreateAsync(GivenToken token, JsonObject body)
    {
        var transport = body["transport"]!;
        var made = new SimulatedSubscription
        {
            Type = body["type"]!.GetValue<string>(),
            Version = body["version"]!.GetValue<string>(),
            Condition = body["condition"]!.AsObject().ToDictionary(c => c.Key, c => c.Value!.GetValue<string>(), StringComparer.Ordinal),
            Method = transport["method"]!.GetValue<string>(),
            Callback = transport["callback"]?.GetValue<string>(),
            Secret = transport["secret"]?.GetValue<string>(),
            SessionId = transport["session_id"]?.GetValue<string>(),
            Owner = token.UserId,
            CreatedAt = clock.GetUtcNow(),
        };
        if (made.Method == "webhook")
        {
            made.Status = "webhook_callback_verification_pending";
        }

        lock (_making)
        {
            if (Refuse(made, token) is { } refusal)
            {
                return refusal;
            }

            _all[made.Id] = made;
        }

        if (made.Method == "webhook")
        {
            await calls.VerifyAsync(made);
        }

        return Results.Json(
            new JsonObject { ["data"] = new JsonArray(made.ToJson()), ["total"] = 1, ["max_total_cost"] = MaxTotalCost, ["total_cost"] = 0 },
            statusCode: 202);
    }

    private IResult? Refuse(SimulatedSubscription made, GivenToken token)
    {
        if (FailCreations > 0)
        {
            FailCreations--;
            return Accounts.Error(503, "service unavailable");
        }

        var broadcaster = made.Condition.GetValueOrDefault("broadcaster_user_id");
        return made switch
        {
            { Type: "channel.raid" } when broadcaster is not null =>
                Accounts.Error(400, "invalid condition: to_broadcaster_user_id"),
            _ when made.Version != VersionOf(made.Type) => Accounts.Error(400, "invalid subscription type and version"),
            { Type: "channel.follow" } when !made.Condition.ContainsKey("moderator_user_id") =>
                Accounts.Error(400, "invalid condition: moderator_user_id"),
            { Method: "websocket" } when token.UserId is null =>
                Accounts.Error(401, "websocket transport requires a user access token"),
            { Method: "websocket" } when !sockets.Sessions.Contains(made.SessionId!, StringComparer.Ordinal) =>
                Accounts.Error(400, "websocket transport session does not exist or has already disconnected"),
            { Method: "websocket" } when _all.Values.Any(s => s.SessionId == made.SessionId && s.Owner != token.UserId) =>
                Accounts.Error(400, "websocket transport cannot have subscriptions created by different users"),
            { Method: "webhook" } when token.UserId is not null =>
                Accounts.Error(401, "webhook transport requires an app access token"),
            { Method: "webhook", Secret: not { Length: >= 10 and <= 100 } } => Accounts.Error(400, "invalid secret"),
            _ when Scopes.TryGetValue(made.Type, out var scope) && !accounts.Granted(broadcaster!, scope) =>
                Accounts.Error(403, "subscription missing proper authorization"),
            _ when _all.Values.Any(s => s.IsSameAs(made)) => Accounts.Error(409, "subscription already exists"),
            { Method: "websocket" } => RefuseMore(made),
            _ => null,
        };
    }

    private IResult? RefuseMore(SimulatedSubscription made)
    {
        var own = Enabled.Where(s => s.Method == "websocket" && s.Owner == made.Owner).ToList();
        var sessions = own.Select(s => s.SessionId).Append(made.SessionId).Distinct(StringComparer.Ordinal).Count();
        made.Cost = made.Condition.Values.Any(accounts.LetIn) ? 0 : 1;
        return sessions > MostSockets
            ? new TooMany("number of websocket transports limit exceeded")
            : own.Count(s => s.SessionId == made.SessionId) >= MostOfSocket
            ? new TooMany("number of subscriptions on this websocket transport exceeded")
            : own.Sum(s => s.Cost) + made.Cost > MaxTotalCost
            ? new TooMany("cost exceeded")
            : null;
    }

    private static string VersionOf(string type) =>
        type is "channel.follow" or "channel.update" || type.StartsWith("channel.hype_train", StringComparison.Ordinal) ? "2" : "1";

    private async Task SendAsync(SimulatedSubscription to, string kind, string messageId, JsonObject? e)
    {
        var payload = new JsonObject { ["subscription"] = to.ToJson() };
        if (e is not null)
        {
            payload["event"] = e.DeepClone();
        }

        if (to.Method == "websocket")
        {
            await sockets.SendAsync(to.SessionId!, sockets.Frame(kind, payload, messageId));
            return;
        }

        calls.Start(to, kind, messageId, payload.ToJsonString());
    }

    /// <summary>There are calls left; it is the subscriptions of which there are too many.</summary>
    private sealed class TooMany(string message) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers["Ratelimit-Limit"] = "800";
            httpContext.Response.Headers["Ratelimit-Remaining"] = "799";
            return Accounts.Error(429, message).ExecuteAsync(httpContext);
        }
    }
}
