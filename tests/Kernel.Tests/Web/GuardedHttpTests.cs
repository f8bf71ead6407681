using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Web;

namespace Rookery.Kernel.Tests.Web;

public sealed class GuardedHttpTests : IAsyncLifetime
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(10);

    private LoopbackServer _server = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await LoopbackServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_listed_host_is_called_and_its_answer_comes_back()
    {
        _server.Answer = http =>
        {
            http.Response.StatusCode = 201;
            http.Response.Headers["X-Weather"] = "sunny";
            return http.Response.WriteAsync("héllo");
        };
        using var http = Client("127.0.0.1");

        var answer = await http.SendAsync(
            new GuardedRequest(HttpMethod.Post, _server.Address, Long) { Body = """{"a":"ü"}""", Headers = Headers(("X-One", "1")) }, Ct);

        answer.Ok.ShouldBeTrue();
        (answer.Status, answer.Body, answer.Headers["x-weather"]).ShouldBe((201, "héllo", "sunny"));
        var seen = _server.Last;
        (seen.Method, seen.Body, seen.Headers["X-One"], seen.Headers["Content-Type"]).ShouldBe(("POST", """{"a":"ü"}""", "1", "application/json"));
        seen.Headers["User-Agent"].ShouldStartWith("Rookery/");
    }

    [Theory]
    [InlineData("http://127.0.0.1:{0}/")]
    [InlineData("http://localhost:{0}/")]
    [InlineData("http://2130706433:{0}/")]
    [InlineData("http://0177.0.0.1:{0}/")]
    [InlineData("http://0x7f.0.0.1:{0}/")]
    [InlineData("http://127.1:{0}/")]
    [InlineData("http://0.0.0.0:{0}/")]
    [InlineData("http://[::1]:{0}/")]
    [InlineData("http://[::ffff:127.0.0.1]:{0}/")]
    [InlineData("http://[::ffff:7f00:1]:{0}/")]
    [InlineData("http://[::]:{0}/")]
    public async Task A_private_address_is_refused_in_every_spelling(string form)
    {
        _server.Text("inside");
        using var http = Client();

        var answer = await GetAsync(
            http, string.Format(System.Globalization.CultureInfo.InvariantCulture, form, _server.Address.Port));

        answer.Failure.ShouldBe(HttpFailure.Refused);
        answer.Error!.ShouldContain("Http:AllowedPrivateHosts");
        answer.Error!.ShouldNotContain("127.");
        _server.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Digits_of_other_scripts_do_not_spell_an_address()
    {
        using var http = Client();

        var answer = await GetAsync(http, $"http://１２７.０.０.１:{_server.Address.Port}/");

        answer.Failure.ShouldBe(HttpFailure.Connect);
        _server.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_name_that_leads_inside_is_refused_only_at_the_call()
    {
        using var http = Client();

        http.CheckUrl($"http://localhost:{_server.Address.Port}/").ShouldBeNull();
        (await GetAsync(http, $"http://localhost:{_server.Address.Port}/")).Failure.ShouldBe(HttpFailure.Refused);
    }

    [Fact]
    public async Task The_list_takes_names_addresses_and_ports()
    {
        _server.Text("inside");
        var port = _server.Address.Port;
        var url = $"http://127.0.0.1:{port}/";
        foreach (var (entry, reachable) in new[] { ("127.0.0.1", true), ($"127.0.0.1:{port}", true), ($"127.0.0.1:{port + 1}", false), ("127.0.0.2", false), ("localhost", false) })
        {
            using var http = Client(entry);
            (await GetAsync(http, url)).Ok.ShouldBe(reachable, entry);
        }

        using var byName = Client("LOCALHOST");
        (await GetAsync(byName, $"http://localhost:{port}/")).Ok.ShouldBeTrue();
        (await GetAsync(byName, $"http://localhost.:{port}/")).Failure.ShouldNotBe(HttpFailure.Refused);
    }

    [Fact]
    public async Task A_redirect_to_a_private_address_is_refused_before_anything_is_sent()
    {
        await using var inside = await LoopbackServer.StartAsync();
        _server.Answer = http => Redirect(http, inside.Address.ToString());
        using var http = Client($"127.0.0.1:{_server.Address.Port}");

        var answer = await GetAsync(http, _server.Address.ToString());

        answer.Failure.ShouldBe(HttpFailure.Refused);
        inside.Requests.ShouldBeEmpty();
        _server.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_get_follows_three_redirects_and_no_fourth()
    {
        using var http = Client("127.0.0.1");
        _server.Answer = http =>
            http.Request.Path == "/3"
                ? http.Response.WriteAsync("there")
                : Redirect(http, $"/{_server.Requests.Count}");
        (await GetAsync(http, new Uri(_server.Address, "/0").ToString())).Body.ShouldBe("there");

        _server.Answer = http => Redirect(http, "/again");
        var endless = await GetAsync(http, _server.Address.ToString());
        (endless.Failure, endless.Status).ShouldBe((HttpFailure.Redirect, 302));
        _server.Requests.Count.ShouldBe(4 + 4);
    }

    [Fact]
    public async Task Headers_stay_with_the_origin_they_were_made_for()
    {
        await using var other = await LoopbackServer.StartAsync(http => http.Response.WriteAsync("ok"));
        _server.Answer = http => Redirect(http, http.Request.Path == "/" ? "/here" : other.Address.ToString());
        using var http = Client("127.0.0.1");

        await http.SendAsync(
            new GuardedRequest(HttpMethod.Get, _server.Address, Long) { Headers = Headers(("Authorization", "Bearer secret")) },
            Ct);

        _server.Requests.ShouldAllBe(r => r.Headers["Authorization"] == "Bearer secret");
        other.Last.Headers.ContainsKey("Authorization").ShouldBeFalse();
    }

    [Fact]
    public async Task A_post_does_not_follow_a_redirect_and_says_so()
    {
        _server.Answer = http => Redirect(http, "/elsewhere", 307);
        using var http = Client("127.0.0.1");

        var answer = await http.SendAsync(
            new GuardedRequest(HttpMethod.Post, _server.Address, Long) { Body = "{}" }, Ct);

        (answer.Failure, answer.Status).ShouldBe((HttpFailure.Redirect, 307));
        answer.Error!.ShouldContain("POST");
        _server.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_answer_over_the_limit_is_given_up_whether_it_is_announced_or_not()
    {
        using var http = Client("127.0.0.1");
        _server.Text(new string('x', 1024 * 1024));
        (await GetAsync(http, _server.Address.ToString())).Body.Length.ShouldBe(1024 * 1024);

        _server.Answer = http =>
        {
            http.Response.ContentLength = 1024 * 1024 + 1;
            return http.Response.WriteAsync(new string('x', 1024 * 1024 + 1));
        };
        (await GetAsync(http, _server.Address.ToString())).Failure.ShouldBe(HttpFailure.TooLarge);

        _server.Answer = async http =>
        {
            while (!http.RequestAborted.IsCancellationRequested)
            {
                await http.Response.WriteAsync(new string('x', 64 * 1024), http.RequestAborted);
            }
        };
        (await GetAsync(http, _server.Address.ToString())).Failure.ShouldBe(HttpFailure.TooLarge);
    }

    [Fact]
    public async Task A_target_that_never_answers_and_one_that_drips_both_time_out()
    {
        using var http = Client("127.0.0.1");
        _server.Answer = http => Task.Delay(Timeout.Infinite, http.RequestAborted);
        (await GetAsync(http, _server.Address.ToString(), TimeSpan.FromMilliseconds(300))).Failure.ShouldBe(HttpFailure.Timeout);

        _server.Answer = async http =>
        {
            while (!http.RequestAborted.IsCancellationRequested)
            {
                await http.Response.WriteAsync("x", http.RequestAborted);
                await http.Response.Body.FlushAsync(http.RequestAborted);
                await Task.Delay(20, http.RequestAborted);
            }
        };
        (await GetAsync(http, _server.Address.ToString(), TimeSpan.FromMilliseconds(300))).Failure.ShouldBe(HttpFailure.Timeout);
    }

    [Fact]
    public async Task The_caller_giving_up_is_no_answer()
    {
        using var http = Client("127.0.0.1");
        using var given = new CancellationTokenSource();
        _server.Answer = async http =>
        {
            await given.CancelAsync();
            await Task.Delay(Timeout.Infinite, http.RequestAborted);
        };

        await Should.ThrowAsync<OperationCanceledException>(
            http.SendAsync(new GuardedRequest(HttpMethod.Get, _server.Address, Long), given.Token));
    }

    [Fact]
    public async Task A_closed_port_and_an_unknown_name_are_connect_failures_without_the_exceptions_text()
    {
        using var http = Client("127.0.0.1");
        var closed = await GetAsync(http, $"http://127.0.0.1:{ClosedPort()}/");
        (closed.Failure, closed.Error).ShouldBe((HttpFailure.Connect, "The target does not accept connections."));
        (await GetAsync(http, "http://no-such-host.invalid/")).Failure.ShouldBe(HttpFailure.Connect);
    }

    [Theory]
    [InlineData("this is no http\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncut off")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")]
    public async Task Nonsense_on_the_wire_is_a_protocol_failure(string bytes)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var http = Client("127.0.0.1");
        var call = GetAsync(http, $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/");
        using (var client = await listener.AcceptTcpClientAsync(Ct))
        {
            (await client.GetStream().ReadAsync(new byte[4096], Ct)).ShouldBeGreaterThan(0);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(bytes), Ct);
        }

        (await call).Failure.ShouldBe(HttpFailure.Protocol);
    }

    [Fact]
    public async Task A_server_that_speaks_no_tls_is_a_connect_failure()
    {
        using var http = Client("127.0.0.1");
        (await GetAsync(http, $"https://127.0.0.1:{_server.Address.Port}/")).Failure.ShouldBe(HttpFailure.Connect);
    }

    [Fact]
    public async Task Cookies_are_not_kept_and_retry_after_is_read_in_both_forms()
    {
        var clock = new ManualClock();
        using var http = new GuardedHttp(Options.Create(new GuardedHttpOptions { AllowedPrivateHosts = ["127.0.0.1"] }), clock);
        _server.Answer = http =>
        {
            http.Response.StatusCode = 429;
            http.Response.Headers.SetCookie = "a=b";
            http.Response.Headers.RetryAfter = _server.Requests.Count == 1
                ? "7"
                : clock.GetUtcNow().AddMinutes(2).ToString("R", System.Globalization.CultureInfo.InvariantCulture);
            return Task.CompletedTask;
        };

        (await GetAsync(http, _server.Address.ToString())).RetryAfter.ShouldBe(TimeSpan.FromSeconds(7));
        (await GetAsync(http, _server.Address.ToString())).RetryAfter.ShouldBe(TimeSpan.FromMinutes(2));
        _server.Last.Headers.ContainsKey("Cookie").ShouldBeFalse();
    }

    [Theory]
    [InlineData("X-Good", "fine; q=1", true)]
    [InlineData("X-Bad", "a\r\nX-Injected: 1", false)]
    [InlineData("X-Bad", "a\nb", false)]
    [InlineData("X-Bad", "a\0b", false)]
    [InlineData("X-Bad", "ümlaut", false)]
    [InlineData("X Bad", "a", false)]
    [InlineData("X-Bad:", "a", false)]
    [InlineData("", "a", false)]
    [InlineData("Host", "elsewhere", false)]
    [InlineData("content-length", "1", false)]
    [InlineData("Transfer-Encoding", "chunked", false)]
    [InlineData("Connection", "close", false)]
    public async Task A_header_cannot_reach_beyond_its_line(string name, string value, bool goes)
    {
        _server.Text("ok");
        using var http = Client("127.0.0.1");

        (GuardedHttp.CheckHeader(name, value) is null).ShouldBe(goes);
        var answer = await http.SendAsync(
            new GuardedRequest(HttpMethod.Post, _server.Address, Long) { Body = "{}", Headers = Headers((name, value)) },
            Ct);

        answer.Failure.ShouldBe(goes ? null : HttpFailure.Refused);
        _server.Requests.Count.ShouldBe(goes ? 1 : 0);
    }

    [Theory]
    [InlineData("https://example.com/hook?x=1", null)]
    [InlineData("http://10.0.0.7:8080/", null)]
    [InlineData("http://10.0.0.7/", "private")]
    [InlineData("http://[fd00::1]/", "private")]
    [InlineData("http://[::ffff:192.168.0.1]/", "private")]
    [InlineData("http://169.254.169.254/latest/meta-data", "private")]
    [InlineData("http://3232235521/", "private")]
    [InlineData("ftp://example.com/", "http://")]
    [InlineData("file:///etc/passwd", "http://")]
    [InlineData("/etc/passwd", "http://")]
    [InlineData("javascript:alert(1)", "http://")]
    [InlineData("https://user:pass@example.com/", "user name")]
    [InlineData("http:///nowhere", "absolute")]
    [InlineData("example.com", "absolute")]
    [InlineData("", "absolute")]
    [InlineData(null, "absolute")]
    public void A_url_is_checked_without_calling_it(string? url, string? complaint)
    {
        using var http = Client("10.0.0.7:8080");
        if (complaint is null)
        {
            http.CheckUrl(url).ShouldBeNull();
        }
        else
        {
            http.CheckUrl(url).ShouldNotBeNull().ShouldContain(complaint);
        }
    }

    [Theory]
    [InlineData("weather", true)]
    [InlineData("weather:8080", true)]
    [InlineData("10.0.0.1", true)]
    [InlineData("10.0.0.1:80", true)]
    [InlineData("fd00::1", true)]
    [InlineData("[fd00::1]:80", true)]
    [InlineData("http://weather/", false)]
    [InlineData("weather:none", false)]
    [InlineData("weather:0", false)]
    [InlineData("10.0.0.0/8", false)]
    [InlineData("", false)]
    public void An_entry_of_the_list_that_means_nothing_stops_the_start(string entry, bool isGood)
    {
        var options = new GuardedHttpOptions { AllowedPrivateHosts = [entry] };
        options.Validate(new System.ComponentModel.DataAnnotations.ValidationContext(options)).Any().ShouldBe(!isGood);
    }

    private static GuardedHttp Client(params string[] allowed) =>
        new(Options.Create(new GuardedHttpOptions { AllowedPrivateHosts = allowed }), TimeProvider.System);

    private static Task<GuardedResponse> GetAsync(GuardedHttp http, string url, TimeSpan? timeout = null) =>
        http.SendAsync(new GuardedRequest(HttpMethod.Get, new Uri(url), timeout ?? Long), Ct);

    private static Dictionary<string, string> Headers(params (string Name, string Value)[] headers) =>
        headers.ToDictionary(h => h.Name, h => h.Value, StringComparer.OrdinalIgnoreCase);

    private static Task Redirect(HttpContext http, string to, int status = 302)
    {
        http.Response.StatusCode = status;
        http.Response.Headers.Location = to;
        return Task.CompletedTask;
    }

    private static int ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
