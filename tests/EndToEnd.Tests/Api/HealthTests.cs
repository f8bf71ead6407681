using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Rookery.Kernel.Security;

namespace Rookery.EndToEnd.Tests.Api;

[Collection(SharedApi.Name)]
public sealed class HealthTests(TestHost host)
{
    [Fact]
    public async Task A_host_that_runs_is_alive_and_ready()
    {
        using var stranger = host.Client(null);
        (await stranger.GetStringAsync("/healthz", TestContext.Current.CancellationToken)).ShouldBe("ok");

        var ready = await stranger.CallAsync("GET", "/readyz");

        ready["ready"]!.GetValue<bool>().ShouldBeTrue();
        ready["checks"]!.AsObject()
            .Select(c => c.Key)
            .ShouldBe(["database", "migrations", "change_feed", "lanes", "slack_tokens"], ignoreOrder: true);
        ready["checks"]!.AsObject().ShouldAllBe(c => c.Value!["ok"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Without_its_database_a_host_is_alive_and_says_what_to_do()
    {
        await using var lost = new TestHost { ConnectionString = await TestPostgres.CreateDatabaseAsync() };
        await lost.InitializeAsync();
        (await lost.SayAsync("!ping")).Text("outcome").ShouldBe("replied");
        await TestPostgres.DropDatabaseAsync(lost.Database);

        JsonObject checks = [];
        await TestHost.EventuallyAsync(
            async () =>
            {
                using var response = await lost.Http.AskAsync("GET", "/readyz");
                checks =
                    JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["checks"]!.AsObject();
                return (int)response.StatusCode == 503 && !checks["change_feed"]!["ok"]!.GetValue<bool>();
            },
            "the host is not ready");
        checks["database"]!.Text("detail").ShouldContain("ConnectionStrings:Primary");
        checks["migrations"]!["ok"]!.GetValue<bool>().ShouldBeFalse();
        checks["lanes"]!["ok"]!.GetValue<bool>().ShouldBeTrue();

        using var alive = await lost.Http.AskAsync("GET", "/healthz");
        ((int)alive.StatusCode).ShouldBe(200);
        using var refused = await lost.PostEventAsync("!ping");
        ((int)refused.StatusCode).ShouldBe(503);
        refused.Headers.RetryAfter.ShouldNotBeNull();
        using var listing = await lost.Http.AskAsync("GET", "/api/v1/commands");
        ((int)listing.StatusCode).ShouldBe(503);
        (await listing.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldNotContain("Npgsql");
    }

    [Fact]
    public async Task A_host_with_migrations_to_apply_is_not_ready()
    {
        await using var behind = new TestHost();
        await behind.InitializeAsync();
        await behind.Get<Kernel.Data.Database>().Write.ExecuteAsync(
            $"delete from kernel.schema_migrations where version = (select max(version) from kernel.schema_migrations)", TestContext.Current.CancellationToken);

        var answer = await behind.Http.CallAsync("GET", "/readyz", expect: 503);

        answer["checks"]!["migrations"]!.Text("detail").ShouldContain("./run migrate");
    }

    [Fact]
    public async Task Metrics_are_prometheus_text_and_count_what_happens()
    {
        using var reader = await host.ClientAsync(null, Scopes.Metrics);
        await host.SayAsync("!ping");
        var before = await ScrapeAsync(reader);
        await host.SayAsync("!ping");
        var after = await ScrapeAsync(reader);

        const string Replied = "rookery_events_total{outcome=\"replied\"}";
        after[Replied].ShouldBe(before[Replied] + 1);
        const string Runs = "rookery_execution_duration_seconds_count{status=\"success\"}";
        after[Runs].ShouldBe(before[Runs] + 1);
        after["rookery_execution_duration_seconds_bucket{status=\"success\",le=\"+Inf\"}"].ShouldBe(after[Runs]);
        after["rookery_batch_rows_count{row=\"Recording\"}"].ShouldBeGreaterThan(0);
        after["rookery_lanes"].ShouldBeGreaterThan(0);
        after["rookery_events_in_flight"].ShouldBe(0);
        after["dotnet_process_memory_working_set_bytes"].ShouldBeGreaterThan(10_000_000);
        after.Keys.ShouldContain(k => k.StartsWith("dotnet_gc_collections_total{", StringComparison.Ordinal));
        after.Keys.ShouldContain(
            k => k.StartsWith("http_server_request_duration_seconds_bucket{", StringComparison.Ordinal) && k.Contains("/api/v1/events", StringComparison.Ordinal));
        after.Keys.ShouldContain(k => k.StartsWith("db_client_connection_count{", StringComparison.Ordinal));
    }

    /// <summary>
    /// Reads the text as a scraper does: every line is a comment or a sample of a family announced before it, once.
    /// </summary>
    private static async Task<Dictionary<string, double>> ScrapeAsync(HttpClient client)
    {
        using var response = await client.AskAsync("GET", "/metrics");
        response.Content.Headers.ContentType!.ToString().ShouldBe("text/plain; version=0.0.4; charset=utf-8");
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        text.ShouldEndWith("\n");
        var (samples, families) = (
            new Dictionary<string, double>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        var family = "";
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                family = line.Split(' ')[2];
                families.Add(family).ShouldBeTrue(line);
            }
            else if (!line.StartsWith("# HELP ", StringComparison.Ordinal))
            {
                var sample = Regex.Match(
                    line,
                    "^([a-zA-Z_:][a-zA-Z0-9_:]*(?:\\{(?:[a-zA-Z_][a-zA-Z0-9_]*=\"(?:[^\"\\\\]|\\\\.)*\",?)+\\})?) (\\S+)$");
                sample.Success.ShouldBeTrue(line);
                sample.Value.ShouldStartWith(family);
                samples.Add(
                    sample.Groups[1].Value,
                    double.Parse(sample.Groups[2].Value, System.Globalization.CultureInfo.InvariantCulture));
            }
        }

        return samples;
    }
}
