using Rookery.Kernel.Data;

namespace Rookery.EndToEnd.Tests;

public sealed class TwoHostsTests
{
    [Fact]
    public async Task Hosts_that_start_together_on_an_empty_database_all_serve()
    {
        var database = await TestPostgres.CreateDatabaseAsync(migrated: false);
        var hosts = Enumerable.Range(0, 3).Select(_ => new TestHost { ConnectionString = database }).ToList();
        await Task.WhenAll(hosts.Select(h => h.InitializeAsync().AsTask()));

        foreach (var (host, i) in hosts.Select((h, i) => (h, i)))
        {
            TestHost.Lines(await host.SayAsync("!ping", messageId: $"m{i}")).ShouldBe(["Pong!"]);
        }

        (await hosts[0].Get<Database>().Write.ValueAsync<long>($"select count(*) from router.command_executions", TestContext.Current.CancellationToken)).ShouldBe(3);
        await Task.WhenAll(hosts.Select(h => h.DisposeAsync().AsTask()));
        await TestPostgres.DropDatabaseAsync(database);
    }
}
