using Rookery.Bench.Platforms;

namespace Rookery.EndToEnd.Tests;

[Collection("chaos")]
public sealed class PlatformChaosTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("sockets", 40)]
    [InlineData("webhooks", 35)]
    [InlineData("irc", 35)]
    public async Task Every_command_is_answered_at_most_once_and_every_post_made_while_platforms_misbehave_and_nodes_are_killed(
        string transports, int seconds)
    {
        var result = await PlatformsBench.RunAsync(
            Enum.Parse<Transports>(transports, ignoreCase: true),
            length: TimeSpan.FromSeconds(seconds),
            disturbEvery: TimeSpan.FromSeconds(7),
            Path.Combine(AppContext.BaseDirectory, "rookery.dll"),
            output.WriteLine,
            TestContext.Current.CancellationToken);

        output.WriteLine(result.ToString());
        result.Kills.ShouldBeGreaterThan(0);
        result.Freezes.ShouldBeGreaterThan(0);
        result.Answered.ShouldBeGreaterThan(50);
        result.Posts.ShouldBeGreaterThan(20);
        result.Resumed.ShouldBeGreaterThan(0);
        result.Holds.ShouldBeGreaterThan(10);
        result.Effects.ShouldBeGreaterThan(10);
        result.Clean.ShouldBeTrue($"{result}\n{string.Join('\n', result.Wrong)}");
    }
}
