using Rookery.Simulators;
using Rookery.Simulators.Discord;
using Rookery.Simulators.Slack;

namespace Rookery.Host.Cli;

/// <summary>Platforms to try Rookery with before it has accounts anywhere: <c>serve --simulate</c>.</summary>
internal sealed class Simulation : IAsyncDisposable
{
    private readonly DiscordSimulator _discord = new();
    private readonly SlackSimulator _slack = new();

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
        await simulation._slack.StartAsync(0, ct);
        simulation.Settings = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Platforms:Discord:BotToken"] = simulation._discord.Token,
            ["Platforms:Discord:PublicKey"] = simulation._discord.Interactions.Key.PublicKey,
            ["Platforms:Discord:ApiBaseUrl"] = $"{simulation._discord.Address}api/v10/",
            ["Platforms:Slack:BotToken"] = simulation._slack.BotToken,
            ["Platforms:Slack:AppToken"] = simulation._slack.AppToken,
            ["Platforms:Slack:ApiBaseUrl"] = $"{simulation._slack.Address}api/",
        };
        return simulation;
    }

    /// <summary>Tells how to talk there and where to see what the bot did.</summary>
    public void Explain(TextWriter output)
    {
        Explain(output, "Discord", _discord, "general", "42");
        output.WriteLine($"    type a slash command there:  curl -s {_discord.Address}_control/command -H 'Content-Type: application/json' \\");
        output.WriteLine("""                      -d '{"channel": "general", "user": "42", "name": "help", "args": "ping"}'""");
        output.WriteLine();
        Explain(output, "Slack", _slack, "C1", "U1");
    }

    public async ValueTask DisposeAsync()
    {
        await _discord.DisposeAsync();
        await _slack.DisposeAsync();
    }

    private static void Explain(TextWriter output, string name, Simulator platform, string channel, string user)
    {
        output.WriteLine($"  {name} is simulated at {platform.Address}");
        output.WriteLine($"    say something:  curl -s {platform.Address}_control/say -H 'Content-Type: application/json' \\");
        output.WriteLine($$"""                      -d '{"channel": "{{channel}}", "user": "{{user}}", "text": "!ping"}'""");
        output.WriteLine($"    what was said:  curl -s {platform.Address}_ledger");
        output.WriteLine();
    }
}
