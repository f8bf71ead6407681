using System.Collections.Concurrent;
using Rookery.Kernel.Data;

namespace Rookery.Kernel.Tests.Data;

public sealed class ChangeFeedTests(FreshDatabase database) : IClassFixture<FreshDatabase>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_changed_row_is_told_by_its_key_to_the_listeners_of_its_topic()
    {
        var feed = await database.ListenAsync();
        var (communities, entities) = (new ConcurrentQueue<string>(), new ConcurrentQueue<string>());
        feed.On("communities", communities.Enqueue);
        feed.On("entities", entities.Enqueue);

        var id = await database.Db.Write.ValueAsync<long>(
            $"insert into kernel.communities (name) values ('Told') returning id", Ct);
        await TestHost.EventuallyAsync(
            () => Task.FromResult(communities.Contains(id.ToString(System.Globalization.CultureInfo.InvariantCulture))),
            "the key is told");
        entities.Where(k => k.Length > 0).ShouldBeEmpty();
        await feed.StopAsync(Ct);
    }

    [Fact]
    public async Task A_change_that_is_rolled_back_is_never_told()
    {
        var feed = await database.ListenAsync();
        var told = new ConcurrentQueue<string>();
        feed.On("communities", told.Enqueue);
        var undone = 0L;
        await Should.ThrowAsync<InvalidOperationException>(database.Db.TransactionAsync(
            async t =>
            {
                undone = await t.ValueAsync<long>(
                    $"insert into kernel.communities (name) values ('Undone') returning id", Ct);
                throw new InvalidOperationException();
            },
            Ct));
        var kept = await database.Db.Write.ValueAsync<long>(
            $"insert into kernel.communities (name) values ('Kept') returning id", Ct);
        await TestHost.EventuallyAsync(() => Task.FromResult(told.Contains($"{kept}")), "the later change is told");
        told.ShouldNotContain($"{undone}");
        await feed.StopAsync(Ct);
    }

    [Fact]
    public async Task After_a_lost_connection_every_topic_is_told_that_anything_may_have_changed()
    {
        var node = new Node(Guid.NewGuid(), ["test"]);
        using var feed = new ChangeFeed(database.Source, node, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<ChangeFeed>.Instance);
        await feed.StartAsync(Ct);
        await feed.Listening.WaitAsync(TimeSpan.FromSeconds(10), Ct);
        var (a, b) = (0, 0);
        feed.On("a", key => Interlocked.Add(ref a, key.Length == 0 ? 1 : 0));
        feed.On("b", key => Interlocked.Add(ref b, key.Length == 0 ? 1 : 0));

        await database.Db.Write.ExecuteAsync(
            $"select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and ((classid::bigint << 32) | objid::bigint) = {node.LockKey}", Ct);
        await TestHost.EventuallyAsync(
            () => Task.FromResult(Volatile.Read(ref a) > 0 && Volatile.Read(ref b) > 0), "both topics are told");

        // It listens again, and it holds the lock again by which others see that the node lives.
        var again = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        feed.On("communities", key => again.TrySetResult(key));
        await database.Db.Write.ExecuteAsync($"insert into kernel.communities (name) values ('Again')", Ct);
        (await again.Task.WaitAsync(TimeSpan.FromSeconds(10), Ct)).ShouldNotBeEmpty();
        (await database.Db.Write.ValueAsync<long>(
            $"select count(*) from pg_locks where locktype = 'advisory' and granted and ((classid::bigint << 32) | objid::bigint) = {node.LockKey}", Ct)).ShouldBe(1);
        await feed.StopAsync(Ct);
    }

    [Fact]
    public async Task A_listener_that_fails_does_not_keep_the_others_from_hearing()
    {
        var feed = await database.ListenAsync();
        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        feed.On("communities", _ => throw new InvalidOperationException("I fail."));
        feed.On("communities", _ => heard.TrySetResult());
        await database.Db.Write.ExecuteAsync($"insert into kernel.communities (name) values ('Heard')", Ct);
        await heard.Task.WaitAsync(TimeSpan.FromSeconds(10), Ct);
        await feed.StopAsync(Ct);
    }
}
