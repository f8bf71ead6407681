using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Rookery.Kernel.Data;

namespace Rookery.EndToEnd.Tests.CommandLine;

/// <summary>The program with its own database, from its first start on.</summary>
public sealed partial class ServeTests : IAsyncLifetime
{
    private readonly string _data = Directory.CreateTempSubdirectory("rookery-serve").FullName;

    private string[] Serve => ["serve", "--data", _data, "--port", "0"];

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_data, recursive: true);
        return default;
    }

    [Fact]
    public async Task A_server_is_started_used_left_in_peace_mended_and_stopped()
    {
        await using var server = RookeryProcess.Start(Serve);
        await server.SaysAsync("Ctrl-C stops it.");
        var ready = Ready().Match(server.Output);
        using var http = new HttpClient { BaseAddress = new Uri(ready.Groups["address"].Value) };
        http.DefaultRequestHeaders.Add("X-API-Key", ready.Groups["key"].Value);
        (await http.GetAsync("/healthz", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.OK);

        // A second one in the same folder is refused.
        var second = await RookeryProcess.RunAsync(Serve);
        second.ExitCode.ShouldBe(1);
        second.Output.ShouldContain($"Rookery already runs with the data folder {_data}.");

        // The other verbs work beside it.
        var keys = await RookeryProcess.RunAsync(
            "keys", "create", "second", "--scopes", "events:write", "--expires", "30d", "--data", _data);
        keys.Output.ShouldContain("rk_");
        var doctor = await RookeryProcess.RunAsync(
            "doctor", "--data", _data, "--port", http.BaseAddress.Port.ToString(CultureInfo.InvariantCulture));
        doctor.ExitCode.ShouldBe(0, doctor.Output);
        doctor.Output.ShouldContain("this Rookery answers on it");

        // A database that dies is started again under the same address.
        using (var postgres = Process.GetProcessById(int.Parse(File.ReadLines(Path.Combine(_data, "postgres", "cluster", "postmaster.pid")).First(), CultureInfo.InvariantCulture)))
        {
            postgres.Kill();
        }

        await server.SaysAsync("was started again");
        (await RookeryProcess.RunAsync("keys", "list", "--data", _data)).Output.ShouldContain("second");

        await server.TerminateAsync();
        (await server.EndAsync()).ShouldBe(0);
        EmbeddedPostgres.ConnectionStringOf(_data).ShouldBeNull();
    }

    [Fact]
    public async Task A_killed_server_leaves_a_database_that_the_next_start_adopts()
    {
        await using (var killed = RookeryProcess.Start(Serve))
        {
            await killed.SaysAsync("Ctrl-C stops it.");
        }

        EmbeddedPostgres.ConnectionStringOf(_data).ShouldNotBeNull();
        await using var server = RookeryProcess.Start(Serve);
        await server.SaysAsync("Ctrl-C stops it.");
        server.Output.ShouldNotContain("admin key");
        await server.TerminateAsync();
        (await server.EndAsync()).ShouldBe(0);
        EmbeddedPostgres.ConnectionStringOf(_data).ShouldBeNull();
    }

    [GeneratedRegex("ready: (?<address>http://[^/]+)/#key=(?<key>rk_[0-9a-f]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Ready();
}
