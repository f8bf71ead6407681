namespace Rookery.Platforms.Tests.Slack;

/// <summary>Connections that end without notice. Each in a host of its own, for Slack lets an app open only some in a minute.</summary>
public sealed class SocketLossTests : IAsyncLifetime
{
    private readonly SocketHost _host = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _host.InitializeAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_connection_that_breaks_is_replaced()
    {
        await OpenAsync(1);
        var opened = _host.Slack.Calls("apps.connections.open");

        _host.Slack.Drop();

        await ReplacedAsync(opened);
        await _host.Slack.SayAsync("C22", "U1", "!ping", null, Ct);
        await _host.SaysAsync("C22", "Pong!");
    }

    [Fact]
    public async Task A_failure_to_open_is_tried_again()
    {
        await OpenAsync(1);
        var opened = _host.Slack.Calls("apps.connections.open");
        _host.Slack.Fail("apps.connections.open", new(503));
        _host.Slack.Fail("apps.connections.open", new(200, "internal_error"));
        _host.Slack.Drop();

        await TestHost.EventuallyAsync(
            () => Task.FromResult(_host.Slack.Sockets == 1 && _host.Slack.Calls("apps.connections.open") >= opened + 3), "the socket is open again");
        await _host.Slack.SayAsync("C23", "U1", "!ping", null, Ct);
        await _host.SaysAsync("C23", "Pong!");
    }

    [Theory]
    [InlineData("too_many_websockets", "C24")]
    [InlineData("link_disabled", "C25")]
    public async Task What_Slack_shuts_is_left_and_tried_again_later(string reason, string channel)
    {
        await OpenAsync(1);
        var opened = _host.Slack.Calls("apps.connections.open");

        await _host.Slack.DisconnectAsync(reason, Ct);

        await ReplacedAsync(opened);
        await _host.Slack.SayAsync(channel, "U1", "!ping", null, Ct);
        await _host.SaysAsync(channel, "Pong!");
    }

    private Task ReplacedAsync(int opened) => TestHost.EventuallyAsync(
        () => Task.FromResult(_host.Slack.Sockets == 1 && _host.Slack.Calls("apps.connections.open") > opened), "another socket is open");

    private Task OpenAsync(int count) => TestHost.EventuallyAsync(
        () => Task.FromResult(_host.Slack.Sockets == count), $"{count} sockets are open");
}
