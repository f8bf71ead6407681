namespace Rookery.Platforms.Tests.Slack;

public sealed class ManySocketsTests(ManySocketsHost fixture) : IClassFixture<ManySocketsHost>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_come_over_all_of_them_and_each_is_answered_once_even_while_sockets_break()
    {
        await TestHost.EventuallyAsync(() => Task.FromResult(fixture.Slack.Sockets == 3), "three sockets are open");
        fixture.Slack.AnswerWithin = TimeSpan.FromMilliseconds(500);
        fixture.Slack.RetryAfter = [.. Enumerable.Repeat(TimeSpan.FromMilliseconds(100), 20)];

        var saying = Enumerable.Range(0, 30).Select(i => fixture.Slack.SayAsync($"CM{i}", "U1", "!ping", null, Ct)).ToList();
        await Task.WhenAny(saying);
        fixture.Slack.Drop();
        fixture.Slack.Deafen(5);
        await Task.WhenAll(saying);

        for (var i = 0; i < 30; i++)
        {
            await fixture.SaysAsync($"CM{i}", "Pong!");
        }
    }
}
