using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Communities;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;
using Rookery.Simulators.Slack;

namespace Rookery.Platforms.Tests.Slack;

/// <summary>A host that is connected to a simulated Slack, and remembers the events that passed its moderation.</summary>
public abstract class SlackHost : IAsyncLifetime
{
    public SlackSimulator Slack { get; } = new();

    public TestHost Host { get; private set; } = null!;

    internal Witness Witness { get; } = new();

    protected abstract IReadOnlyDictionary<string, string?> Settings { get; }

    public virtual async ValueTask InitializeAsync()
    {
        await Slack.StartAsync(0, CancellationToken.None);
        Slack.AddUser(new SlackUser("U1", "Ada", IsAdmin: true));
        Slack.AddUser(new SlackUser("U2", "Bob"));
        Host = new TestHost
        {
            Settings = new Dictionary<string, string?>(Settings, StringComparer.Ordinal)
            {
                ["Platforms:Slack:ApiBaseUrl"] = new Uri(Slack.Address, "api/").AbsoluteUri,
                ["Platforms:Slack:AuthorizeUrl"] = new Uri(Slack.Address, "oauth/v2/authorize").AbsoluteUri,
                ["Outbox:Poll"] = "00:00:00.100",
                ["Http:AllowedPrivateHosts:0"] = "127.0.0.1",
            },
            Configure = Configure,
        };
        await Host.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await Slack.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Another server that talks with the same Slack and remembers nothing of the first.</summary>
    public async Task<TestHost> RestartAsync()
    {
        await Host.DisposeAsync();
        Host = new TestHost { Settings = Host.Settings, Configure = Configure };
        await Host.InitializeAsync();
        return Host;
    }

    private void Configure(IServiceCollection services)
    {
        services.AddSingleton<IActivityHook>(Witness).AddSingleton<IMessageScreen, NoSpam>().AddSingleton<Func<double>>(() => 0.01);
        AnsweringModule.Add(services);
    }

    public Task SaysAsync(string channel, params string[] lines) => TestHost.EventuallyAsync(
        () => Task.FromResult(Slack.Ledger.Said(channel).SequenceEqual(lines, StringComparer.Ordinal)),
        $"{channel} shows {string.Join(" | ", lines)}; it shows {string.Join(" | ", Slack.Ledger.Said(channel))}");

    public async Task<long> StoredAsync() =>
        await Host.Get<Database>().Write.ValueAsync<long>($"select count(*) from slack.slack_events", CancellationToken.None);

    /// <summary>Waits until everything that was taken is dealt with.</summary>
    public Task SettledAsync() => TestHost.EventuallyAsync(
        async () => await Host.Get<Database>().Write.ValueAsync<long>(
            $"select count(*) from slack.slack_events where not processed", CancellationToken.None) == 0,
        "every event of Slack is handled");

    private sealed class NoSpam : IMessageScreen
    {
        public ValueTask<Verdict> ScreenAsync(InboundEvent message, Entity entity, Member member, CancellationToken ct) =>
            new(message.Text?.Contains("spam", StringComparison.Ordinal) == true
                ? new Verdict(VerdictKind.Block, 7, Text: "No spam here.")
                : Verdict.Pass);

        public NpgsqlBatchCommand? Count(IReadOnlyList<Ruling> rulings, InboxClaims claims) => null;
    }
}

public sealed class SocketHost : SlackHost
{
    protected override IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["Platforms:Slack:BotToken"] = Slack.BotToken,
        ["Platforms:Slack:AppToken"] = Slack.AppToken,
    };

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await TestHost.EventuallyAsync(() => Task.FromResult(Slack.Sockets == 1), "the socket is open");
    }
}

/// <summary>Three sockets at once.</summary>
public sealed class ManySocketsHost : SlackHost
{
    protected override IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["Platforms:Slack:BotToken"] = Slack.BotToken,
        ["Platforms:Slack:AppToken"] = Slack.AppToken,
        ["Platforms:Slack:Connections"] = "3",
    };
}

public sealed class EventsHost : SlackHost
{
    protected override IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["Platforms:Slack:BotToken"] = Slack.BotToken,
        ["Platforms:Slack:SigningSecret"] = Slack.SigningSecret,
        ["Platforms:Slack:ClientId"] = Slack.ClientId,
        ["Platforms:Slack:ClientSecret"] = Slack.ClientSecret,
        ["Platforms:Slack:Transport"] = "events",
    };

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Slack.RequestUrl = new Uri(Host.Address, "platforms/slack/");

        // The machine may be busy with other things.
        Slack.AnswerWithin = TimeSpan.FromSeconds(20);
        Slack.RetryAfter = [TimeSpan.Zero, TimeSpan.FromMilliseconds(100)];
    }
}

internal sealed class Witness : IActivityHook
{
    public ConcurrentQueue<InboundEvent> Events { get; } = new();

    public ValueTask RecordAsync(InboundEvent e, Entity entity, Member member, CancellationToken ct)
    {
        Events.Enqueue(e);
        return default;
    }

    public async Task<InboundEvent> SawAsync(Func<InboundEvent, bool> which)
    {
        await TestHost.EventuallyAsync(() => Task.FromResult(Events.Any(which)), "the event came through");
        return Events.First(which);
    }
}
