using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.Configuration;
using Rookery.Kernel.Data;
using Rookery.Simulators.Twitch;

namespace Rookery.Platforms.Tests.Twitch;

/// <summary>A server and a Twitch of its own; the bot is logged in, and the channel "streamer" is served.</summary>
public class TwitchHost : IAsyncLifetime
{
    public const string Bot = "900";
    public const string Channel = "100";
    public const string Secret = "a secret of some length";

    private TestHost? _host;

    public TwitchSimulator Twitch { get; } = new();

    public TestHost Host => _host!;

    /// <summary>More settings than those that point at the simulator.</summary>
    protected virtual IReadOnlyDictionary<string, string?> Settings { get; } = new Dictionary<string, string?>(StringComparer.Ordinal);

    /// <summary>Whether the bot logs in, the broadcaster too, and the channel is added.</summary>
    protected virtual bool IsSetUp => true;

    public async ValueTask InitializeAsync()
    {
        await Twitch.StartAsync(0, CancellationToken.None);
        Twitch.Accounts.Add(Bot, "rookerybot");
        Twitch.Accounts.Add(Channel, "streamer");
        Twitch.Accounts.Add("200", "ada");
        Twitch.Chat.Moderated[Channel] = true;
        var settings = Twitch.Settings(Bot).ToDictionary(StringComparer.Ordinal);
        settings["Platforms:Twitch:ReconcileEvery"] = "00:00:01";
        foreach (var (name, value) in Settings)
        {
            settings[name] = value;
        }

        _host = new TestHost { Settings = settings };
        await _host.InitializeAsync();
        _host.Get<IConfiguration>()["PublicBaseUrl"] = _host.Address.AbsoluteUri;
        if (IsSetUp)
        {
            await LoginAsync(Bot, "bot");
            await AddChannelAsync("streamer");
            await LoginAsync(Channel, "channel");
        }
    }

    /// <summary>Goes through the login as a browser does.</summary>
    public async Task<HttpStatusCode> LoginAsync(string? user, string purpose)
    {
        Twitch.Accounts.LogsIn = user;
        using var browser = new HttpClient();
        using var response = await browser.GetAsync(new Uri(Host.Address, $"/platforms/twitch/login?as={purpose}"));
        return response.StatusCode;
    }

    public async Task AddChannelAsync(string login)
    {
        using var response = await Host.Http.PostAsJsonAsync("/api/v1/twitch/channels", new { login });
        response.StatusCode.ShouldBe(HttpStatusCode.Created, await response.Content.ReadAsStringAsync());
    }

    /// <summary>Waits until Twitch would send a chat message here.</summary>
    public Task SubscribedAsync(string type = "channel.chat.message", string channel = Channel) => TestHost.EventuallyAsync(
        () => Task.FromResult(Twitch.Events.Enabled.Any(s => s.Type == type && s.Condition.Values.Contains(channel, StringComparer.Ordinal))),
        $"{type} of {channel} is subscribed to");

    /// <summary>Says something as a person and waits until the bot has said this in the channel so often.</summary>
    public async Task AnswersAsync(string text, string answer, int times, string user = "200")
    {
        await Twitch.Chat.SayAsync(Channel, user, text);
        await SaysAsync(answer, times);
    }

    public Task SaysAsync(string answer, int times) => TestHost.EventuallyAsync(
        () => Task.FromResult(Count(answer) == times), $"the bot has said '{answer}' {times} times");

    /// <summary>How often the bot said it, whomever it addressed.</summary>
    public int Count(string answer) => Twitch.Ledger.Said(Channel).Count(s => s.Contains(answer, StringComparison.Ordinal));

    public Task<long> StoredAsync(string where = "%") => Host.Get<Database>().Write.ValueAsync<long>(
        $"select count(*) from twitch.twitch_events where event_data::text like {where}", TestContext.Current.CancellationToken);

    /// <summary>Everything that came is handled: processed, or given up.</summary>
    public Task SettledAsync() => TestHost.EventuallyAsync(
        async () => await Host.Get<Database>().Write.ValueAsync<long>(
            $"select count(*) from twitch.twitch_events where not processed and error is null", TestContext.Current.CancellationToken) == 0,
        "every event is handled");

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        await Twitch.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}

/// <summary>The same, with Twitch calling us.</summary>
public sealed class WebhookHost : TwitchHost
{
    protected override IReadOnlyDictionary<string, string?> Settings { get; } = new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["Platforms:Twitch:Transport"] = "webhook",
        ["Platforms:Twitch:WebhookSecret"] = Secret,
    };
}

/// <summary>The same, before anybody logged in.</summary>
public sealed class EmptyTwitchHost : TwitchHost
{
    protected override bool IsSetUp => false;
}
