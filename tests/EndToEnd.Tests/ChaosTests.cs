using Rookery.Bench;

namespace Rookery.EndToEnd.Tests;

[Collection("chaos")]
public sealed class ChaosTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Nothing_acknowledged_is_lost_or_doubled_when_the_server_is_killed_twenty_times_and_the_database_once()
    {
        using var chaos = new ChaosBench();
        var result = await chaos.RunAsync(
            kills: 20, outage: TimeSpan.FromSeconds(3), Program, output.WriteLine, TestContext.Current.CancellationToken);

        output.WriteLine(result.ToString());
        result.Acknowledged.ShouldBeGreaterThan(100);
        result.Promised.ShouldBeGreaterThan(20);
        result.Unavailable.ShouldBeGreaterThan(0);
        result.Clean.ShouldBeTrue(result.ToString());
    }

    private static string Program => Path.Combine(AppContext.BaseDirectory, "rookery.dll");
}
