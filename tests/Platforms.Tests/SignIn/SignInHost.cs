using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Rookery.Kernel;
using Rookery.Kernel.Data;
using Rookery.Kernel.Security;
using Rookery.Kernel.SignIn;
using Rookery.Simulators.Discord;
using Rookery.Simulators.Twitch;

namespace Rookery.Platforms.Tests.SignIn;

/// <summary>A server with a Discord and a Twitch to sign in with, and a route for admins and one for members of a server.</summary>
public class SignInHost : IAsyncLifetime, ILoggerProvider
{
    public const string Streamer = "100";
    public const string Viewer = "200";
    public const string Owner = DiscordSimulator.OwnerId;
    public const string Member = DiscordSimulator.MemberId;
    public const string Stranger = "43";
    public const string Guild = DiscordSimulator.GuildId;

    public DiscordSimulator Discord { get; } = new();

    public TwitchSimulator Twitch { get; } = new();

    public TestHost Host { get; private set; } = null!;

    /// <summary>Everything that was logged, whatever its level.</summary>
    public ConcurrentQueue<string> Log { get; } = new();

    protected virtual IReadOnlyDictionary<string, string?> Settings { get; } = new Dictionary<string, string?>(StringComparer.Ordinal);

    public async ValueTask InitializeAsync()
    {
        await Discord.StartAsync(0, CancellationToken.None);
        await Twitch.StartAsync(0, CancellationToken.None);
        Twitch.Accounts.Add("900", "rookerybot");
        Twitch.Accounts.Add(Streamer, "streamer");
        Twitch.Accounts.Add(Viewer, "ada");
        Host = new TestHost { Settings = All(), Configure = Configure };
        await Host.InitializeAsync();
        Host.Get<IConfiguration>()["PublicBaseUrl"] = Host.Address.AbsoluteUri;
        await TestHost.EventuallyAsync(
            async () => await Host.Get<Database>().Write.ValueAsync<long>(
                $"select count(*) from kernel.community_servers where platform = 'discord'", CancellationToken.None) == 1,
            "the server is known");
    }

    public Browser Browser() => new(Host, (_, user) =>
    {
        Discord.SignIn.LogsIn = user;
        Twitch.Accounts.LogsIn = user.Length == 0 ? null : user;
    });

    /// <summary>Somebody who has signed in with Discord.</summary>
    public async Task<Browser> SignedInAsync(string user)
    {
        var browser = Browser();
        using var response = await browser.SignInAsync("discord", user);
        response.StatusCode.ShouldBe(System.Net.HttpStatusCode.Redirect);
        return browser;
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await Discord.DisposeAsync();
        await Twitch.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    ILogger ILoggerProvider.CreateLogger(string categoryName) => new Listener(Log);

    void IDisposable.Dispose() => GC.SuppressFinalize(this);

    private Dictionary<string, string?> All()
    {
        var settings = Twitch.Settings("900").ToDictionary(StringComparer.Ordinal);
        settings["Platforms:Discord:BotToken"] = Discord.Token;
        settings["Platforms:Discord:ClientSecret"] = Discord.SignIn.ClientSecret;
        settings["Platforms:Discord:AuthorizeUrl"] = $"{Discord.Address}oauth2/authorize";
        settings["Platforms:Discord:ApiBaseUrl"] = $"{Discord.Address}api/v10/";
        settings["Logging:LogLevel:Rookery"] = "Trace";
        settings["Logging:Console:LogLevel:Default"] = "None";
        settings["SignIn:LoginCallsPerMinute"] = "10000";
        foreach (var (name, value) in Settings)
        {
            settings[name] = value;
        }

        return settings;
    }

    private void Configure(IServiceCollection services) => services
        .AddSingleton<ILoggerProvider>(this)
        .AddSingleton(new RegisteredRoutes("probe", InCommunity: false, group =>
        {
            group.MapGet("/probe/{guild_id}/admin", Answer).Needs(Scopes.CommandsRead).NeedsGuildAdmin("guild_id");
            group.MapPost("/probe/{guild_id}/admin", Answer).Needs(Scopes.CommandsWrite).NeedsGuildAdmin("guild_id");
            group.MapGet("/probe/{guild_id}/member", Answer).Needs(Scopes.CommandsRead).NeedsGuildMember("guild_id");
            group.MapGet("/probe/twitch/{guild_id}", Answer).Needs(Scopes.CommandsRead).NeedsGuildAdmin("guild_id", Kernel.Chat.Platform.Twitch);
        }));

    private static IResult Answer(Caller caller) => Results.Text(FormattableString.Invariant($"{caller.Actor} in {caller.Community}"));

    private sealed class Listener(ConcurrentQueue<string> log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log.Enqueue($"{formatter(state, exception)} {exception}");
    }
}
