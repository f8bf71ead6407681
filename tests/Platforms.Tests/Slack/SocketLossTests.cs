namespace Rookery.Platforms.Tests.Slack;

/// <summary>Connections that end without notice. Few in one host, for Slack lets an app open only some in a minute.</summary>
public sealed class SocketLossTests(SocketHost fixture) : IClassFixture<SocketHost>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_connection_that_breaks_is_replaced()
    {
        await OpenAsync(1);
        var opened = fixture.Slack.Calls("apps.connections.open");

        fixture.Slack.Drop();

        await ReplacedAsync(opened);
        await fixture.Slack.SayAsync("C22", "U1", "!ping", null, Ct);
        await fixture.SaysAsync("C22", "Pong!");
    }

    [Fact]
    public async Task A_failure_to_open_is_tried_again()
    {
        await OpenAsync(1);
        fixture.Slack.Fail("apps.connections.open", new(503));
        fixture.Slack.Fail("apps.connections.open", new(200, "internal_error"));
        fixture.Slack.Drop();

        await TestHost.EventuallyAsync(
            () => Task.FromResult(fixture.Slack.Sockets == 1 && fixture.Slack.Calls("apps.connections.open") >= 4), "the socket is open again");
        await fixture.Slack.SayAsync("C23", "U1", "!ping", null, Ct);
        await fixture.SaysAsync("C23", "Pong!");
    }

    [Theory]
    [InlineData("too_many_websockets", "C24")]
    [InlineData("link_disabled", "C25")]
    public async Task What_Slack_shuts_is_left_and_tried_again_later(string reason, string channel)
    {
        await OpenAsync(1);
        var opened = fixture.Slack.Calls("apps.connections.open");

        await fixture.Slack.DisconnectAsync(reason, Ct);

        await ReplacedAsync(opened);
        await fixture.Slack.SayAsync(channel, "U1", "!ping", null, Ct);
        await fixture.SaysAsync(channel, "Pong!");
    }

    private Task ReplacedAsync(int opened) => TestHost.EventuallyAsync(
        () => Task.FromResult(fixture.Slack.Sockets == 1 && fixture.Slack.Calls("apps.connections.open") > opened), "another socket is open");

    private Task OpenAsync(int count) => TestHost.EventuallyAsync(
        () => Task.FromResult(fixture.Slack.Sockets == count), $"{count} sockets are open");
}
