using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Rookery.Simulators.Discord;

/// <summary>The HTTP interface: messages with nonces, limits by bucket, errors on demand.</summary>
public sealed class RestSide
{
    private readonly DiscordSimulator _discord;
    private readonly ConcurrentDictionary<string, Window> _windows = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _nonces = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _deleted = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private int _failing;
    private int _failStatus;
    private bool _failActs;
    private int _overruns;
    private int _invalid;

    internal RestSide(DiscordSimulator discord) => _discord = discord;

    /// <summary>Messages a channel takes in <see cref="Per"/>.</summary>
    public int Limit { get; set; } = 5;

    public TimeSpan Per { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Calls that came although the bot had been told that none may.</summary>
    public int Overruns => _overruns;

    /// <summary>Answers that Discord counts as invalid requests: 401, 403 and 429.</summary>
    public int Invalid => _invalid;

    /// <summary>All calls with a body.</summary>
    public ConcurrentQueue<SeenCall> Calls { get; } = new();

    /// <param name="acts">The calls do their work all the same; only their answers are lost.</param>
    public void FailNext(int calls, int status, bool acts = false)
    {
        lock (_gate)
        {
            (_failing, _failStatus, _failActs) = (calls, status, acts);
        }
    }

    internal void Map(WebApplication app)
    {
        var api = app.MapGroup("/api/v10").AddEndpointFilter(async (context, next) =>
        {
            var http = context.HttpContext;
            http.Response.OnStarting(() =>
            {
                Interlocked.Add(ref _invalid, http.Response.StatusCode is 401 or 403 or 429 ? 1 : 0);
                return Task.CompletedTask;
            });
            await RememberAsync(http);
            if (Refuse(http) is { } refusal)
            {
                return refusal;
            }

            var failure = Fail(acts: true);
            var answer = await next(context);
            return failure ?? answer;
        });
        api.MapGet("/applications/@me", () => Results.Json(new JsonObject { ["id"] = DiscordSimulator.BotId, ["name"] = "rookery" }));
        api.MapPut("/applications/{application}/commands", (string application, HttpContext http) => _discord.Interactions.OverwriteAsync(application, http));
        api.MapGet("/gateway/bot", () => Results.Json(new JsonObject
        {
            ["url"] = $"ws://{_discord.Address.Authority}/gateway",
            ["shards"] = 1,
            ["session_start_limit"] = new JsonObject
            {
                ["total"] = 1000,
                ["remaining"] = 999,
                ["reset_after"] = 14_400_000,
                ["max_concurrency"] = 1,
            },
        }));
        api.MapPost("/channels/{channel}/messages", SayAsync);
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

        var nonce = body["enforce_nonce"]?.GetValue<bool>() == true ? body["nonce"]?.ToString() : null;
        var id = _discord.NextId();
        var kept = nonce is null ? id : _nonces.GetOrAdd($"{channel}:{nonce}", id);
        if (kept == id)
        {
            _discord.Ledger.Add(_discord.Time.GetUtcNow(), "said", channel, id, text);
        }

        return Results.Json(new JsonObject { ["id"] = kept, ["channel_id"] = channel, ["content"] = text });
    }

    private IResult Restricted(string how, string user)
    {
        _discord.Ledger.Add(_discord.Time.GetUtcNow(), "restricted", DiscordSimulator.GuildId, null, $"{how} {user}");
        return Results.NoContent();
    }

    private IResult? Refuse(HttpContext http)
    {
        if (http.Request.Headers.Authorization != $"Bot {_discord.Token}")
        {
            return Results.Json(new JsonObject { ["code"] = 0, ["message"] = "401: Unauthorized" }, statusCode: 401);
        }

        return Fail(acts: false) ?? (http.Request.RouteValues["channel"] is string channel ? Count(http, channel) : null);
    }

    internal IResult? Fail(bool acts)
    {
        lock (_gate)
        {
            if (_failing == 0 || _failActs != acts)
            {
                return null;
            }

            _failing--;
            return Results.Json(new JsonObject { ["code"] = 0, ["message"] = "on demand" }, statusCode: _failStatus);
        }
    }

    /// <summary>Keeps what was asked with a body.</summary>
    internal async Task RememberAsync(HttpContext http)
    {
        http.Request.EnableBuffering();
        using var reader = new StreamReader(http.Request.Body, leaveOpen: true);
        var body = await reader.ReadToEndAsync(http.RequestAborted);
        http.Request.Body.Position = 0;
        if (body.Length > 0)
        {
            Calls.Enqueue(new SeenCall(http.Request.Method, http.Request.Path.Value!, body));
        }
    }

    /// <summary>Counts the call against the channel's bucket and says so in the headers, as Discord does.</summary>
    private IResult? Count(HttpContext http, string channel)
    {
        var window = _windows.GetOrAdd(channel, _ => new Window());
        var now = _discord.Time.GetUtcNow();
        bool over;
        TimeSpan reset;
        int left;
        lock (window)
        {
            if (now >= window.Ends)
            {
                (window.Ends, window.Used) = (now + Per, 0);
            }

            over = window.Used >= Limit;
            window.Used += over ? 0 : 1;
            (reset, left) = (window.Ends - now, Limit - window.Used);
        }

        var seconds = reset.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture);
        http.Response.Headers["X-RateLimit-Bucket"] = "messages";
        http.Response.Headers["X-RateLimit-Limit"] = Limit.ToString(CultureInfo.InvariantCulture);
        http.Response.Headers["X-RateLimit-Remaining"] = left.ToString(CultureInfo.InvariantCulture);
        http.Response.Headers["X-RateLimit-Reset-After"] = seconds;
        if (!over)
        {
            return null;
        }

        Interlocked.Increment(ref _overruns);
        http.Response.Headers["X-RateLimit-Scope"] = "user";
        http.Response.Headers.RetryAfter = seconds;
        return Results.Json(
            new JsonObject { ["message"] = "You are being rate limited.", ["retry_after"] = reset.TotalSeconds, ["global"] = false },
            statusCode: 429);
    }

    private sealed class Window
    {
        public DateTimeOffset Ends { get; set; }

        public int Used { get; set; }
    }
}

/// <param name="Path">As it was called.</param>
public sealed record SeenCall(string Method, string Path, string Body);
