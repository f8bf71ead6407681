using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Rookery.Simulators.Twitch;

/// <summary>Who is live, told by events and on asking.</summary>
public sealed class Streams(Accounts accounts, EventSubServer events, TimeProvider clock)
{
    private const int MostAsked = 100;

    private readonly ConcurrentDictionary<string, JsonObject> _live = new(StringComparer.Ordinal);

    /// <summary>Questions that were answered.</summary>
    public int Asked { get; private set; }

    /// <summary>Questions that are answered as if nobody were live, as Twitch does just after a start.</summary>
    public int Lag { get; set; }

    /// <summary>Recordings by the id of their stream.</summary>
    public ConcurrentDictionary<string, (string Channel, string Url)> Recordings { get; } = new(StringComparer.Ordinal);

    /// <summary>The id of who is live; null when the broadcaster is not.</summary>
    public string? IdOf(string channel) => _live.TryGetValue(channel, out var live) ? live["id"]!.GetValue<string>() : null;

    /// <summary>Changes what is streamed.</summary>
    /// <param name="tell">False: only who asks hears of it.</param>
    public async Task ChangeAsync(string channel, string title, string game, int viewers, bool tell = true)
    {
        var changed = (JsonObject)_live[channel].DeepClone();
        (changed["title"], changed["game_name"], changed["viewer_count"]) = (title, game, viewers);
        _live[channel] = changed;
        if (tell)
        {
            await events.EmitAsync("channel.update", new JsonObject
            {
                ["broadcaster_user_id"] = channel,
                ["broadcaster_user_login"] = accounts.Of(channel).Login,
                ["broadcaster_user_name"] = accounts.Of(channel).DisplayName,
                ["title"] = title,
                ["language"] = "en",
                ["category_id"] = "743",
                ["category_name"] = game,
            });
        }
    }

    /// <summary>A stream begins.</summary>
    /// <param name="tell">False: only who asks hears of it.</param>
    public async Task BeginAsync(string channel, string title, string game, int viewers, bool tell = true)
    {
        var (id, at) = (Guid.NewGuid().ToString("N"), clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        _live[channel] = new JsonObject
        {
            ["id"] = id,
            ["user_id"] = channel,
            ["user_login"] = accounts.Of(channel).Login,
            ["user_name"] = accounts.Of(channel).DisplayName,
            ["thumbnail_url"] = $"https://static-cdn.jtvnw.net/previews-ttv/live_user_{channel}-{{width}}x{{height}}.jpg",
            ["game_name"] = game,
            ["type"] = "live",
            ["title"] = title,
            ["viewer_count"] = viewers,
            ["started_at"] = at,
        };
        if (tell)
        {
            await events.EmitAsync("stream.online", new JsonObject
            {
                ["id"] = id,
                ["broadcaster_user_id"] = channel,
                ["broadcaster_user_login"] = accounts.Of(channel).Login,
                ["broadcaster_user_name"] = accounts.Of(channel).Login,
                ["type"] = "live",
                ["started_at"] = at,
            });
        }
    }

    public async Task EndAsync(string channel, bool tell = true)
    {
        _live.TryRemove(channel, out _);
        if (tell)
        {
            await events.EmitAsync("stream.offline", new JsonObject
            {
                ["broadcaster_user_id"] = channel,
                ["broadcaster_user_login"] = accounts.Of(channel).Login,
                ["broadcaster_user_name"] = accounts.Of(channel).Login,
            });
        }
    }

    internal IResult List(IQueryCollection query)
    {
        var asked = query["user_id"];
        if (asked.Count is 0 or > MostAsked)
        {
            return Accounts.Error(400, "The request takes 1 to 100 user_id.");
        }

        Asked++;
        var behind = Lag > 0 && Lag-- > 0;
        return Results.Json(new JsonObject
        {
            ["data"] = behind ? new JsonArray() : new JsonArray([.. asked.Where(u => _live.ContainsKey(u!)).Select(u => _live[u!].DeepClone())]),
            ["pagination"] = new JsonObject(),
        });
    }

    internal IResult Videos(string channel) => Results.Json(new JsonObject
    {
        ["data"] = new JsonArray([.. Recordings.Where(r => r.Value.Channel == channel).Select(r => new JsonObject
        {
            ["id"] = $"v{r.Key}",
            ["stream_id"] = r.Key,
            ["user_id"] = channel,
            ["url"] = r.Value.Url,
            ["type"] = "archive",
        })]),
    });
}
