using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Rookery.Kernel.Data;
using Rookery.Kernel.Security;

namespace Rookery.Workflows.Tests.Webhooks;

public sealed class WebhookManagementTests(WorkflowHost host) : IClassFixture<WorkflowHost>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Token_and_secret_are_shown_once_and_are_nowhere_in_the_database()
    {
        using var hook = await WebhookClient.MakeAsync(host);
        hook.Token.Length.ShouldBe(32);
        hook.Secret.Length.ShouldBe(32);
        var listed = await hook.ManageAsync(HttpMethod.Get);
        listed.ToJsonString().ShouldNotContain(hook.Token);
        listed.ToJsonString().ShouldNotContain(hook.Secret);
        listed["url"]!.GetValue<string>().ShouldBe($"{host.Address.ToString().TrimEnd('/')}/api/v1/webhooks/{hook.Token[..4]}…");
        var row = await host.Get<Database>().Write.ValueAsync<string>(
            $"select to_jsonb(w)::text from workflows.workflow_webhooks w where webhook_id = {hook.Id}", Ct);
        row.ShouldNotContain(hook.Token);
        row.ShouldNotContain(hook.Secret);
    }

    [Fact]
    public async Task A_new_key_of_the_ring_seals_the_secrets_of_webhooks_anew()
    {
        using var hook = await WebhookClient.MakeAsync(host);
        var ring = host.Get<KeyRing>();
        var old = await SealedAsync(hook);
        ring.Rotate();
        await host.Get<Secrets>().RotateAsync(ring.Current.Id, Ct);
        (await SealedAsync(hook)).ShouldNotBe(old);
        (await hook.TryAsync(hook.Signed("{}"))).ShouldBe("202");
    }

    [Fact]
    public async Task Everything_of_another_community_is_not_there()
    {
        using var hook = await WebhookClient.MakeAsync(host);
        using var other = await WebhookClient.MakeAsync(host, channel: "elsewhere");
        other.Workflow.Community.ShouldNotBe(hook.Workflow.Community);
        var key = (await host.Get<ApiKeys>().CreateAsync("theirs", [Scopes.WorkflowsRead, Scopes.WorkflowsWrite, Scopes.WorkflowsRun], other.Workflow.Community, 0, null, "test", Ct)).Secret;
        using var http = host.Client(key);
        var mixed = hook.Managed.Replace($"communities/{hook.Workflow.Community}/", $"communities/{other.Workflow.Community}/", StringComparison.Ordinal);
        foreach (var path in new[] { hook.Managed, mixed, $"{other.Managed[..^36]}{hook.Id}" })
        {
            await ShouldBeNotFoundAsync(http, HttpMethod.Get, path);
            await ShouldBeNotFoundAsync(http, HttpMethod.Get, $"{path}/deliveries");
            await ShouldBeNotFoundAsync(http, HttpMethod.Patch, path, """{"enabled":false}""");
            await ShouldBeNotFoundAsync(http, HttpMethod.Post, $"{path}/rotate", "{}");
            await ShouldBeNotFoundAsync(http, HttpMethod.Post, $"{path}/deliveries/{Guid.NewGuid()}/replay");
            await ShouldBeNotFoundAsync(http, HttpMethod.Delete, path);
        }

        await ShouldBeNotFoundAsync(http, HttpMethod.Get, mixed[..^37]);
        await ShouldBeNotFoundAsync(http, HttpMethod.Post, mixed[..^37], """{"name":"Mine"}""");
        (await hook.TryAsync(hook.Signed("{}"))).ShouldBe("202");
    }

    [Theory]
    [InlineData("""{"rate_limit_max":0}""", "rate_limit_max")]
    [InlineData("""{"rate_limit_window":86401}""", "rate_limit_window")]
    [InlineData("""{"ip_allowlist":["nowhere"]}""", "ip_allowlist[0]")]
    [InlineData("""{"name":""}""", "name")]
    public async Task What_is_wrong_is_named_and_changes_nothing(string body, string field)
    {
        using var hook = await WebhookClient.MakeAsync(host);
        var before = (await hook.ManageAsync(HttpMethod.Get)).ToJsonString();
        var problem = await hook.ManageAsync(HttpMethod.Patch, body: body, expect: 400);
        problem["errors"]![0]!["field"]!.GetValue<string>().ShouldBe(field);
        (await hook.ManageAsync(HttpMethod.Get)).ToJsonString().ShouldBe(before);
    }

    [Fact]
    public async Task Counts_are_exact_and_the_newest_run_is_named()
    {
        using var hook = await WebhookClient.MakeAsync(host, """ "rate_limit_max":1000 """);
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => hook.TryAsync(hook.Signed($$"""{"i":{{i}}}"""))));
        var (_, last) = await hook.SendAsync(hook.Signed("""{"i":"last"}"""));
        await TestHost.EventuallyAsync(
            async () => (await hook.ManageAsync(HttpMethod.Get))["trigger_count"]!.GetValue<long>() == 41, "all are counted");
        var shown = await hook.ManageAsync(HttpMethod.Get);
        shown["last_execution_id"]!.GetValue<Guid>().ShouldBe(last["execution_id"]!.GetValue<Guid>());
        shown["last_triggered_at"].ShouldNotBeNull();
    }

    [Fact]
    public async Task Deliveries_are_kept_with_what_came_of_them_and_can_be_replayed()
    {
        using var hook = await WebhookClient.MakeAsync(host);
        var (_, sent) = await hook.SendAsync(hook.Signed("""{"n":3}"""));
        var id = sent["execution_id"]!.GetValue<Guid>();
        await hook.TryAsync(hook.Unsigned("{}"));
        await TestHost.EventuallyAsync(async () => await host.StatusAsync(id) == "success" && (await DeliveriesAsync(hook)).Count == 2, "both are noted");
        var all = await DeliveriesAsync(hook);
        (all[0]!["status"]!.ToString(), all[0]!["code"]!.ToString()).ShouldBe(("refused", "signature_required"));
        (all[1]!["status"]!.ToString(), all[1]!["delivery_id"]!.GetValue<Guid>(), all[1]!["execution_status"]!.ToString()).ShouldBe(("accepted", id, "success"));
        var replayed = await hook.ManageAsync(HttpMethod.Post, $"/deliveries/{id}/replay", expect: 202);
        var again = replayed["execution_id"]!.GetValue<Guid>();
        await TestHost.EventuallyAsync(async () => await host.StatusAsync(again) == "success", "it ran again");
        var row = await host.Get<Database>().Write.ValueAsync<string>(
            $"select trigger_type || ' ' || replay_of || ' ' || (output_variables ->> 'n') from workflows.workflow_executions where execution_id = {again}", Ct);
        row.ShouldBe($"replay {id} 3");
        await hook.ManageAsync(HttpMethod.Post, $"/deliveries/{all[0]!["delivery_id"]}/replay", expect: 404);
    }

    [Fact]
    public async Task A_channel_that_is_moved_to_another_community_takes_no_workflow_of_the_old_one_along()
    {
        var text = new GraphText().Node("start", "trigger_webhook").Node("wait", "action_delay", """{"delay_ms":86400000}""")
            .Node("say", "action_chat_message", """{"message_template":"Still here"}""").Link("start>wait", "wait>say");
        using var hook = await WebhookClient.MakeAsync(host, text: text, channel: "moving");
        var (_, sent) = await hook.SendAsync(hook.Signed("{}"));
        var run = sent["execution_id"]!.GetValue<Guid>();
        await TestHost.EventuallyAsync(async () => await host.StatusAsync(run) == "running asleep", "the run sleeps");

        var other = (await host.ChannelAsync("new-home")).CommunityId;
        await PatchChannelAsync("moving", new JsonObject { ["community_id"] = other });
        await TestHost.EventuallyAsync(async () => (await host.ChannelAsync("moving")).CommunityId == other, "the move is known");

        (await hook.TryAsync(hook.Signed("""{"n":2}"""))).ShouldBe("403 webhook_disabled");
        await hook.ManageAsync(HttpMethod.Post, $"/deliveries/{run}/replay", expect: 409);
        await host.Get<Database>().Write.ExecuteAsync($"update workflows.workflow_executions set wake_at = now() where execution_id = {run}", Ct);
        await TestHost.EventuallyAsync(async () => await host.StatusAsync(run) == "failed", "the run that slept is given up");
        (await hook.RunsAsync()).ShouldBe(1);
        (await host.Get<Database>().Write.ValueAsync<long>(
            $"select count(*) from kernel.outbox where idempotency_key like {$"workflow:{run:N}:%"}", Ct)).ShouldBe(0);
    }

    [Fact]
    public async Task A_delivery_is_not_replayed_while_the_channel_is_off()
    {
        using var hook = await WebhookClient.MakeAsync(host, channel: "off");
        var (_, sent) = await hook.SendAsync(hook.Signed("{}"));
        await PatchChannelAsync("off", new JsonObject { ["is_active"] = false });
        await TestHost.EventuallyAsync(async () => !(await host.ChannelAsync("off")).IsActive, "the change is known");
        await hook.ManageAsync(HttpMethod.Post, $"/deliveries/{sent["execution_id"]}/replay", expect: 409);
        (await hook.RunsAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task A_deleted_webhook_is_gone_and_who_did_what_is_on_record()
    {
        using var hook = await WebhookClient.MakeAsync(host);
        (await hook.TryAsync(hook.Signed("{}"))).ShouldBe("202");
        await hook.ManageAsync(HttpMethod.Post, "/rotate", "{}");
        await hook.ManageAsync(HttpMethod.Delete, expect: 204);
        (await hook.TryAsync(hook.Signed("{}"))).ShouldBe("404 webhook_not_found");
        var acts = await host.Get<Database>().Write.ListAsync(
            $"select action from kernel.audit_log where details ->> 'resource_id' = {hook.Id.ToString()} order by id", r => r.GetString(0), Ct);
        acts.ShouldBe(["workflow.webhook.created", "workflow.webhook.rotated", "workflow.webhook.deleted"]);
    }

    private async Task PatchChannelAsync(string channel, JsonObject change)
    {
        using var answer = await host.Http.PatchAsJsonAsync($"/api/v1/entities/{(await host.ChannelAsync(channel)).EntityId}", change, Ct);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync(Ct));
    }

    private static async Task<JsonArray> DeliveriesAsync(WebhookClient hook) =>
        (await hook.ManageAsync(HttpMethod.Get, "/deliveries"))["items"]!.AsArray();

    private Task<string> SealedAsync(WebhookClient hook) => host.Get<Database>().Write.ValueAsync<string>(
        $"select secret from workflows.workflow_webhooks where webhook_id = {hook.Id}", Ct);

    private static async Task ShouldBeNotFoundAsync(HttpClient http, HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(JsonNode.Parse(body)) };
        using var answer = await http.SendAsync(request, Ct);
        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound, $"{method} {path}");
    }
}
