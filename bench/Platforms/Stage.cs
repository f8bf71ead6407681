using System.Globalization;
using Rookery.Simulators.Discord;
using Rookery.Simulators.Slack;
using Rookery.Simulators.Twitch;

namespace Rookery.Bench.Platforms;

/// <summary>The three simulated platforms, and what makes a server talk with them.</summary>
internal sealed class Stage : IAsyncDisposable
{
    public const string TwitchBot = "900";
    public const int SlackSockets = 2;

    public DiscordSimulator Discord { get; } = new();

    public TwitchSimulator Twitch { get; } = new();

    public SlackSimulator Slack { get; } = new() { RotatesTokens = true, LendsUserToken = true, NextWorkspace = "T1" };

    /// <summary>By platform: where people talk.</summary>
    public IReadOnlyDictionary<string, string[]> Channels { get; } = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["discord"] = Names("5000000000000000"),
        ["twitch"] = Names("1"),
        ["slack"] = Names("C"),
    };

    public async Task StartAsync(CancellationToken ct)
    {
        await Discord.StartAsync(0, ct);
        await Twitch.StartAsync(0, ct);
        await Slack.StartAsync(0, ct);
        Twitch.Accounts.Add(TwitchBot, "rookerybot");
        foreach (var channel in Channels["twitch"])
        {
            Twitch.Accounts.Add(channel, Login(channel));
            Twitch.Chat.Moderated[channel] = true;
        }

        // Slack and the webhooks of Twitch repeat what was not taken for longer than a node is away.
        Slack.AnswerWithin = TimeSpan.FromSeconds(1);
        Slack.RetryAfter = [.. Enumerable.Repeat(TimeSpan.FromMilliseconds(500), 240)];
        Twitch.Webhooks.Retries = Slack.RetryAfter;
    }

    public static string Login(string channel) => $"streamer{channel}";

    /// <param name="publicAddress">Where people log in and platforms call.</param>
    public Dictionary<string, string> Settings(Uri publicAddress)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PublicBaseUrl"] = publicAddress.AbsoluteUri,
            ["Platforms:Discord:BotToken"] = Discord.Token,
            ["Platforms:Discord:ApiBaseUrl"] = new Uri(Discord.Address, "api/v10/").AbsoluteUri,
            ["Platforms:Slack:AppToken"] = Slack.AppToken,
            ["Platforms:Slack:ClientId"] = Slack.ClientId,
            ["Platforms:Slack:ClientSecret"] = Slack.ClientSecret,
            ["Platforms:Slack:UserScopes"] = "chat:write",
            ["Platforms:Slack:Connections"] = SlackSockets.ToString(CultureInfo.InvariantCulture),
            ["Platforms:Slack:ApiBaseUrl"] = new Uri(Slack.Address, "api/").AbsoluteUri,
            ["Platforms:Slack:AuthorizeUrl"] = new Uri(Slack.Address, "oauth/v2/authorize").AbsoluteUri,
            ["Platforms:Twitch:ReconcileEvery"] = "00:00:02",
            ["Coordination:Period"] = "00:00:01",
            ["Coordination:CheckIn"] = "00:00:02",
            ["Coordination:Silence"] = "00:00:06",
            ["Schema:AllowDrift"] = "true",
            ["Outbox:Lease"] = "00:00:10",
            ["Outbox:Poll"] = "00:00:00.500",
        };
        foreach (var (name, value) in Twitch.Settings(TwitchBot))
        {
            settings[name] = value!;
        }

        return settings;
    }

    public async ValueTask DisposeAsync()
    {
        await Discord.DisposeAsync();
        await Twitch.DisposeAsync();
        await Slack.DisposeAsync();
    }

    private static string[] Names(string prefix) =>
        [.. Enumerable.Range(10, 8).Select(i => prefix + i.ToString(CultureInfo.InvariantCulture))];
}
