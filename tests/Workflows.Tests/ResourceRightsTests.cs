using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Privacy;

namespace Rookery.Workflows.Tests;

/// <summary>The rights on a workflow hold for its webhooks and schedules, and each change of them is on record.</summary>
public sealed class ResourceRightsTests(ApiHost host) : IClassFixture<ApiHost>
{
    private static GraphText Called => new GraphText().Node("start", "trigger_webhook").Node("end", "flow_end").Link("start>end");

    private static GraphText Timed => new GraphText().Node("start", "trigger_schedule").Node("end", "flow_end").Link("start>end");

    private static JsonObject Hourly => new() { ["schedule_type"] = "interval", ["interval_seconds"] = 3600 };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Webhooks_need_the_right_on_their_workflow()
    {
        var id = await host.CreatePublishedAsync(Called);
        var hook = (await host.PostAsync($"{id}/webhooks", Named("A hook"), HttpStatusCode.Created))["webhook"]!["webhook_id"]!.GetValue<string>();
        await host.PostAsync($"{id}/permissions", new JsonObject { ["permission_type"] = "can_view", ["user_id"] = "sandbox:vera" });

        await host.GetAsync($"{id}/webhooks?as=sandbox:vera");
        await host.GetAsync($"{id}/webhooks/{hook}?as=sandbox:vera");
        await host.GetAsync($"{id}/webhooks/{hook}/deliveries?as=sandbox:vera");
        foreach (var (method, path) in new[]
        {
            (HttpMethod.Post, "webhooks"), (HttpMethod.Patch, $"webhooks/{hook}"), (HttpMethod.Post, $"webhooks/{hook}/rotate"),
            (HttpMethod.Delete, $"webhooks/{hook}"), (HttpMethod.Post, $"webhooks/{hook}/deliveries/{Guid.NewGuid()}/replay"),
        })
        {
            await host.SendAsync(method, $"{id}/{path}?as=sandbox:vera", method == HttpMethod.Delete ? null : path.EndsWith("rotate", StringComparison.Ordinal) ? new JsonObject() : Named("Mine"), HttpStatusCode.Forbidden);
        }

        await host.GetAsync($"{id}/webhooks?as=sandbox:nobody", HttpStatusCode.Forbidden);
        (await host.GetAsync($"{id}/webhooks/{hook}"))["name"]!.GetValue<string>().ShouldBe("A hook");
        (await AuditAsync(id, "sandbox:vera")).ShouldAllBe(a => a.Result == "failure");
    }

    [Fact]
    public async Task Who_changed_what_of_a_webhook_is_on_record_with_what_was_before_and_after()
    {
        var id = await host.CreatePublishedAsync(Called);
        var hook = (await host.PostAsync($"{id}/webhooks", Named("A hook"), HttpStatusCode.Created))["webhook"]!["webhook_id"]!.GetValue<string>();
        await host.SendAsync(HttpMethod.Patch, $"{id}/webhooks/{hook}", Named("Another"));
        await host.PostAsync($"{id}/webhooks/{hook}/rotate", new JsonObject());
        await host.SendAsync(HttpMethod.Delete, $"{id}/webhooks/{hook}", expected: HttpStatusCode.NoContent);

        var rows = (await host.GetAsync($"audit?workflow_id={id}"))["items"]!.AsArray().Where(a => a!["resource_type"]!.GetValue<string>() == "webhook").Reverse().ToList();
        rows.Select(a => a!["action"]!.GetValue<string>()).ShouldBe(["webhook.created", "webhook.updated", "webhook.rotated", "webhook.deleted"]);
        rows[0]!["new_values"]!["name"]!.GetValue<string>().ShouldBe("A hook");
        (rows[1]!["old_values"]!["name"]!.GetValue<string>(), rows[1]!["new_values"]!["name"]!.GetValue<string>()).ShouldBe(("A hook", "Another"));
        rows[1]!["old_values"]!.AsObject().ContainsKey("rate_limit_max").ShouldBeFalse();
        rows[2]!["new_values"]!["previous_until"].ShouldNotBeNull();
        rows[3]!["old_values"]!["name"]!.GetValue<string>().ShouldBe("Another");
        rows.ShouldAllBe(a => a!["resource_id"]!.GetValue<string>() == hook);
    }

