using Microsoft.Extensions.DependencyInjection;
using Rookery.Simulators.Discord;

namespace Rookery.Platforms.Tests.Discord;

/// <summary>A server that talks with a simulated Discord.</summary>
public class DiscordHost : IAsyncLifetime
{
    public DiscordSimulator Discord { get; } = new();

    public TestHost Host { get; private set; } = null!;

    /// <summary>Called before the server starts.</summary>
    public Action<DiscordSimulator> Prepare { get; init; } = _ => { };

    public Action<IServiceCollection>? Configure { get; init; }

    public async ValueTask InitializeAsync()
    {
        await Discord.StartAsync(0, CancellationToken.None);
        Prepare(Discord);
        Host = new TestHost
        {
            Settings = new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["Platforms:Discord:BotToken"] = Discord.Token,
                ["Http:AllowedPrivateHosts:0"] = "127.0.0.1",
                ["Platforms:Discord:PublicKey"] = Discord.Interactions.Key.PublicKey,
                ["Platforms:Discord:ApiBaseUrl"] = $"{Discord.Address}api/v10/",
            },
            Configure = Configure,
        };
        await Host.InitializeAsync();
        await TestHost.EventuallyAsync(() => Task.FromResult(Discord.Gateway.Identified > 0), "the bot identifies");
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await Discord.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    public Task SaidAsync(string channel, params string[] texts) => TestHost.EventuallyAsync(
        () => Task.FromResult(Discord.Ledger.Said(channel).SequenceEqual(texts, StringComparer.Ordinal)),
        $"the bot says {string.Join(" / ", texts)} (it said {string.Join(" / ", Discord.Ledger.Said(channel))})");
}
