using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Rookery.Simulators.Discord;

/// <summary>The HTTP interface: messages with nonces, limits by bucket, errors on demand.</summary>
public sealed class RestSide
{
    private readonly DiscordSimulator _discord;
    private readonly RestLimits _limits;
    private readonly RestFailures _failures = new();
    private readonly ConcurrentDictionary<string, string> _nonces = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _direct = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _deleted = new(StringComparer.Ordinal);
    private int _invalid;

    internal RestSide(DiscordSimulator discord) => (_discord, _limits) = (discord, new RestLimits(discord.Time));

    /// <summary>Messages a channel takes in <see cref="Per"/>.</summary>
    public int Limit
    {
        get => _limits.Limit;
        set => _limits.Limit = value;
    }

    public TimeSpan Per
    {
        get => _limits.Per;
        set => _limits.Per = value;
    }

    /// <summary>Calls a second over all channels; <see cref="int.MaxValue"/>: as many as come. Answers to interactions do not count.</summary>
    public int GlobalLimit
    {
        get => _limits.Global;
        set => _limits.Global = value;
    }

    /// <summary>
    /// The share, from 0 to 1, of the calls that fail at random: one half of them undone, with 500, 503 or 429, the other
    /// half after the work is done, with 500 or 503. Answers to interactions are spared.
    /// </summary>
    public double FailRate
    {
        get => _failures.Rate;
        set => _failures.Rate = value;
    }

    /// <summary>Calls that came although the bot had been told that none may.</summary>
    public int Overruns => _limits.Overruns;

    /// <summary>Calls that were one too many for <see cref="GlobalLimit"/>.</summary>
    public int GlobalOverruns => _limits.GlobalOverruns;

    /// <summary>Answers that Discord counts as invalid requests: 401, 403, and 429 unless the limit is shared.</summary>
    public int Invalid => _invalid;

    /// <summary>People who take no direct messages. Those of the others stand in the ledger under the person's id.</summary>
    public ConcurrentDictionary<string, bool> TakesNone { get; } = new(StringComparer.Ordinal);

    /// <summary>All calls with a body.</summary>
    public ConcurrentQueue<SeenCall> Calls { get; } = new();

    /// <summary>All calls without a body, as method and path.</summary>
    public ConcurrentQueue<string> BareCalls { get; } = new();

    /// <summary>What the bot gave as reasons, for the server's log.</summary>
    public ConcurrentQueue<string> Reasons { get; } = new();

    /// <param name="acts">The calls do their work all the same; only their answers are lost.</param>
    /// <param name="text">Only of calls whose body has it.</param>
    public void FailNext(int calls, int status, bool acts = false, string text = "") => _failures.Next(calls, status, acts, text);

    internal void Map(WebApplication app)
    {
        var api = app.MapGroup("/api/v10").AddEndpointFilter(async (context, next) =>
        {
            var http = context.HttpContext;
            http.Response.OnStarting(() =>
            {
                Interlocked.Add(ref _invalid, IsInvalid(http.Response) ? 1 : 0);
                return Task.CompletedTask;
            });
            var body = await RememberAsync(http);
            if (http.Request.Headers["X-Audit-Log-Reason"] is [{ } reason])
            {
                Reasons.Enqueue(Uri.UnescapeDataString(reason));
            }

            if (Refuse(http, body) is { } refusal)
            {
                return refusal;
            }

            var failure = Fail(acts: true, body) ?? _failures.AtRandom(acts: true, http);
            var answer = await next(context);
            return failure ?? answer;
        });
        api.MapGet("/applications/@me", () => Results.Json(new JsonObject { ["id"] = DiscordSimulator.BotId, ["name"] = "rookery" }));
        api.MapPut("/applications/{application}/commands", (string application, HttpContext http) => _discord.Interactions.OverwriteAsync(application, http));
        api.MapGet("/guilds/{guild}", (string guild) => _discord.Guilds.Find(guild) is { } found ? Results.Json(found) : NotFound(10004, "Unknown Guild"));
        api.MapGet("/guilds/{guild}/members/{user}", (string guild, string user) =>
            _discord.Guilds.FindMember(guild, user) is { } member ? Results.Json(member) : NotFound(10007, "Unknown Member"));
        api.MapGet("/gateway/bot", AskGateway);
        api.MapPost("/users/@me/channels", (Delegate)OpenDirectAsync);
        api.MapPost("/channels/{channel}/messages", SayAsync);
        api.MapMethods("/channels/{channel}/messages/{message}", ["PATCH"], EditAsync);
        api.MapGet("/guilds/{guild}/channels", (string guild) =>
            _discord.Guilds.Find(guild) is null ? NotFound(10004, "Unknown Guild") : Results.Json(_discord.Guilds.Channels(guild)));
        api.MapDelete("/channels/{channel}/messages/{message}", (string channel, string message) =>
        {
            if (!_deleted.TryAdd(message, true))
            {
                return Results.Json(new JsonObject { ["code"] = 10008, ["message"] = "Unknown Message" }, statusCode: 404);
            }

            _discord.Ledger.Add(_discord.Time.GetUtcNow(), "deleted", channel, message, "");
            return Results.NoContent();
        });
        api.MapMethods("/guilds/{guild}/members/{user}", ["PATCH"], (string user) => Restricted("timeout", user));
        api.MapDelete("/guilds/{guild}/members/{user}", (string user) => Restricted("kick", user));
        api.MapPut("/guilds/{guild}/bans/{user}", (string user) => Restricted("ban", user));
        _discord.Roles.Map(api);
    }

