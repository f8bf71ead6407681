using System.Reflection;
using System.Text;
using Npgsql;
using Rookery.Host;
using Rookery.Kernel.Data;

namespace Rookery.Kernel.Tests.Data;

/// <summary>Each test has an empty database of its own.</summary>
public sealed class MigratorTests : IAsyncLifetime
{
    private const string One = "20260101_000000_one.sql";
    private const string Two = "20260102_000000_two.sql";
    private string _connection = "";
    private NpgsqlDataSource _source = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _connection = await TestPostgres.CreateDatabaseAsync(migrated: false);
        _source = Server.Source(_connection, "test");
    }

    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        await TestPostgres.DropDatabaseAsync(_connection);
    }

    [Fact]
    public async Task Each_file_is_applied_once_and_in_the_order_of_the_versions()
    {
        var owners = Owners((Two, "insert into one values (2)"), (One, "create table one (id int)"));
        (await Migrator().ApplyAsync(owners, Ct)).ShouldBe(["test/" + One, "test/" + Two]);
        (await Migrator().ApplyAsync(owners, Ct)).ShouldBeEmpty();
        (await CountAsync("one")).ShouldBe(1);
    }

    [Fact]
    public async Task What_was_applied_is_on_record()
    {
        await Migrator().ApplyAsync(Owners((One, "create table one (id int)")), Ct);
        var row = (await new Database(_source).Write.ListAsync(
            $"select version, description, owner, length(checksum), execution_time_ms >= 0 from kernel.schema_migrations",
            r => (r.GetString(0), r.GetString(1), r.GetString(2), r.GetInt32(3), r.GetBoolean(4)),
            Ct)).Single();
        row.ShouldBe(("20260101_000000", "one", "test", 64, true));
    }

    [Fact]
    public async Task A_file_that_was_changed_after_it_was_applied_is_named()
    {
        await Migrator().ApplyAsync(Owners((One, "create table one (id int)")), Ct);
        var changed = Owners((One, "create table one (id bigint)"), (Two, "create table two (id int)"));
        var error = await Should.ThrowAsync<InvalidOperationException>(Migrator().ApplyAsync(changed, Ct));
        error.Message.ShouldContain("test/" + One);
        await Should.ThrowAsync<PostgresException>(CountAsync("two"));
    }

    [Fact]
    public async Task Other_line_ends_are_no_change()
    {
        await Migrator().ApplyAsync(Owners((One, "create table one (\n id int)")), Ct);
        (await Migrator().ApplyAsync(Owners((One, "create table one (\r\n id int)")), Ct)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_file_that_fails_leaves_nothing_and_the_ones_before_it_stay()
    {
        var owners = Owners((One, "create table one (id int)"), (Two, "create table two (id int); select 1 / 0"));
        await Should.ThrowAsync<PostgresException>(Migrator().ApplyAsync(owners, Ct));
        (await CountAsync("one")).ShouldBe(0);
        await Should.ThrowAsync<PostgresException>(CountAsync("two"));

        // Nothing is left locked: the mended file goes in.
        (await Migrator().ApplyAsync(Owners((One, "create table one (id int)"), (Two, "create table two (id int)")), Ct)).ShouldBe(["test/" + Two]);
    }

    [Fact]
    public async Task Hosts_that_start_together_apply_each_file_once()
    {
        var owners = Owners(
            (One, "create table one (id int); select pg_sleep(0.2)"), (Two, "insert into one values (1)"));
        var applied = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Migrator().ApplyAsync(owners, Ct)));
        applied.Sum(a => a.Count).ShouldBe(2);
        (await CountAsync("one")).ShouldBe(1);
    }

    [Fact]
    public async Task Two_files_of_one_version_are_refused()
    {
        var owners = Owners((One, "select 1")).Concat(
            [new SchemaOwner("other", new Files(("20260101_000000_else.sql", "select 1")))]);
        (await Should.ThrowAsync<InvalidOperationException>(Migrator().ApplyAsync(owners, Ct))).Message.ShouldContain(
            "other/20260101_000000_else.sql");
    }

    [Fact]
    public async Task What_waits_and_what_a_newer_build_applied_are_told()
    {
        var older = Owners((One, "create table one (id int)"));
        var newer = Owners((One, "create table one (id int)"), (Two, "create table two (id int)"));
        (await Migrator().PendingAsync(newer, Ct)).ShouldBe(["test/" + One, "test/" + Two]);
        await Migrator().ApplyAsync(newer, Ct);
        (await Migrator().PendingAsync(newer, Ct)).ShouldBeEmpty();
        (await Migrator().UnknownAsync(older, Ct)).ShouldBe(["20260102_000000"]);
        (await Migrator().ApplyAsync(older, Ct)).ShouldBeEmpty();
    }

    private static IReadOnlyList<SchemaOwner> Owners(params (string Name, string Text)[] files) =>
        [new SchemaOwner("test", new Files(files))];

    private Migrator Migrator() => Server.MigratorOf(_source);

    private Task<long> CountAsync(string table)
    {
        var db = new Database(_source);
        return table == "one"
            ? db.Write.ValueAsync<long>($"select count(*) from one", Ct)
            : db.Write.ValueAsync<long>($"select count(*) from two", Ct);
    }

    /// <summary>An assembly with these migration files in it.</summary>
    private sealed class Files(params (string Name, string Text)[] files) : Assembly
    {
        public override AssemblyName GetName() => new("Test");

        public override string[] GetManifestResourceNames() => [.. files.Select(f => $"Test.Migrations.{f.Name}")];

        public override Stream? GetManifestResourceStream(string name) =>
            new MemoryStream(Encoding.UTF8.GetBytes(files.Single(f => $"Test.Migrations.{f.Name}" == name).Text));
    }
}
