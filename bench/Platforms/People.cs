using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Rookery.Bench.Load;
using Rookery.Simulators.Slack;

namespace Rookery.Bench.Platforms;

internal enum LineKind
{
    Talk,

    /// <summary>A command that changes nothing and whose answer has the token.</summary>
    Search,

    /// <summary>A command whose answer has the token, and some seconds later a post that has it too.</summary>
    Remind,

    /// <summary>A line that moderation takes away.</summary>
    Forbidden,

    /// <summary>A slash command; on Discord an interaction, on Slack it is told once.</summary>
    Slash,

    /// <summary>Somebody follows a channel at Twitch; the token is the name.</summary>
    Follow,
}

/// <summary>Something a person said.</summary>
/// <param name="Token">In the line, and in every answer to it; no other line has it.</param>
/// <param name="MessageId">As the platform named it; null: it has no name.</param>
/// <param name="IsTold">False: the platform told nobody, or was not sure and does not repeat it.</param>
internal sealed record Line(string Platform, string Channel, LineKind Kind, string Token, string? MessageId, bool IsTold = true);

/// <summary>People on all three platforms, each line another one's.</summary>
internal sealed class People(Stage stage)
{
    public const string Forbidden = "unspeakable";
    private const int Crowd = 500;

    private readonly IReadOnlyList<string> _talk = [.. Messages.Lines().Where(l => l[0] is not ('!' or '#')).Take(2000)];
    private readonly ConcurrentBag<Task> _underWay = [];
    private int _next;

    public ConcurrentQueue<Line> Said { get; } = new();

    /// <summary>Talks until it is told to stop, then waits until Slack has brought every line home.</summary>
    public async Task TalkAsync(CancellationToken stop, CancellationToken ct)
    {
        for (var i = 0; i < Crowd; i++)
        {
            stage.Slack.AddUser(new SlackUser(User("slack", i), $"member{i.ToString(CultureInfo.InvariantCulture)}"));
        }

        await Task.WhenAll(stage.Channels.Keys.Select(platform => TalkOnAsync(platform, stop, ct)));
        await Task.WhenAll(_underWay);
        await stage.Twitch.Webhooks.SettledAsync();
    }

    private async Task TalkOnAsync(string platform, CancellationToken stop, CancellationToken ct)
    {
        while (!stop.IsCancellationRequested)
        {
            var n = Interlocked.Increment(ref _next);
            var token = $"z{n.ToString(CultureInfo.InvariantCulture)}z";
            var (kind, text) = Random.Shared.Next(20) switch
            {
                < 7 => (LineKind.Talk, _talk[n % _talk.Count]),
                < 12 => (LineKind.Search, $"!memories search \"{token}\""),
                < 16 => (LineKind.Remind, $"!remind \"{token}\" in 90 seconds"),
                < 19 => (platform == "twitch" ? LineKind.Follow : LineKind.Slash, $"search \"{token}\""),
                _ => (LineKind.Forbidden, $"{Forbidden} {token}"),
            };
            var channel = stage.Channels[platform][n % stage.Channels[platform].Length];
            _underWay.Add(SayAsync(platform, channel, User(platform, n % Crowd), kind, token, text, ct));
            await Task.Delay(Random.Shared.Next(100, 400), ct);
        }
    }

    private async Task SayAsync(
        string platform, string channel, string user, LineKind kind, string token, string text, CancellationToken ct)
    {
        var (id, isTold) = (platform, kind) switch
        {
            ("discord", LineKind.Slash) => await InteractAsync(channel, user, text),
            ("discord", _) => (stage.Discord.Say(channel, user, text), true),
            (_, LineKind.Follow) => (null, await FollowAsync(channel, token)),
            ("twitch", _) => (await stage.Twitch.Chat.SayAsync(channel, user, text), true),
            (_, LineKind.Slash) => (null, await stage.Slack.CommandAsync("/rookery", $"memories {text}", channel, user, ct)),
            _ => (await stage.Slack.SayAsync(channel, user, text, null, ct), true),
        };
        Said.Enqueue(new Line(platform, channel, kind, token, id, isTold));
    }

    /// <summary>The gateway tells a session later what it missed; a call that is not taken is not made again.</summary>
    private async Task<(string? Id, bool IsTold)> InteractAsync(string channel, string user, string text)
    {
        var id = await stage.Discord.Interactions.RunAsync(channel, user, "memories", text);
        return (id, stage.Discord.Interactions.Endpoint is null
            || stage.Discord.Interactions.History(id).Contains("HTTP 202", StringComparer.Ordinal));
    }

    private async Task<bool> FollowAsync(string channel, string token) => await stage.Twitch.Events.EmitAsync("channel.follow", new JsonObject
    {
        ["user_id"] = $"8{token.Trim('z')}",
        ["user_login"] = token,
        ["user_name"] = token,
        ["broadcaster_user_id"] = channel,
        ["broadcaster_user_login"] = Stage.Login(channel),
        ["broadcaster_user_name"] = Stage.Login(channel),
        ["followed_at"] = TimeProvider.System.GetUtcNow().ToString("O"),
    }) > 0;

    private static string User(string platform, int n) =>
        (platform == "slack" ? "U" : "7") + n.ToString("00000", CultureInfo.InvariantCulture);
}
