using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Rookery.Kernel.Data;
using Rookery.Workflows.Webhooks;

namespace Rookery.Workflows.Tests.Webhooks;

public sealed class WebhookLimitTests(WebhookLimitTests.StillHost host) : IClassFixture<WebhookLimitTests.StillHost>
{
    [Fact]
    public async Task Of_fifty_calls_at_once_exactly_as_many_are_taken_as_the_webhook_takes()
    {
        using var hook = await WebhookClient.MakeAsync(host, """ "rate_limit_max":20,"rate_limit_window":60 """);
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => hook.TryAsync(hook.Signed($$"""{"i":{{i}}}"""))));
        answers.Count(a => a == "202").ShouldBe(20);
        answers.Count(a => a == "429 rate_limit_exceeded").ShouldBe(30);
        (await hook.RunsAsync()).ShouldBe(20);
    }

    [Fact]
    public async Task Two_nodes_count_together()
    {
        using var hook = await WebhookClient.MakeAsync(host, """ "rate_limit_max":30 """);
        await using var source = NpgsqlDataSource.Create(host.Database);
        await using var there = new CallLimiter(new Database(source), host.Clock!, NullLogger<CallLimiter>.Instance);
        var here = host.Get<CallLimiter>();
        var webhook = (await host.Get<WebhookTable>().FindAsync(hook.Token, TestContext.Current.CancellationToken))!;
        var granted = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => (i % 2 == 0 ? here : there).TakeAsync(webhook, null, null, TestContext.Current.CancellationToken).AsTask()));
        granted.Count(g => g is null).ShouldBe(30);
    }

    [Fact]
    public async Task What_left_the_window_does_not_count_and_what_is_in_it_does()
    {
        using var hook = await WebhookClient.MakeAsync(host, """ "rate_limit_max":2,"rate_limit_window":60,"require_signature":false """);
        (await hook.TryAsync(hook.Unsigned("{}"))).ShouldBe("202");
        host.Clock!.Advance(TimeSpan.FromSeconds(30));
        (await hook.TryAsync(hook.Unsigned("{}"))).ShouldBe("202");
        (await hook.TryAsync(hook.Unsigned("{}"))).ShouldBe("429 rate_limit_exceeded");
        host.Clock.Advance(TimeSpan.FromSeconds(29));
        (await hook.TryAsync(hook.Unsigned("{}"))).ShouldBe("429 rate_limit_exceeded");
        host.Clock.Advance(TimeSpan.FromSeconds(3));
        (await hook.TryAsync(hook.Unsigned("{}"))).ShouldBe("202");
        (await hook.TryAsync(hook.Unsigned("{}"))).ShouldBe("429 rate_limit_exceeded");
    }

    [Fact]
    public async Task A_forged_call_uses_up_nothing()
    {
        using var hook = await WebhookClient.MakeAsync(host, """ "rate_limit_max":1 """);
        for (var i = 0; i < 5; i++)
        {
            (await hook.TryAsync(hook.Signed("{}", secret: "forged"))).ShouldBe("403 signature_invalid");
        }

        (await hook.TryAsync(hook.Signed("{}"))).ShouldBe("202");
    }

    [Fact]
    public async Task What_is_counted_ahead_lets_no_more_through_and_keeps_hardly_any_out()
    {
        const int Most = 1_000;
        using var hook = await WebhookClient.MakeAsync(host, """ "rate_limit_max":1000,"rate_limit_window":60 """);
        await using var source = NpgsqlDataSource.Create(host.Database);
        await using var there = new CallLimiter(new Database(source), host.Clock!, NullLogger<CallLimiter>.Instance);
        var here = host.Get<CallLimiter>();
        var webhook = (await host.Get<WebhookTable>().FindAsync(hook.Token, TestContext.Current.CancellationToken))!;
        var random = new Random(5);
        var granted = new List<int>();
        for (var second = 0; second < 150; second++)
        {
            // Stretches of little and of much, as of two nodes of which each hears now more and now less.
            var calls = random.Next(second / 20 % 2 == 0 ? 15 : 50);
            var answers = new List<Refusal?>();
            for (var i = 0; i < 4; i++)
            {
                answers.AddRange(await Task.WhenAll(Enumerable.Range(0, calls / 4).Select(
                    _ => (random.Next(2) == 0 ? here : there).TakeAsync(webhook, null, null, TestContext.Current.CancellationToken).AsTask())));
            }

            granted.Add(answers.Count(a => a is null));
            var inWindow = granted.TakeLast(60).Sum();
            inWindow.ShouldBeLessThanOrEqualTo(Most);
            if (answers.Exists(a => a is not null))
            {
                granted.TakeLast(61).Sum().ShouldBeGreaterThan(Most - 50);
            }

            host.Clock!.Advance(TimeSpan.FromSeconds(1));
        }

        granted.Sum().ShouldBeGreaterThan(Most);
    }

    public sealed class StillHost : WorkflowHost
    {
        public StillHost() => Clock = new ManualClock();
    }
}