    [Fact]
    public async Task Schedules_need_the_right_on_their_workflow_and_their_changes_are_on_record()
    {
        var (id, hidden) = (await host.CreatePublishedAsync(Timed), await host.CreatePublishedAsync(Timed));
        await host.PostAsync($"{hidden}/schedules", Hourly, HttpStatusCode.Created);
        await host.PostAsync($"{id}/schedules?as=sandbox:tim", Hourly, HttpStatusCode.Forbidden);
        await GrantAsync(id, "can_view", "tim");
        await GrantAsync(id, "can_edit", "ted");
        var made = (await host.PostAsync($"{id}/schedules?as=sandbox:ted", Hourly, HttpStatusCode.Created))["schedule_id"]!.GetValue<string>();

        (await host.GetAsync("schedules?limit=200&as=sandbox:tim"))["items"]!.AsArray().Select(s => s!["schedule_id"]!.GetValue<string>()).ShouldBe([made]);
        await host.GetAsync($"schedules/{made}?as=sandbox:tim");
        await host.GetAsync($"schedules/{made}/preview?as=sandbox:tim");
        await host.SendAsync(HttpMethod.Patch, $"schedules/{made}?as=sandbox:tim", new JsonObject { ["is_active"] = false }, HttpStatusCode.Forbidden);
        await host.SendAsync(HttpMethod.Delete, $"schedules/{made}?as=sandbox:tim", expected: HttpStatusCode.Forbidden);
        await host.GetAsync($"{hidden}/schedules?as=sandbox:tim", HttpStatusCode.Forbidden);
        await host.GetAsync($"schedules?workflow_id={hidden}&as=sandbox:tim", HttpStatusCode.Forbidden);
        await host.SendAsync(HttpMethod.Patch, $"schedules/{made}?as=sandbox:ted", new JsonObject { ["interval_seconds"] = 60 });
        await host.SendAsync(HttpMethod.Delete, $"schedules/{made}?as=sandbox:ted", expected: HttpStatusCode.NoContent);

        (await AuditAsync(id, "sandbox:ted")).Select(a => a.Action).ShouldBe(["schedule.deleted", "schedule.updated", "schedule.created"]);
        var update = (await host.GetAsync($"audit?workflow_id={id}&action=schedule.updated&user_id=sandbox:ted"))["items"]![0]!;
        (update["old_values"]!["interval_seconds"]!.GetValue<int>(), update["new_values"]!["interval_seconds"]!.GetValue<int>()).ShouldBe((3600, 60));
    }

    [Fact]
    public async Task Templates_are_for_those_who_make_workflows_and_whoever_made_one_takes_it_away()
    {
        foreach (var user in new[] { "mod1", "mod2" })
        {
            await RoleAsync(user, "moderator");
        }

        var workflow = await host.CreateAsync(Called, suffix: "?as=sandbox:mod1");
        var body = new JsonObject { ["workflow_id"] = workflow, ["name"] = "Ours alone" };
        await host.PostAsync("templates?as=sandbox:plain", body.DeepClone(), HttpStatusCode.Forbidden);
        await host.PostAsync("templates?as=sandbox:mod2", body.DeepClone(), HttpStatusCode.Forbidden);
        var made = (await host.PostAsync("templates?as=sandbox:mod1", body, HttpStatusCode.Created))["template_id"]!.GetValue<string>();
        var take = new JsonObject { ["name"] = "Taken", ["entity_id"] = "sandbox:lab" };
        await host.PostAsync($"templates/{made}/instantiate?as=sandbox:plain", take.DeepClone(), HttpStatusCode.Forbidden);
        var taken = await host.PostAsync($"templates/{made}/instantiate?as=sandbox:mod2", take, HttpStatusCode.Created);
        taken["created_by"]!.GetValue<string>().ShouldBe("sandbox:mod2");
        await host.SendAsync(HttpMethod.Put, $"templates/{made}/rating?as=sandbox:plain", new JsonObject { ["rating"] = 1 }, HttpStatusCode.Forbidden);
        await host.SendAsync(HttpMethod.Put, $"templates/{made}/rating?as=sandbox:mod2", new JsonObject { ["rating"] = 2 });
        await host.SendAsync(HttpMethod.Put, $"templates/{made}/rating?as=sandbox:mod2", new JsonObject { ["rating"] = 4 });
        await host.SendAsync(HttpMethod.Delete, $"templates/{made}?as=sandbox:mod2", expected: HttpStatusCode.Forbidden);
        await host.SendAsync(HttpMethod.Delete, $"templates/{made}?as=sandbox:mod1", expected: HttpStatusCode.NoContent);

        var rated = (await host.GetAsync("audit?action=template.rated&user_id=sandbox:mod2"))["items"]![0]!;
        (rated["old_values"]!["rating"]!.GetValue<int>(), rated["new_values"]!["rating"]!.GetValue<int>()).ShouldBe((2, 4));
        (await host.GetAsync($"audit?workflow_id={taken["workflow_id"]}"))["items"]!.AsArray().Select(a => a!["action"]!.GetValue<string>()).ShouldBe(["template.instantiated"]);
    }

