using Npgsql;
using Rookery.Kernel.Data;

namespace Rookery.Kernel.Tests.Data;

public sealed class PartitionsTests(FreshDatabase database) : IClassFixture<FreshDatabase>, IAsyncLifetime
{
    private static readonly DailyTable Table = new("public.daily", 3);
    private readonly ManualClock _clock = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await database.Db.Write.ExecuteAsync($"drop table if exists public.daily", Ct);
        await database.Db.Write.ExecuteAsync(
            $"create table public.daily (at timestamptz not null) partition by range (at)", Ct);
    }

    public ValueTask DisposeAsync() => default;

    [Fact]
    public async Task Yesterday_today_and_a_week_ahead_can_be_written()
    {
        await Make().EnsureAsync(Ct);
        for (var day = -1; day <= 7; day++)
        {
            await WriteAsync(_clock.GetUtcNow().AddDays(day));
        }

        await Should.ThrowAsync<PostgresException>(WriteAsync(_clock.GetUtcNow().AddDays(8)));
        await Should.ThrowAsync<PostgresException>(WriteAsync(_clock.GetUtcNow().AddDays(-2)));
    }

    [Fact]
    public async Task Nodes_that_start_together_make_each_partition_once()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Make().EnsureAsync(Ct)));
        (await PartitionsAsync()).Count.ShouldBe(9);
        await Make().EnsureAsync(Ct);
        (await PartitionsAsync()).Count.ShouldBe(9);
    }

    [Fact]
    public async Task Only_days_older_than_wanted_are_dropped()
    {
        var partitions = Make();
        await partitions.EnsureAsync(Ct);
        _clock.Advance(TimeSpan.FromDays(4));
        await partitions.EnsureAsync(Ct);

        var dropped = await partitions.DropOlderAsync(Table, Table.KeepDays, Ct);

        dropped.ShouldBe(["public.daily_20260228", "public.daily_20260301"]);
        (await PartitionsAsync()).ShouldContain("daily_20260302");
        (await partitions.DropOlderAsync(Table, Table.KeepDays, Ct)).ShouldBeEmpty();
    }

    private Partitions Make() => new(database.Db, [Table], _clock);

    private Task<int> WriteAsync(DateTimeOffset at) =>
        database.Db.Write.ExecuteAsync($"insert into public.daily values ({at})", Ct);

    private Task<IReadOnlyList<string>> PartitionsAsync() => database.Db.Write.ListAsync(
        $"select c.relname::text from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'public.daily'::regclass", r => r.GetString(0), Ct);
}
