using Microsoft.Extensions.Options;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Delivery;
using Rookery.Kernel.Web;

namespace Rookery.Kernel.Tests.Delivery;

public sealed class WebhookSenderTests(WebhookSenderTests.Host host) : IClassFixture<WebhookSenderTests.Host>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_webhook_in_the_outbox_is_posted_with_its_key_and_marked_sent()
    {
        await using var target = await LoopbackServer.StartAsync();
        target.Text("thanks");
        var key = $"hook:{Guid.NewGuid():N}";

        await host.Get<Outbox>().AddAsync(
            host.Get<Rookery.Kernel.Data.Database>().Write, key, "webhook", null, null, Hook(target.Address, ("X-Rookery-Event", "string_match")), Ct);

        await TestHost.EventuallyAsync(async () => await StatusAsync(key) == "sent", "the webhook is sent");
        var seen = target.Requests.ShouldHaveSingleItem();
        (seen.Method, seen.Body, seen.Headers["Idempotency-Key"], seen.Headers["X-Rookery-Event"]).ShouldBe(("POST", """{"hello":1}""", key, "string_match"));
    }

    [Fact]
    public async Task A_target_that_was_down_gets_the_webhook_when_it_is_back()
    {
        await using var target = await LoopbackServer.StartAsync();
        target.Answer = http =>
        {
            http.Response.StatusCode = target.Requests.Count == 1 ? 503 : 204;
            return Task.CompletedTask;
        };
        var key = $"hook:{Guid.NewGuid():N}";

        await host.Get<Outbox>().AddAsync(
            host.Get<Rookery.Kernel.Data.Database>().Write, key, "webhook", null, null, Hook(target.Address), Ct);

        await TestHost.EventuallyAsync(async () => await StatusAsync(key) == "sent", "the second try arrives");
        target.Requests.ShouldAllBe(r => r.Headers["Idempotency-Key"] == key);
        target.Requests.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(200, true, false)]
    [InlineData(204, true, false)]
    [InlineData(429, false, true)]
    [InlineData(500, false, true)]
    [InlineData(503, false, true)]
    [InlineData(302, false, false)]
    [InlineData(400, false, false)]
    [InlineData(404, false, false)]
    [InlineData(410, false, false)]
    public async Task The_status_decides_whether_it_is_tried_again(int status, bool ok, bool again)
    {
        await using var target = await LoopbackServer.StartAsync(http =>
        {
            http.Response.StatusCode = status;
            http.Response.Headers.Location = "/elsewhere";
            http.Response.Headers.RetryAfter = "90000";
            return Task.CompletedTask;
        });

        var sent = await SendAsync(Hook(target.Address));

        (sent.Ok, sent.RetryAfter is not null).ShouldBe((ok, again));
        if (again)
        {
            sent.RetryAfter.ShouldBe(TimeSpan.FromHours(1));
        }
    }

    [Fact]
    public async Task What_the_guard_refuses_is_not_tried_again_and_a_slow_target_is()
    {
        await using var slow = await LoopbackServer.StartAsync(
            http => Task.Delay(Timeout.Infinite, http.RequestAborted));
        (await SendAsync(Hook(slow.Address))).RetryAfter.ShouldNotBeNull();
        (await SendAsync(Hook(new Uri("http://10.1.2.3/")))).ShouldSatisfyAllConditions(
            s => s.Ok.ShouldBeFalse(), s => s.RetryAfter.ShouldBeNull());
        (await SendAsync(Hook(slow.Address, ("X-Bad", "a\r\nb")))).RetryAfter.ShouldBeNull();
        (await SendAsync(new DeleteMessage(new ChannelId(Platform.Sandbox, null, "lobby"), "1", ""))).Ok.ShouldBeFalse();
    }

    [Fact]
    public async Task An_answer_that_is_too_long_still_means_the_webhook_arrived()
    {
        await using var target = await LoopbackServer.StartAsync();
        target.Text(new string('x', 2_000_000));

        (await SendAsync(Hook(target.Address))).Ok.ShouldBeTrue();
    }

    private static async Task<Sent> SendAsync(OutboundAction action)
    {
        var options = Options.Create(
            new GuardedHttpOptions { AllowedPrivateHosts = ["127.0.0.1"], WebhookTimeout = TimeSpan.FromMilliseconds(500) });
        using var http = new GuardedHttp(options, TimeProvider.System);
        return await new WebhookSender(http, options).SendAsync(action, "key", Ct);
    }

    private static CallWebhook Hook(Uri url, params (string Name, string Value)[] headers) =>
        new(url, """{"hello":1}""", headers.ToDictionary(h => h.Name, h => h.Value, StringComparer.Ordinal));

    private Task<string> StatusAsync(string key) =>
        host.Get<Rookery.Kernel.Data.Database>().Write.ValueAsync<string>(
            $"select status from kernel.outbox where idempotency_key = {key}", Ct);

    public sealed class Host : TestHost
    {
        public Host() => Settings = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Http:AllowedPrivateHosts:0"] = "127.0.0.1",
            ["Outbox:Poll"] = "00:00:00.1",
        };
    }
}
