using Rookery.Simulators.Discord;

namespace Rookery.Host.Cli;

/// <summary>Platforms to try Rookery with before it has accounts anywhere: <c>serve --simulate</c>.</summary>
internal sealed class Simulation : IAsyncDisposable
{
    private readonly DiscordSimulator _discord = new();

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
        simulation.Settings = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Platforms:Discord:BotToken"] = simulation._discord.Token,
            ["Platforms:Discord:ApiBaseUrl"] = $"{simulation._discord.Address}api/v10/",
        };
        return simulation;
    }

    /// <summary>Tells how to talk there and where to see what the bot did.</summary>
    public void Explain(TextWriter output)
    {
        output.WriteLine($"  Discord is simulated at {_discord.Address}");
        output.WriteLine($"    say something:  curl -s {_discord.Address}_control/say -H 'Content-Type: application/json' \\");
        output.WriteLine("""                      -d '{"channel": "general", "user": "42", "text": "!ping"}'""");
        output.WriteLine($"    what was said:  curl -s {_discord.Address}_ledger");
        output.WriteLine();
    }

    public ValueTask DisposeAsync() => _discord.DisposeAsync();
}
