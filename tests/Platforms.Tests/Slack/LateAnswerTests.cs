namespace Rookery.Platforms.Tests.Slack;

/// <summary>What a remote module says long after it was called goes where it was asked.</summary>
public sealed class LateAnswerTests(SocketHost fixture) : IClassFixture<SocketHost>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_goes_to_the_address_that_came_with_the_command()
    {
        await using var module = await RemoteModule.StartAsync(fixture.Host, "map", 202);
        fixture.Slack.Close("C90");
        var before = fixture.Slack.Calls("chat.postMessage");
        await fixture.Slack.CommandAsync("/rookery", "#map", "C90", "U1", Ct);

        await module.AnswerAsync("Here it is.");
        await fixture.SaysAsync("C90", "Here it is.");
        await module.AnswerAsync("Not for all.", success: false);

        await TestHost.EventuallyAsync(
            () => Task.FromResult(fixture.Slack.Ledger.All.Any(e => e is { Channel: "C90", Private: true, Text: "Not for all." })), "one is told");
        fixture.Slack.Calls("chat.postMessage").ShouldBe(before);
    }

    [Fact]
    public async Task When_that_address_is_used_up_it_goes_to_the_channel()
    {
        await using var module = await RemoteModule.StartAsync(fixture.Host, "chart", 202);
        var before = fixture.Slack.Calls("chat.postMessage");
        await fixture.Slack.CommandAsync("/rookery", "#chart", "C91", "U1", Ct);
        for (var i = 0; i < 7; i++)
        {
            await module.AnswerAsync($"{i}");
            await fixture.SaysAsync("C91", [.. Enumerable.Range(0, i + 1).Select(n => $"{n}")]);
        }

        fixture.Slack.Calls("chat.postMessage").ShouldBe(before + 2);
    }
}
