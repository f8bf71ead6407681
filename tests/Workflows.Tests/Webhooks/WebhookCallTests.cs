using Rookery.Kernel.Data;

namespace Rookery.Workflows.Tests.Webhooks;

public sealed class WebhookCallTests(WorkflowHost host) : IClassFixture<WorkflowHost>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_signed_call_is_accepted_and_its_run_has_what_was_sent()
    {
        using var hook = await WebhookClient.MakeAsync(host);
        var request = hook.Signed("""{"n":7}""");
        request.RequestUri = new Uri($"{request.RequestUri}?a=1&b=2&b=3", UriKind.Relative);
        request.Headers.Add("X-Api-Key", "for nobody to see");
        var (status, body) = await hook.SendAsync(request);
        status.ShouldBe(202);
        body["webhook_id"]!.GetValue<Guid>().ShouldBe(hook.Id);
        body["workflow_id"]!.GetValue<Guid>().ShouldBe(hook.Workflow.WorkflowId);
        body["timestamp"].ShouldNotBeNull();
        var id = body["execution_id"]!.GetValue<Guid>();
        await TestHost.EventuallyAsync(async () => await host.StatusAsync(id) == "success", "the run ends");
        var data = await host.Get<Database>().Write.ValueAsync<string>(
            $"select trigger_data::text from workflows.workflow_executions where execution_id = {id}", Ct);
        data.ShouldContain("""
            "payload": {"n": 7}
            """.Trim());
        data.ShouldContain("""
            "query": {"a": "1", "b": ["2", "3"]}
            """.Trim());
        data.ShouldNotContain("for nobody to see");
    }

    [Fact]
    public async Task A_caller_that_waits_gets_what_the_run_gave_out()
    {
        using var hook = await WebhookClient.MakeAsync(host, respond: "finished");
        var (status, body) = await hook.SendAsync(hook.Signed("""{"n":42}"""));
        (status, body["status"]!.GetValue<string>(), body["output"]!["n"]!.GetValue<int>()).ShouldBe((200, "success", 42));
    }

    [Fact]
    public async Task Each_refusal_has_its_answer_and_none_starts_anything()
    {
        using var hook = await WebhookClient.MakeAsync(host);
        var now = host.Get<TimeProvider>().GetUtcNow();
        (await hook.TryAsync(hook.Signed("{}", token: new string('0', 32)))).ShouldBe("404 webhook_not_found");
        (await hook.TryAsync(hook.Unsigned("{}"))).ShouldBe("403 signature_required");
        (await hook.TryAsync(hook.Signed("{}", secret: "another"))).ShouldBe("403 signature_invalid");
        (await hook.TryAsync(hook.Signed("{}", signature: "sha256=00"))).ShouldBe("403 signature_invalid");
        (await hook.TryAsync(hook.Signed("{}", at: now.AddMinutes(-6)))).ShouldBe("403 signature_invalid");
        (await hook.TryAsync(hook.Signed("{}", at: now.AddMinutes(6)))).ShouldBe("403 signature_invalid");
        (await hook.TryAsync(hook.Signed("{"))).ShouldBe("400 invalid_json");
        (await hook.TryAsync(hook.Signed("""{"a":"\u0000"}"""))).ShouldBe("400 invalid_json");
        (await hook.TryAsync(hook.Signed("""{"a":"\ud800"}"""))).ShouldBe("400 invalid_json");
        (await hook.TryAsync(hook.Signed(new string('[', 100) + new string(']', 100)))).ShouldBe("400 invalid_json");
        (await hook.TryAsync(With(hook.Signed("{}"), "X-Rookery-Depth", "6"))).ShouldBe("508 loop_detected");
        (await hook.TryAsync(With(hook.Signed("{}"), "Idempotency-Key", new string('k', 256)))).ShouldBe("400 invalid_idempotency_key");
        (await hook.RunsAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task A_call_that_was_changed_on_its_way_is_refused()
    {
        using var hook = await WebhookClient.MakeAsync(host);
        var request = hook.Signed("""{"n":1}""");
        request.Content = new StringContent("""{"n":2}""");
        (await hook.TryAsync(request)).ShouldBe("403 signature_invalid");
    }

    [Fact]
    public async Task A_body_of_more_than_a_mebibyte_is_refused()
    {
        using var hook = await WebhookClient.MakeAsync(host, "\"require_signature\":false");
        var (status, _) = await hook.SendAsync(hook.Unsigned($"\"{new string('a', 1024 * 1024)}\""));
        status.ShouldBe(413);
        (await hook.RunsAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task What_is_called_off_comes_before_who_calls_and_that_before_the_signature()
    {
        using var hook = await WebhookClient.MakeAsync(host, """ "ip_allowlist":["203.0.113.0/24","198.51.100.7"] """);
        (await hook.TryAsync(hook.Unsigned("{"))).ShouldBe("403 ip_not_allowed");
        (await hook.TryAsync(With(hook.Signed("{}"), "X-Forwarded-For", "203.0.113.9, 192.0.2.1"))).ShouldBe("403 ip_not_allowed");
        (await hook.TryAsync(With(hook.Signed("{}"), "X-Forwarded-For", "192.0.2.1, 203.0.113.9"))).ShouldBe("202");
        (await hook.TryAsync(With(hook.Signed("""{"again":1}"""), "X-Forwarded-For", "198.51.100.7"))).ShouldBe("202");
        (await hook.TryAsync(With(hook.Signed("{}"), "X-Forwarded-For", "198.51.100.8"))).ShouldBe("403 ip_not_allowed");
        await hook.ManageAsync(HttpMethod.Patch, body: """{"enabled":false}""");
        (await hook.TryAsync(hook.Unsigned("{"))).ShouldBe("403 webhook_disabled");
        await hook.ManageAsync(HttpMethod.Patch, body: """{"enabled":true,"ip_allowlist":[]}""");
        (await hook.TryAsync(hook.Signed("""{"again":2}"""))).ShouldBe("202");
    }

    [Fact]
    public async Task A_webhook_of_a_workflow_that_is_not_published_is_off()
    {
        using var hook = await WebhookClient.MakeAsync(host);
        await host.Get<Database>().Write.ExecuteAsync(
            $"update workflows.workflow_definitions set status = 'archived' where workflow_id = {hook.Workflow.WorkflowId}", Ct);
        await TestHost.EventuallyAsync(async () => await hook.TryAsync(hook.Signed("{}")) == "403 webhook_disabled", "every node knows");
    }

    [Fact]
    public async Task The_same_delivery_starts_one_run_and_is_answered_with_it()
    {
        using var hook = await WebhookClient.MakeAsync(host, respond: "finished");
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => hook.SendAsync(With(hook.Signed("""{"n":5}"""), "Idempotency-Key", "order-5"))));
        answers.Select(a => a.Body["execution_id"]!.GetValue<Guid>()).Distinct().ShouldHaveSingleItem();
        (await hook.RunsAsync()).ShouldBe(1);
        var (status, body) = await hook.SendAsync(With(hook.Signed("""{"n":5}"""), "X-Delivery-Id", "order-5"));
        (status, body["output"]!["n"]!.GetValue<int>()).ShouldBe((200, 5));
        (await hook.RunsAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task A_call_that_somebody_copied_starts_nothing_more()
    {
        using var hook = await WebhookClient.MakeAsync(host);
        var at = host.Get<TimeProvider>().GetUtcNow();
        var (_, first) = await hook.SendAsync(hook.Signed("""{"pay":1}""", at));
        var (_, copied) = await hook.SendAsync(hook.Signed("""{"pay":1}""", at));
        copied["execution_id"]!.ToString().ShouldBe(first["execution_id"]!.ToString());
        (await hook.TryAsync(With(hook.Signed("""{"pay":1}""", at), "Idempotency-Key", "one"))).ShouldBe("403 signature_invalid");
        (await hook.RunsAsync()).ShouldBe(1);
        (await hook.TryAsync(With(hook.Signed("""{"pay":2}""", at), "Idempotency-Key", "one"))).ShouldBe("202");
        (await hook.TryAsync(With(hook.Signed("""{"pay":2}""", at), "Idempotency-Key", "one"))).ShouldBe("202");
        (await hook.TryAsync(With(hook.Signed("""{"pay":2}""", at), "Idempotency-Key", "two"))).ShouldBe("403 signature_invalid");
        (await hook.TryAsync(hook.Signed("""{"pay":2}""", at))).ShouldBe("403 signature_invalid");
        (await hook.RunsAsync()).ShouldBe(2);
    }

    [Fact]
    public async Task The_signature_without_a_time_is_taken_only_where_that_was_said()
    {
        using var strict = await WebhookClient.MakeAsync(host);
        (await strict.TryAsync(Legacy(strict, "{}"))).ShouldBe("403 signature_required");
        using var hook = await WebhookClient.MakeAsync(host, "\"legacy_signature\":true");
        (await hook.TryAsync(Legacy(hook, "{}"))).ShouldBe("202");
        (await hook.TryAsync(Legacy(hook, "{}"))).ShouldBe("202");
        (await hook.RunsAsync()).ShouldBe(2);
        (await hook.TryAsync(With(hook.Unsigned("{}"), "X-Webhook-Signature", WebhookClient.Mac(hook.Secret, "{}")))).ShouldBe("403 signature_invalid");
    }

    [Fact]
    public async Task The_secret_before_a_rotation_is_good_for_as_long_as_was_said()
    {
        using var hook = await WebhookClient.MakeAsync(host);
        var old = hook.Secret;
        var rotated = await hook.ManageAsync(HttpMethod.Post, "/rotate", """{"overlap_seconds":3600}""");
        hook.Secret = rotated["secret"]!.GetValue<string>();
        hook.Secret.ShouldNotBe(old);
        (await hook.TryAsync(hook.Signed("""{"a":1}"""))).ShouldBe("202");
        (await hook.TryAsync(hook.Signed("""{"a":2}""", secret: old))).ShouldBe("202");
        hook.Secret = (await hook.ManageAsync(HttpMethod.Post, "/rotate", """{"overlap_seconds":0}"""))["secret"]!.GetValue<string>();
        (await hook.TryAsync(hook.Signed("""{"a":3}""", secret: old))).ShouldBe("403 signature_invalid");
        (await hook.TryAsync(hook.Signed("""{"a":4}"""))).ShouldBe("202");
    }

    private static HttpRequestMessage Legacy(WebhookClient hook, string body) =>
        With(hook.Unsigned(body), "X-Webhook-Signature", WebhookClient.Mac(hook.Secret, hook.Token + body));

    private static HttpRequestMessage With(HttpRequestMessage request, string name, string value)
    {
        request.Headers.Add(name, value);
        return request;
    }
}
