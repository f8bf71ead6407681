using System.Net.Http.Json;
using Microsoft.Extensions.Configuration;
using Rookery.Kernel.Data;
using Rookery.Platforms.Twitch;
using Rookery.Simulators.Twitch;

namespace Rookery.Platforms.Tests.Twitch;

/// <summary>Channels, spread over nodes.</summary>
public class TwoNodesTests : IAsyncLifetime
{
    protected static readonly string[] Channels = ["100", "101", "102"];
    private Cluster _nodes = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    protected TwitchSimulator Twitch { get; } = new();

    protected virtual string Chat => "eventsub";

    /// <summary>A node that serves all channels.</summary>
    protected async Task<TestHost> FirstAsync()
    {
        var first = await _nodes.AddAsync();
        await SetUpAsync(first);
        await Cluster.HoldAsync(first, Channels.Length + 1);
        return first;
    }

    protected Task<TestHost> SecondAsync() => _nodes.AddAsync();

    public async ValueTask InitializeAsync()
    {
        await Twitch.StartAsync(0, CancellationToken.None);
        Twitch.Accounts.Add(TwitchHost.Bot, "rookerybot");
        foreach (var channel in Channels)
        {
            Twitch.Accounts.Add(channel, $"streamer{channel}");
            Twitch.Chat.Moderated[channel] = true;
        }

        _nodes = new Cluster(new Dictionary<string, string?>(Twitch.Settings(TwitchHost.Bot), StringComparer.Ordinal)
        {
            ["Platforms:Twitch:ReconcileEvery"] = "00:00:01",
            ["Platforms:Twitch:ChatTransport"] = Chat,
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _nodes.DisposeAsync();
        await Twitch.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Channels_are_spread_and_a_killed_nodes_are_served_elsewhere_while_its_own_sockets_have_no_effect()
    {
        var first = await FirstAsync();
        var second = await SecondAsync();
        await Cluster.HoldAsync(first, 2);
        await Cluster.HoldAsync(second, 2);
        await AnsweredAsync(1);

        await Cluster.KillAsync(first);
        await Cluster.HoldAsync(second, Channels.Length + 1);
        await AnsweredAsync(2);
    }

    private async Task SetUpAsync(TestHost node)
    {
        node.Get<IConfiguration>()["PublicBaseUrl"] = node.Address.AbsoluteUri;
        Twitch.Accounts.LogsIn = TwitchHost.Bot;
        using var browser = new HttpClient();
        using var login = await browser.GetAsync(new Uri(node.Address, "/platforms/twitch/login?as=bot"), Ct);
        login.IsSuccessStatusCode.ShouldBeTrue();
        foreach (var channel in Channels)
        {
            using var added = await node.Http.PostAsJsonAsync("/api/v1/twitch/channels", new { login = $"streamer{channel}" }, Ct);
            added.IsSuccessStatusCode.ShouldBeTrue(await added.Content.ReadAsStringAsync(Ct));
        }
    }

    /// <summary>Whoever serves a channel answers there, once; a person repeats what found nobody listening.</summary>
    private async Task AnsweredAsync(int round)
    {
        foreach (var channel in Channels)
        {
            var user = round * 1000;
            await TestHost.EventuallyAsync(
                async () =>
                {
                    var before = Said(channel);
                    await Twitch.Chat.SayAsync(channel, $"{user++}", "!ping");
                    await Task.Delay(400, Ct);
                    return Said(channel) > before;
                },
                $"somebody listens in {channel}");
            await SettledAsync();
            var answers = Said(channel);
            await Twitch.Chat.SayAsync(channel, $"{user}", "!ping");
            await TestHost.EventuallyAsync(() => Task.FromResult(Said(channel) > answers), $"{channel} is answered in");
            await SettledAsync();
            Said(channel).ShouldBe(answers + 1);
        }
    }

    private int Said(string channel) => Twitch.Ledger.Said(channel).Count;

    private Task SettledAsync() => TestHost.EventuallyAsync(
        async () => await _nodes[1].Get<Database>().Write.ValueAsync<long>(
            $"select count(*) from twitch.twitch_events where not processed", Ct) == 0,
        "every event is handled");
}

/// <summary>The same with the talk over IRC: each node is in the channels it holds.</summary>
public sealed class TwoIrcNodesTests : TwoNodesTests
{
    protected override string Chat => "irc";

    [Fact]
    public async Task A_channel_whose_claim_is_lost_is_left_by_its_old_node_and_entered_by_the_new_one()
    {
        var first = await FirstAsync();
        await InAllAsync("the first is in all channels");
        Twitch.Irc.Lines.ShouldNotContain(l => l.StartsWith("PART", StringComparison.Ordinal));

        var second = await SecondAsync();
        await Cluster.HoldAsync(second, 2);
        await Cluster.HoldAsync(first, 2);

        var given = Channels.Where(c => second.Get<ChannelClaims>().Holds(c)).ToList();
        given.ShouldNotBeEmpty();
        await TestHost.EventuallyAsync(
            () => Task.FromResult(given.TrueForAll(c => Twitch.Irc.Lines.Contains($"PART #streamer{c}")) && Twitch.Irc.Standing == 2),
            "what was given up is left");
        await InAllAsync("one node is in each");
        given.ShouldAllBe(c => !first.Get<ChannelClaims>().Holds(c));
    }

    private Task InAllAsync(string what) =>
        TestHost.EventuallyAsync(() => Task.FromResult(Channels.All(c => Twitch.Irc.In(c) == 1)), what);
}
