using System.Net;
using System.Text.Json.Nodes;
using Rookery.Kernel.Data;
using Rookery.Kernel.Security;
using Rookery.Workflows.Tests.Webhooks;

namespace Rookery.Workflows.Tests;

/// <summary>Secrets that nodes sign with: stored apart from definitions, and named in them.</summary>
public sealed class SigningTests(ApiHost host) : IClassFixture<ApiHost>
{
    private const string Secret = "a secret of some length";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_call_is_signed_with_the_secret_its_node_names_also_after_a_new_key_of_the_ring()
    {
        await using var server = await LoopbackServer.StartAsync();
        server.Json("{}");
        var id = await host.CreateAsync(Calling(server, "\"secret_name\":\"crm\""));
        await host.PostAsync($"{id}/publish", expected: HttpStatusCode.BadRequest);
        await SetAsync("crm", Secret);
        await host.PostAsync($"{id}/publish");

        await RunAsync(id);
        var ring = host.Get<KeyRing>();
        ring.Rotate();
        (await host.Get<Secrets>().RotateAsync(ring.Current.Id, Ct)).ShouldBeGreaterThan(0);
        await RunAsync(id);

        server.Requests.Count.ShouldBe(2);
        foreach (var seen in server.Requests)
        {
            seen.Headers["X-Rookery-Signature"].ShouldBe(WebhookClient.Mac(Secret, $"{seen.Headers["X-Rookery-Timestamp"]}.{seen.Body}"));
        }

        var conflict = await host.SendAsync(HttpMethod.Delete, "secrets/crm", expected: HttpStatusCode.Conflict);
        conflict["detail"]!.GetValue<string>().ShouldContain("A workflow");
        await host.SendAsync(HttpMethod.Delete, id, expected: HttpStatusCode.NoContent);
        await host.SendAsync(HttpMethod.Delete, "secrets/crm", expected: HttpStatusCode.NoContent);
        await host.SendAsync(HttpMethod.Delete, "secrets/crm", expected: HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_secret_is_nowhere_to_be_read()
    {
        await SetAsync("hidden", Secret);
        await SetAsync("hidden", Secret + "!");

        (await host.GetAsync("secrets"))["items"]!.AsArray().Count(s => s!["name"]!.GetValue<string>() == "hidden").ShouldBe(1);
        (await host.GetAsync("secrets")).ToJsonString().ShouldNotContain(Secret);
        var stored = await host.Get<Database>().Write.ListAsync(
            $"""
            select to_jsonb(s)::text from workflows.workflow_secrets s
            union all select to_jsonb(a)::text from workflows.workflow_audit_log a
            union all select to_jsonb(k)::text from kernel.audit_log k
            """,
            r => r.GetString(0),
            Ct);
        stored.ShouldAllBe(row => !row.Contains(Secret));
        (await host.GetAsync("audit?action=secret.set"))["items"]!.AsArray().Count(a => a!["resource_id"]?.GetValue<string>() == "hidden").ShouldBe(2);
    }

    [Fact]
    public async Task A_secret_in_a_definition_is_refused_with_the_cure()
    {
        await using var server = await LoopbackServer.StartAsync();
        var id = await host.CreateAsync(Calling(server, $"\"secret\":\"{Secret}\""));

        var problem = await host.PostAsync($"{id}/publish", expected: HttpStatusCode.BadRequest);

        problem["errors"]![0]!["field"]!.GetValue<string>().ShouldBe("call.secret");
        problem["detail"]!.GetValue<string>().ShouldContain("PUT …/workflows/secrets/");
    }

    [Fact]
    public async Task A_call_whose_secret_is_gone_fails_and_nobody_is_called()
    {
        await using var server = await LoopbackServer.StartAsync();
        await SetAsync("gone", Secret);
        var id = await host.CreatePublishedAsync(Calling(server, "\"secret_name\":\"gone\""));
        await host.Get<Database>().Write.ExecuteAsync($"delete from workflows.workflow_secrets where name = 'gone'", Ct);

        var run = await host.RunAsync(id);

        run["execution"]!["error_code"]!.GetValue<string>().ShouldBe("unknown_secret");
        server.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("short", "too short", "secret")]
    [InlineData("1st", Secret, "name")]
    public async Task What_is_wrong_is_named(string name, string secret, string field)
    {
        await host.ChannelAsync();
        var problem = await host.SendAsync(HttpMethod.Put, $"secrets/{name}", new JsonObject { ["secret"] = secret }, HttpStatusCode.BadRequest);
        problem["errors"]![0]!["field"]!.GetValue<string>().ShouldBe(field);
    }

    [Fact]
    public async Task Each_community_has_its_own_and_only_administrators_set_them()
    {
        await SetAsync("mine", Secret);
        await host.ChannelAsync("elsewhere");
        (await host.SendAsync(HttpMethod.Get, "secrets", channel: "elsewhere"))["items"]!.AsArray().ShouldBeEmpty();
        await host.SendAsync(HttpMethod.Delete, "secrets/mine", expected: HttpStatusCode.NotFound, channel: "elsewhere");
        await host.SendAsync(HttpMethod.Put, "secrets/mine?as=sandbox:plain", new JsonObject { ["secret"] = Secret }, HttpStatusCode.Forbidden);
        await host.SendAsync(HttpMethod.Delete, "secrets/mine?as=sandbox:plain", expected: HttpStatusCode.Forbidden);
        using var stranger = await host.KeyAsync(await host.CommunityAsync("elsewhere"), Scopes.WorkflowsRead, Scopes.WorkflowsWrite);
        await host.SendAsync(HttpMethod.Get, "secrets", expected: HttpStatusCode.NotFound, client: stranger);
    }

    private static GraphText Calling(LoopbackServer server, string more) => new GraphText().Node("start", "trigger_webhook")
        .Node("call", "action_webhook", $$"""{"url":"{{server.Address}}hook","body_template":"hello",{{more}}}""").Node("end", "flow_end").Link("start>call", "call.success>end");

    private async Task SetAsync(string name, string secret)
    {
        await host.ChannelAsync();
        await host.SendAsync(HttpMethod.Put, $"secrets/{name}", new JsonObject { ["secret"] = secret }, HttpStatusCode.NoContent);
    }

    private async Task RunAsync(string id) => (await host.RunAsync(id))["execution"]!["status"]!.GetValue<string>().ShouldBe("success");
}
