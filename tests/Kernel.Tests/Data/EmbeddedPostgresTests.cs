using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Rookery.Kernel.Data;

namespace Rookery.Kernel.Tests.Data;

/// <summary>A real cluster in a folder whose name would trouble a shell; the tests leave it stopped.</summary>
public sealed class EmbeddedPostgresTests(EmbeddedPostgresTests.Folder folder) : IClassFixture<EmbeddedPostgresTests.Folder>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Cluster => Path.Combine(folder.Path, "postgres", "cluster");

    [Fact]
    public async Task What_was_written_is_there_after_a_restart()
    {
        var postgres = await StartAsync();
        var text = Guid.NewGuid().ToString();
        await RunAsync(postgres, $"create table if not exists kept (text text); insert into kept values ('{text}')");
        EmbeddedPostgres.ConnectionStringOf(folder.Path).ShouldBe(postgres.ConnectionString);
        await postgres.StopAsync(Ct);
        EmbeddedPostgres.ConnectionStringOf(folder.Path).ShouldBeNull();

        postgres = await StartAsync();
        (await RunAsync(postgres, "select text from kept order by ctid desc limit 1")).ShouldBe(text);
        (await RunAsync(postgres, "show fsync")).ShouldBe("on");
        await postgres.StopAsync(Ct);
    }

    [Fact]
    public async Task A_server_left_running_by_a_killed_host_is_adopted()
    {
        var first = await StartAsync();
        var pid = Pid();
        var second = await StartAsync();
        Pid().ShouldBe(pid);
        second.ConnectionString.ShouldBe(first.ConnectionString);
        await second.StopAsync(Ct);
    }

    [Fact]
    public async Task A_server_that_died_is_started_again_under_its_address()
    {
        var postgres = await StartAsync();
        var connection = postgres.ConnectionString;
        await RunAsync(postgres, "create table if not exists survived (id int); insert into survived values (1)");
        (await postgres.ReviveAsync(Ct)).ShouldBeFalse();
        Process.GetProcessById(int.Parse(Pid(), CultureInfo.InvariantCulture)).Kill();
        await TestHost.EventuallyAsync(() => Task.FromResult(!Postmaster.IsRunning(Cluster)), "the server is dead");

        await TestHost.EventuallyAsync(ReviveAsync, "the server is started again");
        postgres.ConnectionString.ShouldBe(connection);
        (await RunAsync(postgres, "select count(*)::text from survived")).ShouldNotBe("0");
        await postgres.StopAsync(Ct);

        // Processes of the dead server may hold its memory for a moment, so that the first try is refused.
        async Task<bool> ReviveAsync()
        {
            try
            {
                return await postgres.ReviveAsync(Ct);
            }
            catch (InvalidOperationException)
            {
                return false;
            }
        }
    }

    [Fact]
    public async Task A_lock_file_that_names_a_process_of_somebody_else_does_not_stop_the_start()
    {
        await (await StartAsync()).StopAsync(Ct);
        await File.WriteAllTextAsync(
            Path.Combine(Cluster, "postmaster.pid"), $"{Environment.ProcessId}\n{Cluster}\n1\n", Ct);
        Postmaster.IsRunning(Cluster).ShouldBeFalse();
        await (await StartAsync()).StopAsync(Ct);
    }

    [Fact]
    public async Task A_cluster_of_another_version_is_refused_with_the_cure()
    {
        await (await StartAsync()).StopAsync(Ct);
        var file = Path.Combine(Cluster, "PG_VERSION");
        var version = await File.ReadAllTextAsync(file, Ct);
        await File.WriteAllTextAsync(file, "14\n", Ct);
        var error = await Should.ThrowAsync<InvalidOperationException>(StartAsync());
        error.Message.ShouldContain("made by PostgreSQL 14");
        error.Message.ShouldContain("ROOKERY_POSTGRES_BIN");
        await File.WriteAllTextAsync(file, version, Ct);
    }

    [Fact]
    public async Task A_cluster_whose_password_is_lost_is_kept_and_refused()
    {
        await (await StartAsync()).StopAsync(Ct);
        var file = Path.Combine(folder.Path, "postgres", "server.json");
        File.Move(file, file + ".away");
        (await Should.ThrowAsync<InvalidOperationException>(StartAsync())).Message.ShouldContain(file);
        Directory.Exists(Cluster).ShouldBeTrue();
        File.Move(file + ".away", file);
        await (await StartAsync()).StopAsync(Ct);
    }

    [Fact]
    public async Task Clusters_that_start_together_get_ports_of_their_own()
    {
        using var other = new Folder();
        var both = await Task.WhenAll(StartAsync(), EmbeddedPostgres.StartAsync(other.Path, _ => { }, Ct));
        both.Select(p => new NpgsqlConnectionStringBuilder(p.ConnectionString).Port).Distinct().Count().ShouldBe(2);
        foreach (var postgres in both)
        {
            await RunAsync(postgres, "select 1");
            await postgres.StopAsync(Ct);
        }
    }

    private Task<EmbeddedPostgres> StartAsync() => EmbeddedPostgres.StartAsync(folder.Path, _ => { }, Ct);

    private string Pid() => File.ReadLines(Path.Combine(Cluster, "postmaster.pid")).First();

    private static async Task<string?> RunAsync(EmbeddedPostgres postgres, string sql)
    {
        await using var source = NpgsqlDataSource.Create(postgres.ConnectionString + ";Pooling=false");
        await using var command = source.CreateCommand(sql);
        return (await command.ExecuteScalarAsync(Ct))?.ToString();
    }

    public sealed class Folder : IDisposable
    {
        public string Path { get; } = System.IO.Path.Combine(
            System.IO.Path.GetTempPath(), $"rookery it's $HOME {Guid.NewGuid():N}");

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
