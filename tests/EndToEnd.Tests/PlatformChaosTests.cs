using Rookery.Bench.Platforms;

namespace Rookery.EndToEnd.Tests;

public sealed class PlatformChaosTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Every_command_is_answered_at_most_once_and_every_post_made_while_platforms_misbehave_and_nodes_are_killed()
    {
        var result = await PlatformsBench.RunAsync(
            length: TimeSpan.FromSeconds(40),
            killEvery: TimeSpan.FromSeconds(11),
            Path.Combine(AppContext.BaseDirectory, "rookery.dll"),
            output.WriteLine,
            TestContext.Current.CancellationToken);

        output.WriteLine(result.ToString());
        result.Kills.ShouldBeGreaterThan(1);
        result.Answered.ShouldBeGreaterThan(50);
        result.Posts.ShouldBeGreaterThan(20);
        result.Resumed.ShouldBeGreaterThan(0);
        result.InvalidRequests.ShouldBeLessThan(1000);
        result.Clean.ShouldBeTrue($"{result}\n{string.Join('\n', result.Wrong)}");
    }
}
