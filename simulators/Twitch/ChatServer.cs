using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Rookery.Simulators.Twitch;

/// <summary>The chats: what people and the bot say there, what moderators take away, and the limits on all of it.</summary>
public sealed class ChatServer(Accounts accounts, EventSubServer events, IrcServer irc, Ledger ledger, TimeProvider clock)
{
    private const int MaxLength = 500;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, string> _messages = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Channel> _channels = new(StringComparer.Ordinal);
    private int _failures;
    private int _failWith;
    private bool _butSaid;

    /// <summary>Where the bot is a moderator.</summary>
    public ConcurrentDictionary<string, bool> Moderated { get; } = new(StringComparer.Ordinal);

    /// <summary>The next calls are answered with an error.</summary>
    /// <param name="butSaid">The message is said all the same; only the answer is lost.</param>
    public void Fail(int status, int times, bool butSaid = false) => (_failWith, _failures, _butSaid) = (status, times, butSaid);

    /// <summary>A person says something.</summary>
    /// <param name="badges">Sets of badges, for example moderator.</param>
    /// <returns>The message's id.</returns>
    public async Task<string> SayAsync(string channel, string user, string text, string? id = null, params IReadOnlyList<string> badges)
    {
        id ??= Guid.NewGuid().ToString();
        _messages[id] = channel;
        await ShowAsync(channel, user, text, id, badges);
        return id;
    }

    internal async Task<IResult> SendAsync(GivenToken token, JsonObject body)
    {
        var (channel, text) = (body["broadcaster_id"]!.GetValue<string>(), body["message"]!.GetValue<string>());
        var parent = body["reply_parent_message_id"]?.GetValue<string>();
        if (_failures > 0)
        {
            _failures--;
            if (_butSaid)
            {
                await SayAsBotAsync(channel, token.UserId!, text);
            }

            return Fail();
        }

        if (token.UserId != body["sender_id"]!.GetValue<string>() || !token.Scopes.Contains("user:write:chat", StringComparer.Ordinal))
        {
            return Accounts.Error(401, "the sender must be the token's user, with user:write:chat");
        }

        if (text.Length is 0 or > MaxLength)
        {
            return Accounts.Error(text.Length == 0 ? 400 : 422, "The message must have 1 to 500 characters");
        }

        if (parent is not null && !(_messages.TryGetValue(parent, out var of) && of == channel))
        {
            return Accounts.Error(400, "The ID in reply_parent_message_id is not valid");
        }

        return Of(channel).Refuse(text, Moderated.ContainsKey(channel), clock.GetUtcNow()) is { } dropped
            ? Sent("", dropped)
            : Sent(await SayAsBotAsync(channel, token.UserId!, text), null);
    }

    internal async Task<IResult> DeleteAsync(GivenToken token, IQueryCollection query)
    {
        var (channel, id) = (query["broadcaster_id"].ToString(), query["message_id"].ToString());
        if (Forbid(token, query, "moderator:manage:chat_messages") is { } refusal)
        {
            return refusal;
        }

        if (!_messages.TryRemove(id, out _))
        {
            return Accounts.Error(404, "The message was not found");
        }

        ledger.Add(clock.GetUtcNow(), "deleted", channel, id, "");
        await irc.TellAsync(channel, $"login=;room-id=;target-msg-id={id};tmi-sent-ts={Now()}", "tmi.twitch.tv", "CLEARMSG", "");
        return Results.NoContent();
    }

    internal async Task<IResult> RestrictAsync(GivenToken token, IQueryCollection query, JsonObject body, bool isWarning)
    {
        if (Forbid(token, query, isWarning ? "moderator:manage:warnings" : "moderator:manage:banned_users") is { } refusal)
        {
            return refusal;
        }

        var (channel, data) = (query["broadcaster_id"].ToString(), body["data"]!);
        var (user, duration) = (data["user_id"]!.GetValue<string>(), data["duration"]?.GetValue<int>());
        var what = isWarning ? "warning" : duration is { } seconds ? $"timeout {seconds.ToString(CultureInfo.InvariantCulture)}" : "ban";
        if (duration is < 1 or > 1_209_600)
        {
            return Accounts.Error(400, "The value in the duration field is not valid");
        }

        if (!isWarning && duration is null && !Of(channel).Banned.TryAdd(user, true))
        {
            return Accounts.Error(400, "The user specified in the user_id field is already banned");
        }

        ledger.Add(clock.GetUtcNow(), "restricted", channel, null, $"{user} {what}");
        if (!isWarning)
        {
            var lasting = duration is { } length ? $"ban-duration={length.ToString(CultureInfo.InvariantCulture)};" : "";
            await irc.TellAsync(
                channel, $"{lasting}room-id={channel};target-user-id={user};tmi-sent-ts={Now()}", "tmi.twitch.tv", "CLEARCHAT", accounts.Of(user).Login);
        }

        return Results.Json(new JsonObject { ["data"] = new JsonArray() });
    }