    [Fact]
    public async Task A_community_that_has_its_workflows_takes_no_template()
    {
        await host.ChannelAsync("full");
        var welcome = TemplateHost.IdOf("Welcome");
        await host.Get<Kernel.Settings.SettingsStore>().SetAsync(
            WorkflowLimits.MaxWorkflows, await host.CommunityAsync("full"), System.Text.Json.JsonElement.Parse("1"), "test", Ct);
        var take = new JsonObject { ["name"] = "Taken", ["entity_id"] = "sandbox:full" };

        await host.SendAsync(HttpMethod.Post, $"templates/{welcome}/instantiate", take.DeepClone(), HttpStatusCode.Created, channel: "full");
        var full = await host.SendAsync(HttpMethod.Post, $"templates/{welcome}/instantiate", take, HttpStatusCode.Conflict, channel: "full");

        full["detail"]!.GetValue<string>().ShouldContain("workflows.max_workflows");
    }

    [Fact]
    public async Task Who_made_schedules_and_rated_templates_is_exported_and_erased()
    {
        await RoleAsync("per", "admin");
        var id = await host.CreatePublishedAsync(Timed);
        await host.PostAsync($"{id}/schedules?as=sandbox:per", Hourly, HttpStatusCode.Created);
        await host.PostAsync("templates?as=sandbox:per", new JsonObject { ["workflow_id"] = id, ["name"] = "Of per" }, HttpStatusCode.Created);
        await host.SendAsync(HttpMethod.Put, $"templates/{TemplateHost.IdOf("Poll reminder")}/rating?as=sandbox:per", new JsonObject { ["rating"] = 3 });
        await host.SendAsync(HttpMethod.Put, "secrets/of_per?as=sandbox:per", new JsonObject { ["secret"] = "a secret of some length" }, HttpStatusCode.NoContent);
        var owner = host.Services.GetServices<IPersonalData>().Single(o => o.Name == "workflows.workflow_definitions");
        var db = host.Get<Database>();

        (await owner.ExportAsync(db.Write, Platform.Sandbox, "per", Ct)).Count.ShouldBe(4);
        (await db.TransactionAsync(t => owner.EraseAsync(t, Platform.Sandbox, "per", Ct), Ct)).ShouldBe(4);

        (await owner.ExportAsync(db.Write, Platform.Sandbox, "per", Ct)).ShouldBeEmpty();
        (await host.GetAsync($"{id}/schedules"))["items"]![0]!["created_by"]!.GetValue<string>().ShouldBe("erased");
    }

    [Fact]
    public async Task A_replay_of_a_test_acts_as_nobody()
    {
        var id = await host.CreatePublishedAsync(new GraphText().Node("start", "trigger_command", """{"command_pattern":"forged","platforms":["sandbox"]}""")
            .Node("end", "flow_end", """{"output_data":{"who":"{{ default(user_role, 'nobody') }}"}}""").Link("start>end"));
        var test = await host.PostAsync($"{id}/test", new JsonObject
        {
            ["trigger_data"] = new JsonObject { ["platform"] = "sandbox", ["user_id"] = "boss", ["user_role"] = "owner" },
        });

        var replayed = await host.PostAsync($"executions/{test["execution_id"]}/replay", new JsonObject { ["version"] = 1 }, HttpStatusCode.Accepted);

        var run = await host.EndAsync(replayed["execution_id"]!.GetValue<string>());
        run["execution"]!["output_variables"]!["who"]!.GetValue<string>().ShouldBe("nobody");
    }

    private static JsonObject Named(string name) => new() { ["name"] = name };

    private async Task<List<(string Action, string Result)>> AuditAsync(string id, string user) =>
        [.. (await host.GetAsync($"audit?workflow_id={id}&user_id={user}"))["items"]!.AsArray().Select(a => (a!["action"]!.GetValue<string>(), a["result"]!.GetValue<string>()))];

    private Task GrantAsync(string id, string right, string user) =>
        host.PostAsync($"{id}/permissions", new JsonObject { ["permission_type"] = right, ["user_id"] = $"sandbox:{user}" });

    private async Task RoleAsync(string user, string role) =>
        await host.SendAsync(HttpMethod.Put, $"/api/v1/communities/{await host.CommunityAsync()}/members/sandbox/{user}", new JsonObject { ["role"] = role });
}
