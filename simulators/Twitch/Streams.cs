using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Rookery.Simulators.Twitch;

/// <summary>Who is live, told by events and on asking.</summary>
public sealed class Streams(EventSubServer events, TimeProvider clock)
{
    private const int MostAsked = 100;

    private readonly ConcurrentDictionary<string, JsonObject> _live = new(StringComparer.Ordinal);

    /// <summary>Questions that were answered.</summary>
    public int Asked { get; private set; }

    /// <summary>A stream begins.</summary>
    /// <param name="tell">False: only who asks hears of it.</param>
    public async Task BeginAsync(string channel, string title, string game, int viewers, bool tell = true)
    {
        var (id, at) = (Guid.NewGuid().ToString("N"), clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        _live[channel] = new JsonObject
        {
            ["id"] = id,
            ["user_id"] = channel,
            ["user_login"] = $"user{channel}",
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
                ["broadcaster_user_login"] = $"user{channel}",
                ["broadcaster_user_name"] = $"user{channel}",
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
                ["broadcaster_user_login"] = $"user{channel}",
                ["broadcaster_user_name"] = $"user{channel}",
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
        return Results.Json(new JsonObject
        {
            ["data"] = new JsonArray([.. asked.Where(u => _live.ContainsKey(u!)).Select(u => _live[u!].DeepClone())]),
            ["pagination"] = new JsonObject(),
        });
    }
}
