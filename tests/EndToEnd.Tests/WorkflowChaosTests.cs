using Rookery.Bench;

namespace Rookery.EndToEnd.Tests;

public sealed class WorkflowChaosTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Every_run_that_was_accepted_ends_once_and_does_everything_once_though_the_server_is_killed_twenty_times()
    {
        using var chaos = new WorkflowChaosBench();
        var result = await chaos.RunAsync(
            kills: 20, Path.Combine(AppContext.BaseDirectory, "rookery.dll"), output.WriteLine, TestContext.Current.CancellationToken);

        output.WriteLine(result.ToString());
        result.Accepted.ShouldBeGreaterThan(100);
        result.TakenOver.ShouldBeGreaterThan(20);
        result.Clean.ShouldBeTrue(result.ToString());
    }
}
