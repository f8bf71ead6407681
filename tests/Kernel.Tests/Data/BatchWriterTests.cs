using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Rookery.Kernel.Data;

namespace Rookery.Kernel.Tests.Data;

public sealed class BatchWriterTests(FreshDatabase database) : IClassFixture<FreshDatabase>, IAsyncLifetime
{
    private sealed record Row(int Id, string Text = "");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await database.Db.Write.ExecuteAsync(
            $"create table if not exists public.batch (id int primary key check (id >= 0), text text)", Ct);
        await database.Db.Write.ExecuteAsync($"truncate public.batch", Ct);
    }

    public ValueTask DisposeAsync() => default;

    [Fact]
    public async Task A_caller_waits_for_the_commit_of_its_row()
    {
        await using var writer = Writer(InsertAsync);
        for (var i = 0; i < 20; i++)
        {
            await writer.WriteAsync(new Row(i));
            (await CountAsync()).ShouldBe(i + 1);
        }
    }

    [Fact]
    public async Task Rows_that_wait_together_share_a_transaction()
    {
        var gate = new TaskCompletionSource();
        var batches = new List<int>();
        await using var writer = Writer(async (connection, rows, ct) =>
        {
            await gate.Task;
            batches.Add(rows.Count);
            await InsertAsync(connection, rows, ct);
        });
        var all = Enumerable.Range(0, 300).Select(i => writer.WriteAsync(new Row(i))).ToList();
        gate.SetResult();
        await Task.WhenAll(all);

        (await CountAsync()).ShouldBe(300);
        batches.Count.ShouldBeLessThanOrEqualTo(3);
    }

    [Fact]
    public async Task A_bad_row_fails_alone()
    {
        await using var writer = Writer(InsertAsync);
        var tasks = Enumerable.Range(0, 100).Select(i => writer.WriteAsync(new Row(i is 37 or 38 ? -i : i))).ToList();
        await Should.ThrowAsync<PostgresException>(tasks[37]);
        await Should.ThrowAsync<PostgresException>(tasks[38]);
        await Task.WhenAll(tasks.Where((_, i) => i is not (37 or 38)));
        (await CountAsync()).ShouldBe(98);
    }

    [Fact]
    public async Task A_row_that_cannot_even_be_sent_fails_alone()
    {
        await using var writer = Writer(InsertAsync);
        var tasks = Enumerable.Range(0, 20)
            .Select(i => writer.WriteAsync(new Row(i, i == 7 ? "half \ud83d" : "whole")))
            .ToList();
        (await Should.ThrowAsync<Exception>(tasks[7])).ShouldNotBeOfType<StorageUnavailableException>();
        await Task.WhenAll(tasks.Where((_, i) => i != 7));
        (await CountAsync()).ShouldBe(19);
    }

    [Fact]
    public async Task Beyond_its_capacity_callers_are_refused_at_once()
    {
        var gate = new TaskCompletionSource();
        await using var writer = Writer(
            async (connection, rows, ct) =>
            {
                await gate.Task;
                await InsertAsync(connection, rows, ct);
            },
            maxRows: 1,
            capacity: 4);
        var tasks = Enumerable.Range(0, 50).Select(i => writer.WriteAsync(new Row(i))).ToList();
        var refused = tasks.Where(t => t.IsFaulted).ToList();
        refused.Count.ShouldBeGreaterThanOrEqualTo(44);
        await Should.ThrowAsync<StorageUnavailableException>(refused[0]);

        gate.SetResult();
        await Task.WhenAll(tasks.Except(refused));
        (await CountAsync()).ShouldBe(50 - refused.Count);
    }

    [Fact]
    public async Task An_outage_is_told_to_everybody_who_waited_and_the_next_rows_are_written()
    {
        var broken = false;
        await using var writer = Writer(async (connection, rows, ct) =>
        {
            if (!broken)
            {
                broken = true;
                await using var end = new NpgsqlCommand("select pg_terminate_backend(pg_backend_pid())", connection);
                await end.ExecuteNonQueryAsync(ct);
            }

            await InsertAsync(connection, rows, ct);
        });
        await Should.ThrowAsync<StorageUnavailableException>(writer.WriteAsync(new Row(1)));
        await writer.WriteAsync(new Row(2));
        (await CountAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task A_database_that_is_not_there_is_unavailable()
    {
        await using var nowhere = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Username=nobody;Timeout=2");
        await using var writer = new BatchWriter<Row>(new Database(nowhere), InsertAsync, NullLogger.Instance);
        await Should.ThrowAsync<StorageUnavailableException>(writer.WriteAsync(new Row(1)));
    }

    [Fact]
    public async Task Disposing_writes_what_waits_and_refuses_what_comes_later()
    {
        var gate = new TaskCompletionSource();
        var writer = Writer(
            async (connection, rows, ct) =>
            {
                await gate.Task;
                await InsertAsync(connection, rows, ct);
            },
            maxRows: 8);
        var tasks = Enumerable.Range(0, 60).Select(i => writer.WriteAsync(new Row(i))).ToList();
        var disposing = writer.DisposeAsync();
        await Should.ThrowAsync<StorageUnavailableException>(writer.WriteAsync(new Row(1000)));
        gate.SetResult();
        await disposing;

        tasks.ShouldAllBe(t => t.IsCompletedSuccessfully);
        (await CountAsync()).ShouldBe(60);
    }

    [Fact]
    public async Task Callers_of_a_writer_that_syncs_apart_wait_for_the_disk()
    {
        // The cluster of the tests waits for no disk unless it is told to.
        await using var source = NpgsqlDataSource.Create(database.ConnectionString + ";Options=-c synchronous_commit=on");
        await using var writer = new BatchWriter<Row>(new Database(source), InsertAsync, NullLogger.Instance, syncApart: true);
        for (var i = 0; i < 20; i++)
        {
            var before = await database.Db.Write.ValueAsync<string>($"select pg_current_wal_insert_lsn()::text", Ct);
            await writer.WriteAsync(new Row(i));
            (await database.Db.Write.ValueAsync<bool>(
                $"select pg_current_wal_flush_lsn() > {before}::pg_lsn and exists (select from public.batch where id = {i})", Ct)).ShouldBeTrue();
        }

        await Should.ThrowAsync<PostgresException>(writer.WriteAsync(new Row(-1)));
        (await CountAsync()).ShouldBe(20);
    }

    [Fact]
    public async Task What_may_have_been_forgotten_before_it_was_on_disk_is_not_said_to_be_there()
    {
        var end = false;
        await using var writer = new BatchWriter<Row>(
            database.Db,
            async (connection, rows, ct) =>
            {
                await InsertAsync(connection, rows, ct);
                if (end)
                {
                    // As when the database crashes: every connection of before is lost.
                    await database.Db.Write.ExecuteAsync(
                        $"select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like '%pg_logical_emit%' and pid <> pg_backend_pid()", ct);
                }
            },
            NullLogger.Instance,
            syncApart: true);
        await writer.WriteAsync(new Row(1));
        end = true;
        await Should.ThrowAsync<StorageUnavailableException>(writer.WriteAsync(new Row(2)));
        end = false;
        await writer.WriteAsync(new Row(3));
    }

    [Fact]
    public async Task Several_writers_write_every_row_once()
    {
        await using var writer = Writer(InsertAsync, maxRows: 16, writers: 4);
        await Task.WhenAll(Enumerable.Range(0, 500).Select(i => writer.WriteAsync(new Row(i))));
        (await CountAsync()).ShouldBe(500);
    }

    private BatchWriter<Row> Writer(
        Func<NpgsqlConnection, IReadOnlyList<Row>, CancellationToken, Task> flush, int maxRows = 512, int capacity = 16_384, int writers = 1) =>
        new(database.Db, flush, NullLogger.Instance, maxRows, capacity, writers);

    private static async Task InsertAsync(NpgsqlConnection connection, IReadOnlyList<Row> rows, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("insert into public.batch select * from unnest($1, $2)", connection)
        {
            Parameters =
            {
                new NpgsqlParameter<int[]> { TypedValue = [.. rows.Select(r => r.Id)] },
                new NpgsqlParameter<string[]> { TypedValue = [.. rows.Select(r => r.Text)] },
            },
        };
        await command.ExecuteNonQueryAsync(ct);
    }

    private Task<long> CountAsync() => database.Db.Write.ValueAsync<long>($"select count(*) from public.batch", Ct);
}
