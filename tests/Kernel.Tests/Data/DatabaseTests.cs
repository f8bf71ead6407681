using Npgsql;
using Rookery.Kernel.Data;

namespace Rookery.Kernel.Tests.Data;

/// <summary>Two databases stand for a primary and a replica, so that a read tells where it went.</summary>
public sealed class DatabaseTests(FreshDatabase primary) : IClassFixture<FreshDatabase>, IAsyncLifetime
{
    private readonly FreshDatabase _replica = new();
    private Database _db = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _replica.InitializeAsync();
        _db = new Database(primary.Source, _replica.Source);
    }

    public ValueTask DisposeAsync() => _replica.DisposeAsync();

    [Fact]
    public async Task Writes_go_to_the_primary_and_reads_to_the_replica()
    {
        (await WhereAsync(_db.Write)).ShouldBe(NameOf(primary));
        (await WhereAsync(_db.Read)).ShouldBe(NameOf(_replica));
    }

    [Fact]
    public async Task Without_a_replica_reads_go_to_the_primary() =>
        (await WhereAsync(primary.Db.Read)).ShouldBe(NameOf(primary));

    [Fact]
    public async Task A_request_reads_its_own_writes()
    {
        using (_db.BeginRequest())
        {
            (await WhereAsync(_db.Read)).ShouldBe(NameOf(_replica));
            await _db.Write.ExecuteAsync($"select 1", Ct);
            (await WhereAsync(_db.Read)).ShouldBe(NameOf(primary));
        }

        (await WhereAsync(_db.Read)).ShouldBe(NameOf(_replica));
    }

    [Fact]
    public async Task A_transaction_counts_as_a_write()
    {
        using var scope = _db.BeginRequest();
        await _db.TransactionAsync(t => t.ExecuteAsync($"select 1", Ct), Ct);
        (await WhereAsync(_db.Read)).ShouldBe(NameOf(primary));
    }

    [Fact]
    public async Task A_write_inside_an_inner_request_is_seen_by_the_outer()
    {
        using var scope = _db.BeginRequest();
        await InnerAsync();
        (await WhereAsync(_db.Read)).ShouldBe(NameOf(primary));

        async Task InnerAsync()
        {
            using var inner = _db.BeginRequest();
            await _db.Write.ExecuteAsync($"select 1", Ct);
        }
    }

    [Fact]
    public async Task Requests_side_by_side_do_not_share_their_writes()
    {
        var wrote = new TaskCompletionSource();
        var read = await Task.WhenAll(WriterAsync(), ReaderAsync());
        read.ShouldBe([NameOf(primary), NameOf(_replica)]);

        async Task<string> WriterAsync()
        {
            using var scope = _db.BeginRequest();
            await _db.Write.ExecuteAsync($"select 1", Ct);
            wrote.SetResult();
            return await WhereAsync(_db.Read);
        }

        async Task<string> ReaderAsync()
        {
            using var scope = _db.BeginRequest();
            await wrote.Task;
            return await WhereAsync(_db.Read);
        }
    }

    [Fact]
    public async Task A_transaction_that_throws_leaves_nothing()
    {
        await Should.ThrowAsync<InvalidOperationException>(_db.TransactionAsync(
            async t =>
            {
                await t.ExecuteAsync($"insert into kernel.communities (name) values ('gone')", Ct);
                throw new InvalidOperationException();
            },
            Ct));
        (await _db.Write.ValueAsync<bool>($"select exists (select from kernel.communities where name = 'gone')", Ct)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_database_that_is_not_there_is_unavailable()
    {
        await using var nowhere = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Username=nobody;Timeout=2");
        var db = new Database(nowhere);
        await Should.ThrowAsync<StorageUnavailableException>(db.Write.ExecuteAsync($"select 1", Ct));
        await Should.ThrowAsync<StorageUnavailableException>(
            db.TransactionAsync(t => t.ExecuteAsync($"select 1", Ct), Ct));
    }

    [Fact]
    public async Task A_connection_that_breaks_is_unavailable_and_a_wrong_statement_is_not()
    {
        await Should.ThrowAsync<StorageUnavailableException>(
            _db.Write.ExecuteAsync($"select pg_terminate_backend(pg_backend_pid())", Ct));
        await Should.ThrowAsync<PostgresException>(_db.Write.ExecuteAsync($"select nothing from nowhere", Ct));
    }

    [Fact]
    public async Task A_hole_is_a_value_and_never_text()
    {
        const string Evil = "'; drop table kernel.communities; --";
        (await _db.Write.ValueAsync<string>($"select {Evil}", Ct)).ShouldBe(Evil);
        (await _db.Write.ValueAsync<int?>($"select {(int?)null}::int", Ct)).ShouldBeNull();
        (await _db.Write.ValueAsync<long>($"select count(*) from unnest({new[] { 1, 2, 3 }}::int[])", Ct)).ShouldBe(3);
    }

    private static Task<string> WhereAsync(Session session) =>
        session.ValueAsync<string>($"select current_database()::text", Ct);

    private static string NameOf(FreshDatabase database) =>
        new NpgsqlConnectionStringBuilder(database.ConnectionString).Database!;
}
