namespace Rookery.Platforms.Tests.Slack;

/// <summary>Connections that Slack asks to leave.</summary>
public sealed class SocketRefreshTests(SocketHost fixture) : IClassFixture<SocketHost>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("warning", "C20")]
    [InlineData("refresh_requested", "C21")]
    public async Task Before_a_connection_ends_the_next_is_open(string reason, string channel)
    {
        await OpenAsync(1);
        await fixture.Slack.DisconnectAsync(reason, Ct);

        // The old one is not closed by Slack yet, so both stand.
        await OpenAsync(2);
        await fixture.Slack.SayAsync(channel, "U1", "!ping", null, Ct);
        await fixture.SaysAsync(channel, "Pong!");
        fixture.Slack.Drop();
        await OpenAsync(1);
    }

    private Task OpenAsync(int count) => TestHost.EventuallyAsync(
        () => Task.FromResult(fixture.Slack.Sockets == count), $"{count} sockets are open");
}
