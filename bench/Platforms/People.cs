using System.Collections.Concurrent;
using System.Globalization;
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
}

/// <summary>Something a person said.</summary>
/// <param name="Token">In the line, and in every answer to it; no other line has it.</param>
/// <param name="MessageId">As the platform named it; null when it could not be said.</param>
internal sealed record Line(string Platform, string Channel, LineKind Kind, string Token, string? MessageId);

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
    }

    private async Task TalkOnAsync(string platform, CancellationToken stop, CancellationToken ct)
    {
        while (!stop.IsCancellationRequested)
        {
            var n = Interlocked.Increment(ref _next);
            var token = $"z{n.ToString(CultureInfo.InvariantCulture)}z";
            var (kind, text) = Random.Shared.Next(20) switch
            {
                < 8 => (LineKind.Talk, _talk[n % _talk.Count]),
                < 14 => (LineKind.Search, $"!memories search \"{token}\""),
                < 19 => (LineKind.Remind, $"!remind \"{token}\" in 90 seconds"),
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
        var id = platform switch
        {
            "discord" => stage.Discord.Say(channel, user, text),
            "twitch" => await stage.Twitch.Chat.SayAsync(channel, user, text),
            _ => await stage.Slack.SayAsync(channel, user, text, null, ct),
        };
        Said.Enqueue(new Line(platform, channel, kind, token, id));
    }

    private static string User(string platform, int n) =>
        (platform == "slack" ? "U" : "7") + n.ToString("00000", CultureInfo.InvariantCulture);
}
