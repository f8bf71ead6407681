using Rookery.Simulators.Slack;

namespace Rookery.Platforms.Tests.Slack;

/// <summary>The app's sockets, spread over nodes.</summary>
public sealed class TwoNodesTests : IAsyncLifetime
{
    private readonly SlackSimulator _slack = new();
    private Cluster _nodes = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _slack.StartAsync(0, CancellationToken.None);
        _slack.AddUser(new SlackUser("U1", "Ada", IsAdmin: true));
        _slack.AnswerWithin = TimeSpan.FromMilliseconds(500);
        _slack.RetryAfter = [.. Enumerable.Repeat(TimeSpan.FromMilliseconds(100), 30)];
        _nodes = new Cluster(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Platforms:Slack:ApiBaseUrl"] = new Uri(_slack.Address, "api/").AbsoluteUri,
            ["Platforms:Slack:BotToken"] = _slack.BotToken,
            ["Platforms:Slack:AppToken"] = _slack.AppToken,
            ["Platforms:Slack:Connections"] = "2",
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _nodes.DisposeAsync();
        await _slack.DisposeAsync();
    }

    [Fact]
    public async Task Sockets_are_spread_and_a_killed_nodes_are_opened_elsewhere_while_its_own_have_no_effect()
    {
        var first = await _nodes.AddAsync();
        await Cluster.HoldAsync(first, 2);
        var second = await _nodes.AddAsync();
        await Cluster.HoldAsync(first, 1);
        await Cluster.HoldAsync(second, 1);
        await TestHost.EventuallyAsync(() => Task.FromResult(_slack.Sockets == 2), "each has a socket");
        await AnsweredAsync("CA");

        await Cluster.KillAsync(first);
        await Cluster.HoldAsync(second, 2);
        for (var i = 0; i < 6; i++)
        {
            await AnsweredAsync($"CB{i}");
        }

        await TestHost.EventuallyAsync(() => Task.FromResult(_slack.Sockets == 2), "the one that lost its claim closed its socket");
    }

    private async Task AnsweredAsync(string channel)
    {
        await _slack.SayAsync(channel, "U1", "!ping", null, Ct);
        await TestHost.EventuallyAsync(
            () => Task.FromResult(_slack.Ledger.Said(channel).SequenceEqual(["Pong!"], StringComparer.Ordinal)),
            $"{channel} has one answer; it has {_slack.Ledger.Said(channel).Count}");
    }
}
