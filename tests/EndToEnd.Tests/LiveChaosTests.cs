using Rookery.Bench.Live;

namespace Rookery.EndToEnd.Tests;

[Collection("chaos")]
public sealed class LiveChaosTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Every_guild_gets_one_post_of_a_stream_while_the_server_is_killed_and_calls_fail()
    {
        var result = await LiveChaos.RunAsync(
            guilds: 300,
            kills: 3,
            failRate: 0.05,
            Path.Combine(AppContext.BaseDirectory, "rookery.dll"),
            output.WriteLine,
            TestContext.Current.CancellationToken);

        output.WriteLine(result.ToString());
        result.Posts.ShouldBe(300);
        result.Clean.ShouldBeTrue(result.ToString());
    }
}
