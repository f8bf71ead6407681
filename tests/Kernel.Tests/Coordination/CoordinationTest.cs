using Rookery.Kernel.Chat;
using Rookery.Kernel.Coordination;
using Rookery.Kernel.Data;

namespace Rookery.Kernel.Tests.Coordination;

/// <summary>Rows of Twitch to be claimed, in a database that is empty before each test.</summary>
public abstract class CoordinationTest(FreshDatabase database) : IClassFixture<FreshDatabase>, IAsyncLifetime
{
    private protected StepClock Clock { get; } = new();

    private protected FreshDatabase Database => database;

    protected Session Db => database.Db.Write;

    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await Db.ExecuteAsync($"delete from kernel.coordination", Ct);
        await Db.ExecuteAsync($"delete from kernel.collector_modules", Ct);
        await Db.ExecuteAsync($"delete from kernel.servers", Ct);
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return default;
    }

    protected static ChannelId Channel(int n) => new(Platform.Twitch, null, $"{n}");

    private protected Task<Worker> StartAsync(CoordinationOptions? options = null) => Worker.StartAsync(database, Clock, options);

    private protected static Task OfferAsync(Worker worker, int rows) =>
        worker.Claims.OfferAsync(Platform.Twitch, [.. Enumerable.Range(1, rows).Select(Channel)], Ct);

    private protected static async Task RoundsAsync(params Worker[] workers)
    {
        for (var i = 0; i < 3; i++)
        {
            foreach (var worker in workers)
            {
                await worker.RunAsync();
            }
        }
    }

    protected Task SetAsync(int n, int priority, int viewers, int quiet, bool live = false) => Db.ExecuteAsync(
        $"""
        update kernel.coordination set priority = {priority}, viewer_count = {viewers}, is_live = {live},
            last_activity = {Clock.GetUtcNow().AddHours(-quiet)}
        where entity_id = {Channel(n).ToString()}
        """,
        Ct);

    /// <summary>By row; "" where nobody holds it.</summary>
    protected async Task<IDictionary<string, string>> HoldersAsync() => (await Db.ListAsync(
        $"select entity_id, coalesce(claimed_by, '') from kernel.coordination", r => (r.GetString(0), r.GetString(1)), Ct))
        .ToDictionary(r => r.Item1, r => r.Item2, StringComparer.Ordinal);
}
