using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Rookery.Router.Tests.Remote;

public sealed class RemoteRetryTests(RemoteHost host) : IClassFixture<RemoteHost>, IAsyncLifetime
{
    private LoopbackServer _module = null!;

    public async ValueTask InitializeAsync() => _module = await LoopbackServer.StartAsync();

    public ValueTask DisposeAsync() => _module.DisposeAsync();

    [Theory]
    [InlineData("POST", 500)]
    [InlineData("POST", 503)]
    [InlineData("GET", 502)]
    [InlineData("POST", 429)]
    public async Task A_failing_target_is_tried_again_under_the_same_key(string method, int status)
    {
        AnswerThen(status, 2);

        var (answer, row) = await CallAsync(method);

        TestHost.Lines(answer).ShouldBe(["there"]);
        (row["retry_count"]!.GetValue<int>(), row["status"]!.GetValue<string>()).ShouldBe((2, "success"));
        _module.Requests.Select(r => r.Headers["Idempotency-Key"])
            .Distinct(StringComparer.Ordinal)
            .ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Three_tries_are_all()
    {
        AnswerThen(503, 100);

        var (_, row) = await CallAsync();

        _module.Requests.Count.ShouldBe(3);
        (row["retry_count"]!.GetValue<int>(), row["response_status"]!.GetValue<int>()).ShouldBe((2, 503));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(404)]
    [InlineData(409)]
    [InlineData(307)]
    public async Task What_would_be_the_same_again_is_not_tried_again(int status)
    {
        AnswerThen(status, 100);

        var (_, row) = await CallAsync();

        _module.Requests.Count.ShouldBe(1);
        row["retry_count"]!.GetValue<int>().ShouldBe(0);
    }

    [Fact]
    public async Task A_wait_that_the_target_asks_for_is_kept_where_it_fits_and_the_call_given_up_where_not()
    {
        AnswerThen(429, 1, retryAfter: "1");
        var times = new List<DateTimeOffset>();
        var answerer = _module.Answer;
        _module.Answer = http =>
        {
            times.Add(TimeProvider.System.GetUtcNow());
            return answerer(http);
        };
        var (_, row) = await CallAsync();
        row["retry_count"]!.GetValue<int>().ShouldBe(1);
        (times[1] - times[0]).ShouldBeGreaterThan(TimeSpan.FromMilliseconds(900));

        AnswerThen(429, 100, retryAfter: "3600");
        _module.Requests.Clear();
        var (answer, given) = await CallAsync();
        _module.Requests.Count.ShouldBe(1);
        given["response_status"]!.GetValue<int>().ShouldBe(429);
        TestHost.Lines(answer)[0].ShouldContain("busy");
    }

    [Fact]
    public async Task A_target_that_takes_no_connection_is_tried_again()
    {
        var (answer, row) = await CallAsync(url: $"http://127.0.0.1:{ClosedPort()}/");

        (row["status"]!.GetValue<string>(), row["response_status"]!.GetValue<int>(), row["retry_count"]!.GetValue<int>()).ShouldBe(("failed", 502, 2));
        answer["error"]!.GetValue<string>().ShouldBe("The target does not accept connections.");
        var all = answer.ToJsonString();
        new[] { "127.0.0.1", "Exception", "refused (", "Socket" }.ShouldAllBe(
            text => !all.Contains(text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("POST", 1)]
    [InlineData("PATCH", 1)]
    [InlineData("GET", 3)]
    [InlineData("PUT", 3)]
    [InlineData("DELETE", 3)]
    public async Task A_call_that_ran_out_of_time_is_repeated_only_where_that_does_no_harm(string method, int tries)
    {
        _module.Answer = http => Task.Delay(Timeout.Infinite, http.RequestAborted);

        var (answer, row) = await CallAsync(method, timeout: 1);

        _module.Requests.Count.ShouldBe(tries);
        (row["status"]!.GetValue<string>(), row["response_status"]!.GetValue<int>(), row["retry_count"]!.GetValue<int>()).ShouldBe(("failed", 504, tries - 1));
        row["completed_at"].ShouldNotBeNull();
        TestHost.Lines(answer)[0].ShouldContain("took too long");
    }

    [Fact]
    public async Task A_body_that_drips_runs_out_of_time_too()
    {
        _module.Answer = async http =>
        {
            while (!http.RequestAborted.IsCancellationRequested)
            {
                await http.Response.WriteAsync("x", http.RequestAborted);
                await http.Response.Body.FlushAsync(http.RequestAborted);
                await Task.Delay(20, http.RequestAborted);
            }
        };

        var (_, row) = await CallAsync(timeout: 1);

        row["response_status"]!.GetValue<int>().ShouldBe(504);
    }

    [Fact]
    public async Task A_private_address_that_is_not_listed_is_never_called()
    {
        _module.Json("""{"chat_message":"inside"}""");
        foreach (var form in new[] { $"http://[::ffff:7f00:1]:{_module.Address.Port}/", $"http://0.0.0.0:{_module.Address.Port}/", "http://169.254.169.254/latest" })
        {
            if (form.Contains("ffff", StringComparison.Ordinal))
            {
                // The same address in another spelling is the listed one.
                TestHost.Lines((await CallAsync(url: form)).Answer).ShouldBe(["inside"]);
                _module.Requests.Clear();
                continue;
            }

            var (_, row) = await CallAsync(url: form);
            (row["response_status"]!.GetValue<int>(), row["retry_count"]!.GetValue<int>()).ShouldBe((502, 0));
            row["error_message"]!.GetValue<string>().ShouldContain("Http:AllowedPrivateHosts");
            _module.Requests.ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task Five_failures_in_a_row_and_the_target_is_left_alone()
    {
        AnswerThen(500, 100);
        var (_, name) = await host.AddCommandAsync(_module.Address.ToString());

        await host.SayAsync($"!{name}");
        var last = await host.RowAsync(await host.SayAsync($"!{name}"));
        var refused = await host.SayAsync($"!{name}");

        _module.Requests.Count.ShouldBe(5);
        (last["response_status"]!.GetValue<int>(), last["retry_count"]!.GetValue<int>()).ShouldBe((500, 1));
        var row = await host.RowAsync(refused);
        row["response_status"]!.GetValue<int>().ShouldBe(503);
        row["error_message"]!.GetValue<string>().ShouldContain("circuit open");
        TestHost.Lines(refused)[0].ShouldContain("cannot be reached");
    }

    private void AnswerThen(int status, int times, string? retryAfter = null)
    {
        var left = times;
        _module.Answer = http =>
        {
            var fails = Interlocked.Decrement(ref left) >= 0;
            http.Response.StatusCode = fails ? status : 200;
            http.Response.Headers.Location = "/elsewhere";
            if (fails && retryAfter is not null)
            {
                http.Response.Headers.RetryAfter = retryAfter;
            }

            return http.Response.WriteAsync("there");
        };
    }

    private async Task<(JsonObject Answer, JsonObject Row)> CallAsync(
        string method = "POST", string? url = null, int timeout = 10)
    {
        var (_, name) = await host.AddCommandAsync(url ?? _module.Address.ToString(), method: method, timeout: timeout);
        var answer = await host.SayAsync($"!{name}");
        return (answer, await host.RowAsync(answer));
    }

    private static int ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