    private async Task<string> SayAsBotAsync(string channel, string bot, string text)
    {
        var id = Guid.NewGuid().ToString();
        _messages[id] = channel;
        ledger.Add(clock.GetUtcNow(), "said", channel, id, text);
        await ShowAsync(channel, bot, text, id, Moderated.ContainsKey(channel) ? ["moderator"] : []);
        return id;
    }

    /// <summary>Everybody sees it, whichever way they look.</summary>
    private async Task ShowAsync(string channel, string user, string text, string id, IReadOnlyList<string> badges)
    {
        var chatter = accounts.Of(user);
        await events.EmitAsync("channel.chat.message", Message(channel, user, text, id, badges));
        await irc.TellAsync(
            channel,
            $"badges={string.Join(',', badges.Select(b => $"{b}/1"))};display-name={chatter.DisplayName};id={id};room-id={channel};"
            + $"tmi-sent-ts={Now()};user-id={user}",
            $"{chatter.Login}!{chatter.Login}@{chatter.Login}.tmi.twitch.tv",
            "PRIVMSG",
            text);
    }

    private string Now() => clock.GetUtcNow().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);

    private IResult? Forbid(GivenToken token, IQueryCollection query, string scope) =>
        token.UserId != query["moderator_id"] || !token.Scopes.Contains(scope, StringComparer.Ordinal)
            ? Accounts.Error(401, $"The moderator must be the token's user, with {scope}")
            : Moderated.ContainsKey(query["broadcaster_id"].ToString())
            ? null
            : Accounts.Error(403, "The user in moderator_id is not one of the broadcaster's moderators");

    private IResult Fail() => _failWith == 429
        ? new WithReset(clock.GetUtcNow().AddSeconds(1))
        : Accounts.Error(_failWith, "simulated");

    private static IResult Sent(string id, (string Code, string Message)? dropped)
    {
        var sent = new JsonObject { ["message_id"] = id, ["is_sent"] = dropped is null };
        if (dropped is { } why)
        {
            sent["drop_reason"] = new JsonObject { ["code"] = why.Code, ["message"] = why.Message };
        }

        return Results.Json(new JsonObject { ["data"] = new JsonArray(sent) });
    }

    private JsonObject Message(string channel, string user, string text, string id, IEnumerable<string> badges)
    {
        var (broadcaster, chatter) = (accounts.Of(channel), accounts.Of(user));
        return new JsonObject
        {
            ["broadcaster_user_id"] = channel,
            ["broadcaster_user_login"] = broadcaster.Login,
            ["broadcaster_user_name"] = broadcaster.DisplayName,
            ["chatter_user_id"] = user,
            ["chatter_user_login"] = chatter.Login,
            ["chatter_user_name"] = chatter.DisplayName,
            ["message_id"] = id,
            ["message"] = new JsonObject
            {
                ["text"] = text,
                ["fragments"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = text }),
            },
            ["color"] = "#00FF7F",
            ["badges"] = new JsonArray([.. badges.Select(b => new JsonObject { ["set_id"] = b, ["id"] = "1", ["info"] = "" })]),
            ["message_type"] = "text",
            ["cheer"] = null,
            ["reply"] = null,
        };
    }

    private Channel Of(string channel) => _channels.GetOrAdd(channel, _ => new Channel());

    private sealed class Channel
    {
        private readonly Lock _gate = new();
        private readonly List<(DateTimeOffset At, string Text)> _sent = [];

        public ConcurrentDictionary<string, bool> Banned { get; } = new(StringComparer.Ordinal);

        /// <returns>Why a message is not shown; null when it is.</returns>
        public (string Code, string Message)? Refuse(string text, bool isModerator, DateTimeOffset now)
        {
            lock (_gate)
            {
                _sent.RemoveAll(s => s.At + Window <= now);
                if (_sent.Count >= (isModerator ? 100 : 20))
                {
                    return ("msg_ratelimit", "Your message was not sent because you are sending messages too quickly.");
                }

                if (!isModerator && _sent.Count > 0 && _sent[^1].Text == text)
                {
                    return ("msg_duplicate", "Your message was not sent because it is identical to the previous one.");
                }

                _sent.Add((now, text));
                return null;
            }
        }
    }

    private sealed class WithReset(DateTimeOffset reset) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers["Ratelimit-Limit"] = "800";
            httpContext.Response.Headers["Ratelimit-Remaining"] = "0";
            httpContext.Response.Headers["Ratelimit-Reset"] = reset.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
            return Accounts.Error(429, "Too Many Requests").ExecuteAsync(httpContext);
        }
    }
}
