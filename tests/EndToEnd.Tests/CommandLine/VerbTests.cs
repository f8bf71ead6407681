using Npgsql;
using Rookery.Kernel.Data;

namespace Rookery.EndToEnd.Tests.CommandLine;

/// <summary>The verbs on a server of the user's, which here is the shared test server.</summary>
public sealed class VerbTests : IAsyncLifetime
{
    private string _database = "";
    private NpgsqlDataSource _source = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private Dictionary<string, string> Environment =>
        new(StringComparer.Ordinal) { ["ConnectionStrings__Primary"] = _database };

    public async ValueTask InitializeAsync()
    {
        _database = await TestPostgres.CreateDatabaseAsync(migrated: false);
        _source = Host.Server.Source(_database, "test");
    }

    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        await TestPostgres.DropDatabaseAsync(_database);
    }

    [Fact]
    public async Task An_empty_database_is_migrated_verified_and_gets_a_key()
    {
        var early = await RunAsync("keys", "list");
        early.ExitCode.ShouldBe(1);
        early.Output.ShouldContain("./run migrate");

        (await RunAsync("migrate")).Output.ShouldContain("applied  kernel/20261120_080000_kernel.sql");
        (await RunAsync("migrate")).Output.ShouldContain("every migration already");
        (await RunAsync("schema", "verify")).ExitCode.ShouldBe(0);
        (await RunAsync("nodes")).Output.ShouldContain("last check-in");
        (await RunAsync("nodes", "--claims")).Output.ShouldContain("last error");

        var made = await RunAsync(
            "keys",
            "create",
            "a bot",
            "--scopes",
            "events:write,commands:read",
            "--community",
            "1",
            "--rate",
            "60",
            "--expires",
            "12h");
        made.ExitCode.ShouldBe(0);
        var row = (await new Database(_source).Write.ListAsync(
            $"""
            select id, name, scopes, community_id, rate_per_minute, expires_at - created_at,
                (select count(*) from kernel.audit_log where action = 'api_key.created') from kernel.api_keys
            """,
            r =>
                (
                    r.GetGuid(0),
                    r.GetString(1),
                    string.Join(',', r.GetFieldValue<string[]>(2)),
                    r.GetInt64(3),
                    r.GetInt32(4),
                    r.GetTimeSpan(5),
                    r.GetInt64(6)),
            Ct)).Single();
        (row.Item2, row.Item3, row.Item4, row.Item5, row.Item7).ShouldBe(
            ("a bot", "events:write,commands:read", 1, 60, 1));
        row.Item6.ShouldBe(TimeSpan.FromHours(12), TimeSpan.FromSeconds(1));

        (await RunAsync("keys", "revoke", $"{row.Item1}")).ExitCode.ShouldBe(0);
        (await RunAsync("keys", "revoke", $"{row.Item1}")).ExitCode.ShouldBe(1);
        (await RunAsync("keys", "list")).Output.ShouldContain("revoked");
    }

    [Theory]
    [InlineData("--scopes takes", "keys", "create", "x", "--scopes", "everything")]
    [InlineData("is no duration", "keys", "create", "x", "--scopes", "admin", "--expires", "soon")]
    [InlineData("--rate takes", "keys", "create", "x", "--scopes", "admin", "--rate", "-1")]
    [InlineData("is no name", "keys", "create", "", "--scopes", "admin")]
    [InlineData("is no id of a key", "keys", "revoke", "rk_6a401")]
    [InlineData("--port takes", "serve", "--port", "99999")]
    [InlineData("'--scopes' is required", "keys", "create", "x")]
    [InlineData("is no option of chat", "chat", "--nonsense")]
    [InlineData("is no option", "migrate", "--frobnicate")]
    [InlineData("is no option", "serve", "now")]
    [InlineData("--roles takes", "serve", "--roles", "cook")]
    public async Task What_is_wrong_is_said_in_one_line_with_the_cure(string error, params string[] arguments)
    {
        var (code, output) = await RunAsync(arguments);
        code.ShouldBe(1);
        output.ShouldContain(error);
        output.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task A_structure_changed_by_hand_stops_the_start_and_is_shown()
    {
        await RunAsync("migrate");
        await new Database(_source).Write.ExecuteAsync($"alter table kernel.nodes drop column host", Ct);

        var verify = await RunAsync("schema", "verify");
        verify.ExitCode.ShouldBe(1);
        verify.Output.ShouldContain("- column kernel.nodes.host text not null");

        var folder = Directory.CreateTempSubdirectory("rookery-drift").FullName;
        var start = await RunAsync("serve", "--data", folder, "--port", "0");
        start.ExitCode.ShouldBe(1);
        start.Output.ShouldContain("- column kernel.nodes.host text not null");
        start.Output.ShouldContain("--Schema:AllowDrift=true");

        var doctor = await RunAsync("doctor", "--data", folder);
        doctor.ExitCode.ShouldBe(1);
        doctor.Output.ShouldContain("1 lines differ");
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_database_that_cannot_be_reached_is_said_so()
    {
        _database = "Host=127.0.0.1;Port=1;Username=nobody";
        var (code, output) = await RunAsync("migrate");
        code.ShouldBe(1);
        output.ShouldContain("The database cannot be reached: Failed to connect to 127.0.0.1:1");
        (await RunAsync("doctor", "--data", "/nowhere")).ExitCode.ShouldBe(1);
        _database = await TestPostgres.CreateDatabaseAsync(migrated: false);
    }

    [Fact]
    public async Task The_structure_is_the_same_on_the_oldest_server_that_is_supported()
    {
        const string Oldest = "/usr/lib/postgresql/15/bin";
        Assert.SkipUnless(Directory.Exists(Oldest), $"PostgreSQL 15 is not installed in {Oldest}.");
        var folder = Directory.CreateTempSubdirectory("rookery-oldest").FullName;
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["ROOKERY_POSTGRES_BIN"] = Oldest };
        (await RookeryProcess.RunAsync(environment, "migrate", "--data", folder)).ExitCode.ShouldBe(0);
        var (code, output) = await RookeryProcess.RunAsync(environment, "schema", "verify", "--data", folder);
        code.ShouldBe(0, output);
        Directory.Delete(folder, recursive: true);
    }

    private Task<(int ExitCode, string Output)> RunAsync(params string[] arguments) =>
        RookeryProcess.RunAsync(Environment, arguments);
}
