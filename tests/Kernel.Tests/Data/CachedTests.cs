using Rookery.Kernel.Data;

namespace Rookery.Kernel.Tests.Data;

public sealed class CachedTests(FreshDatabase database) : IClassFixture<FreshDatabase>, IAsyncLifetime
{
    private ChangeFeed _feed = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _feed = await database.ListenAsync();

    public async ValueTask DisposeAsync() => await _feed.StopAsync(Ct);

    [Fact]
    public async Task A_reading_that_a_change_overtakes_is_not_kept()
    {
        var readings = new List<TaskCompletionSource<string>>();
        var cached = new Cached<string>(_feed, "communities", _ => Begin(readings));
        var first = cached.GetAsync(7, Ct).AsTask();
        cached.Forget(7);
        readings[0].SetResult("old");
        (await first).ShouldBe("old");

        var second = cached.GetAsync(7, Ct).AsTask();
        readings.Count.ShouldBe(2);
        readings[1].SetResult("new");
        (await second).ShouldBe("new");
        (await cached.GetAsync(7, Ct)).ShouldBe("new");
    }

    [Fact]
    public async Task Callers_at_once_share_one_reading_and_one_that_gives_up_leaves_it_to_the_others()
    {
        var readings = new List<TaskCompletionSource<string>>();
        var cached = new Cached<string>(_feed, "communities", _ => Begin(readings));
        using var impatient = new CancellationTokenSource();
        var one = cached.GetAsync(1, impatient.Token).AsTask();
        var two = cached.GetAsync(1, Ct).AsTask();
        await impatient.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(one);
        readings[0].SetResult("read");

        (await two).ShouldBe("read");
        (await cached.GetAsync(1, Ct)).ShouldBe("read");
        readings.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_reading_that_failed_is_tried_again()
    {
        var readings = 0;
        var cached = new Cached<string>(
            _feed,
            "communities",
            async _ =>
            {
                await Task.Yield();
                return readings++ == 0 ? throw new TimeoutException() : "read";
            });

        await Should.ThrowAsync<TimeoutException>(cached.GetAsync(1, Ct).AsTask());
        (await cached.GetAsync(1, Ct)).ShouldBe("read");
    }

    [Fact]
    public async Task What_changed_in_the_database_is_read_anew_and_its_neighbours_are_not()
    {
        var ids = await database.Db.Write.ListAsync(
            $"insert into kernel.communities (name) values ('Changes'), ('Stays') returning id", r => r.GetInt64(0), Ct);
        var readings = new System.Collections.Concurrent.ConcurrentQueue<long>();
        var cached = new Cached<long>(
            _feed,
            "communities",
            key =>
            {
                readings.Enqueue(key);
                return Task.FromResult(key);
            });
        foreach (var id in ids)
        {
            await cached.GetAsync(id, Ct);
        }

        await TestHost.EventuallyAsync(
            async () =>
            {
                await database.Db.Write.ExecuteAsync($"update kernel.communities set updated_at = now() where id = {ids[0]}", Ct);
                await cached.GetAsync(ids[0], Ct);
                await cached.GetAsync(ids[1], Ct);
                return readings.Count(r => r == ids[0]) > 1;
            },
            "the changed one is read anew");
        readings.Count(r => r == ids[1]).ShouldBeLessThanOrEqualTo(2);
    }

    private static Task<string> Begin(List<TaskCompletionSource<string>> readings)
    {
        readings.Add(new TaskCompletionSource<string>());
        return readings[^1].Task;
    }
}
