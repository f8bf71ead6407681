using Rookery.Simulators;
using Rookery.Simulators.Discord;
using Rookery.Simulators.Slack;
using Rookery.Simulators.Twitch;

namespace Rookery.Host.Cli;

/// <summary>Platforms to try Rookery with before it has accounts anywhere: <c>serve --simulate</c>.</summary>
internal sealed class Simulation : IAsyncDisposable
{
    private const string TwitchBot = "900";
    private static readonly (string Id, string Login)[] TwitchChannels = [("100", "streamer"), ("101", "painter")];

    private readonly DiscordSimulator _discord = new();
    private readonly SlackSimulator _slack = new();
    private readonly TwitchSimulator _twitch = new();

    private Simulation()
    {
    }

    /// <summary>What makes the server talk with them.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; private set; } =
        new Dictionary<string, string?>(StringComparer.Ordinal);

    public static async Task<Simulation> StartAsync(CancellationToken ct)
    {
        var simulation = new Simulation();
        await simulation._discord.StartAsync(0, ct);
        simulation._discord.Guilds.AddChannel(DiscordSimulator.GuildId, "general", "general");
        await simulation._slack.StartAsync(0, ct);
        simulation._slack.AddUser(new SlackUser("U1", "Ada", IsAdmin: true));
        simulation._slack.AddUser(new SlackUser("U2", "Bob"));
        simulation._slack.AddUser(new SlackUser("U3", "Olga", IsOwner: true));
        await simulation.StartTwitchAsync(ct);
        simulation.Settings = new Dictionary<string, string?>(simulation._twitch.Settings(TwitchBot), StringComparer.Ordinal)
        {
            ["Platforms:Discord:BotToken"] = simulation._discord.Token,
            ["Platforms:Discord:ClientSecret"] = simulation._discord.SignIn.ClientSecret,
            ["Platforms:Discord:AuthorizeUrl"] = $"{simulation._discord.Address}oauth2/authorize",
            ["Platforms:Discord:PublicKey"] = simulation._discord.Interactions.Key.PublicKey,
            ["Platforms:Discord:ApiBaseUrl"] = $"{simulation._discord.Address}api/v10/",
            ["Platforms:Slack:BotToken"] = simulation._slack.BotToken,
            ["Platforms:Slack:AppToken"] = simulation._slack.AppToken,
            ["Platforms:Slack:ApiBaseUrl"] = $"{simulation._slack.Address}api/",
            ["Platforms:Twitch:OpenToChannels"] = "true",
        };
        return simulation;
    }

    /// <summary>Logs in at Twitch as a person would, in a browser: as the bot, and as the owner of each channel.</summary>
    /// <param name="server">The server's address, once it listens.</param>
    public async Task LogInAsync(IConfiguration configuration, Uri server, CancellationToken ct)
    {
        // Where Twitch sends the browser back; here that is this machine, whatever the settings say.
        configuration["PublicBaseUrl"] = server.AbsoluteUri;
        foreach (var (id, purpose) in TwitchChannels.Select(c => (c.Id, "channel")).Prepend((TwitchBot, "bot")))
        {
            _twitch.Accounts.LogsIn = id;
            using var browser = new HttpClient();
            using var response = await browser.GetAsync(new Uri(server, $"/platforms/twitch/login?as={purpose}"), ct);
            response.EnsureSuccessStatusCode();
        }

        (_twitch.Accounts.LogsIn, _twitch.Accounts.AsksWho) = (null, true);
    }

    /// <summary>Tells how to talk there and where to see what the bot did.</summary>
    /// <param name="server">The server's address.</param>
    public void Explain(TextWriter output, Uri server)
    {
        output.WriteLine($"  Sign in as anybody: {new Uri(server, "/account")}");
        output.WriteLine();
        Explain(output, "Discord", _discord, "general", "42");
        output.WriteLine($"    who may more:   {DiscordSimulator.OwnerId} owns the server, {DiscordSimulator.ModeratorId} moderates it");
        output.WriteLine($"    type a slash command there:  curl -s {_discord.Address}_control/command -H 'Content-Type: application/json' \\");
        output.WriteLine("""                      -d '{"channel": "general", "user": "42", "name": "help", "args": "ping"}'""");
        output.WriteLine();
        Explain(output, "Slack", _slack, "C1", "U1");
        output.WriteLine("    who may more:   U1 is an admin, U3 owns the workspace");
        output.WriteLine($"    type a slash command there:  curl -s {_slack.Address}_control/command -H 'Content-Type: application/json' \\");
        output.WriteLine("""                      -d '{"channel": "C1", "user": "U1", "command": "/rookery", "text": "ping"}'""");
        output.WriteLine();
        output.WriteLine($"  Twitch is simulated at {_twitch.Address}");
        output.WriteLine($"    say something:  curl -s -X POST '{_twitch.Address}_control/say?channel={TwitchChannels[0].Id}&user=200&text=!ping'");
        output.WriteLine($"    what was said:  curl -s {_twitch.Address}_ledger");
        output.WriteLine();
    }

    public async ValueTask DisposeAsync()
    {
        await _discord.DisposeAsync();
        await _slack.DisposeAsync();
        await _twitch.DisposeAsync();
    }

    private async Task StartTwitchAsync(CancellationToken ct)
    {
        await _twitch.StartAsync(0, ct);
        _twitch.Accounts.Add(TwitchBot, "rookerybot");
        _twitch.Accounts.Add("200", "ada");
        foreach (var (id, login) in TwitchChannels)
        {
            _twitch.Accounts.Add(id, login);
            _twitch.Chat.Moderated[id] = true;
        }
    }

    private static void Explain(TextWriter output, string name, Simulator platform, string channel, string user)
    {
        output.WriteLine($"  {name} is simulated at {platform.Address}");
        output.WriteLine($"    say something:  curl -s {platform.Address}_control/say -H 'Content-Type: application/json' \\");
        output.WriteLine($$"""                      -d '{"channel": "{{channel}}", "user": "{{user}}", "text": "!ping"}'""");
        output.WriteLine($"    what was said:  curl -s {platform.Address}_ledger");
    }
}
