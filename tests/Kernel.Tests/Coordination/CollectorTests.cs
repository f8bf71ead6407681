using Rookery.Kernel.Chat;
using Rookery.Kernel.Coordination;
using Rookery.Kernel.Data;

namespace Rookery.Kernel.Tests.Coordination;

public sealed class CollectorTests(FreshDatabase database) : IClassFixture<FreshDatabase>, IAsyncLifetime
{
    private readonly StepClock _clock = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private Session Db => database.Db.Write;

    public async ValueTask InitializeAsync()
    {
        await Db.ExecuteAsync($"delete from kernel.coordination", Ct);
        await Db.ExecuteAsync($"delete from kernel.collector_modules", Ct);
    }

    public ValueTask DisposeAsync() => default;

    [Fact]
    public async Task Every_collector_has_a_row_of_its_own()
    {
        await using var one = await Worker.StartAsync(database, _clock);
        await using var two = await Worker.StartAsync(database, _clock);

        await one.RunAsync();
        await two.RunAsync();

        (await Db.ListAsync($"select module_name from kernel.collector_modules", r => r.GetString(0), Ct)).Order(StringComparer.Ordinal)
            .ShouldBe(new[] { $"twitch@{one.Name}", $"twitch@{two.Name}" }.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_missed_heartbeat_is_noticed()
    {
        await using var gone = await Worker.StartAsync(database, _clock);
        await using var here = await Worker.StartAsync(database, _clock);
        await gone.RunAsync();

        _clock.Advance(TimeSpan.FromMinutes(1.5));
        await here.RunAsync();
        (await StatusAsync(gone)).ShouldBe("active");
        _clock.Advance(TimeSpan.FromMinutes(1));
        await here.RunAsync();

        (await StatusAsync(gone)).ShouldBe("inactive");
        (await StatusAsync(here)).ShouldBe("active");
        await gone.RunAsync();
        (await StatusAsync(gone)).ShouldBe("active", "it is back");
    }

    [Fact]
    public async Task Three_failures_are_an_error_others_take_over_and_success_ends_it()
    {
        await using var ill = await Worker.StartAsync(database, _clock);
        await ill.Claims.OfferAsync(Platform.Twitch, [.. Enumerable.Range(1, 3).Select(n => new ChannelId(Platform.Twitch, null, $"{n}"))], Ct);
        ill.Claimant.Failure = new InvalidOperationException("no network");
        await ill.RunAsync();
        await ill.RunAsync();
        await ill.RunAsync();
        (await StatusAsync(ill)).ShouldBe("error");

        await using var well = await Worker.StartAsync(database, _clock);
        _clock.Advance(TimeSpan.FromSeconds(30));
        await well.RunAsync();
        well.Claimant.Running.Count.ShouldBe(3);

        ill.Claimant.Failure = null;
        _clock.Advance(TimeSpan.FromMinutes(1));
        await ill.RunAsync();
        await well.RunAsync();
        await ill.RunAsync();
        (await StatusAsync(ill)).ShouldBe("active");
        ill.Claimant.Running.Count(c => c.IsHeld).ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_node_that_stops_says_so()
    {
        await using var worker = await Worker.StartAsync(database, _clock);
        await worker.RunAsync();

        await worker.Keeper.StopAsync(Ct);

        (await StatusAsync(worker)).ShouldBe("inactive");
    }

    [Fact]
    public async Task A_servers_last_activity_is_written_in_batches()
    {
        var servers = new Servers(database.Db, _clock);
        await servers.SeenAsync(Platform.Discord, "g1", null, null, Ct);
        await servers.SeenAsync(Platform.Discord, "g1", null, "discord:7", Ct);
        servers.Active(new ChannelId(Platform.Discord, "g1", "c1"));
        servers.Active(new ChannelId(Platform.Discord, "g1", "c2"));
        (await ActivityAsync()).ShouldBeNull();

        await servers.RunAsync(Ct);

        (await ActivityAsync()).ShouldBe(_clock.GetUtcNow());
        _clock.Advance(TimeSpan.FromMinutes(1));
        await servers.RunAsync(Ct);
        (await ActivityAsync()).ShouldBe(_clock.GetUtcNow().AddMinutes(-1));
        (await Db.ValueAsync<string>($"select owner from kernel.servers where server_id = 'g1'", Ct)).ShouldBe("discord:7");
    }

    [Theory]
    [InlineData(7, 3, new[] { 3, 2, 2 })]
    [InlineData(2, 3, new[] { 1, 1, 0 })]
    [InlineData(0, 1, new[] { 0 })]
    public void Shares_add_up(int rows, int nodes, int[] shares)
    {
        string[] names = [.. Enumerable.Range(0, nodes).Select(n => $"n{n}")];
        names.Select(n => Collectors.Share(rows, names, n)).ShouldBe(shares);
    }

    private Task<string> StatusAsync(Worker worker) =>
        Db.ValueAsync<string>($"select status from kernel.collector_modules where module_name = {$"twitch@{worker.Name}"}", Ct);

    private async Task<DateTimeOffset?> ActivityAsync() => (await Db.ListAsync(
        $"select last_activity from kernel.servers where server_id = 'g1'",
        r => r.IsDBNull(0) ? (DateTimeOffset?)null : r.GetFieldValue<DateTimeOffset>(0),
        Ct)).Single();
}