    private async Task<IResult> SayAsync(string channel, HttpContext http)
    {
        var body = (await JsonNode.ParseAsync(http.Request.Body))!.AsObject();
        var text = body["content"]?.GetValue<string>() ?? "";
        if (text.Length > 2000 || (text.Length == 0 && body["embeds"] is null)
            || body["message_reference"]?["message_id"]?.GetValue<string>().All(char.IsAsciiDigit) == false)
        {
            return Results.Json(new JsonObject { ["code"] = 50035, ["message"] = "Invalid Form Body" }, statusCode: 400);
        }

        if (_discord.Guilds.ClosedBecause(channel) is { } closed)
        {
            return Results.Json(new JsonObject { ["code"] = closed.Code, ["message"] = closed.Message }, statusCode: closed.Status);
        }

        var person = _direct.GetValueOrDefault(channel);
        if (person is not null && TakesNone.ContainsKey(person))
        {
            return Results.Json(new JsonObject { ["code"] = 50007, ["message"] = "Cannot send messages to this user" }, statusCode: 403);
        }

        var nonce = body["enforce_nonce"]?.GetValue<bool>() == true ? body["nonce"]?.ToString() : null;
        var id = _discord.NextId();
        var kept = nonce is null ? id : _nonces.GetOrAdd($"{channel}:{nonce}", id);
        if (kept == id)
        {
            _discord.Ledger.Add(_discord.Time.GetUtcNow(), "said", person ?? channel, id, text, person is not null, MessageBody.Shown(body));
        }

        return Results.Json(new JsonObject { ["id"] = kept, ["channel_id"] = channel, ["content"] = text });
    }

    private IResult AskGateway()
    {
        _discord.Gateway.Asked++;
        return Results.Json(new JsonObject
        {
            ["url"] = $"ws://{_discord.Address.Authority}/gateway",
            ["shards"] = 1,
            ["session_start_limit"] = new JsonObject
            {
                ["total"] = 1000,
                ["remaining"] = _discord.Gateway.SessionsLeft,
                ["reset_after"] = 14_400_000,
                ["max_concurrency"] = 1,
            },
        });
    }

    private async Task<IResult> OpenDirectAsync(HttpContext http)
    {
        var person = (await JsonNode.ParseAsync(http.Request.Body))!["recipient_id"]!.GetValue<string>();
        var channel = $"9{person}";
        _direct[channel] = person;
        return Results.Json(new JsonObject { ["id"] = channel, ["type"] = 1 });
    }

    private static IResult NotFound(int code, string message) =>
        Results.Json(new JsonObject { ["code"] = code, ["message"] = message }, statusCode: 404);

    private async Task<IResult> EditAsync(string channel, string message, HttpContext http)
    {
        var body = (await JsonNode.ParseAsync(http.Request.Body))!.AsObject();
        if (_deleted.ContainsKey(message) || _discord.Ledger.All.All(e => e.MessageId != message || e.Channel != channel))
        {
            return Results.Json(new JsonObject { ["code"] = 10008, ["message"] = "Unknown Message" }, statusCode: 404);
        }

        _discord.Ledger.Add(_discord.Time.GetUtcNow(), "edited", channel, message, body["content"]?.GetValue<string>() ?? "", shown: MessageBody.Shown(body));
        return Results.Json(new JsonObject { ["id"] = message, ["channel_id"] = channel });
    }

    private IResult Restricted(string how, string user)
    {
        _discord.Ledger.Add(_discord.Time.GetUtcNow(), "restricted", DiscordSimulator.GuildId, null, $"{how} {user}");
        return Results.NoContent();
    }

    private IResult? Refuse(HttpContext http, string body)
    {
        if (http.Request.Headers.Authorization != $"Bot {_discord.Token}")
        {
            return Results.Json(new JsonObject { ["code"] = 0, ["message"] = "401: Unauthorized" }, statusCode: 401);
        }

        return _limits.CountAll(http)
            ?? Fail(acts: false, body)
            ?? _failures.AtRandom(acts: false, http)
            ?? (http.Request.RouteValues["channel"] is string channel ? _limits.Count(http, channel) : null);
    }

    private static bool IsInvalid(HttpResponse response) =>
        response.StatusCode is 401 or 403 || (response.StatusCode == 429 && response.Headers["X-RateLimit-Scope"] != "shared");

    internal IResult? Fail(bool acts, string body) => _failures.OnDemand(acts, body);

    /// <summary>Keeps what was asked.</summary>
    internal async Task<string> RememberAsync(HttpContext http)
    {
        http.Request.EnableBuffering();
        using var reader = new StreamReader(http.Request.Body, leaveOpen: true);
        var body = await reader.ReadToEndAsync(http.RequestAborted);
        http.Request.Body.Position = 0;
        if (body.Length > 0)
        {
            Calls.Enqueue(new SeenCall(http.Request.Method, http.Request.Path.Value!, body));
        }
        else
        {
            BareCalls.Enqueue($"{http.Request.Method} {http.Request.Path.Value}");
        }

        return body;
    }
}

/// <param name="Path">As it was called.</param>
public sealed record SeenCall(string Method, string Path, string Body);
