using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Privacy;

namespace Rookery.Workflows.Tests;

public sealed class RightsTests(ApiHost host) : IClassFixture<ApiHost>
{
    private static GraphText Text => new GraphText().Node("start", "trigger_webhook").Node("end", "flow_end", """{"output_data":{"by":"{{ trigger.user_id }}"}}""").Link("start>end");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_member_may_do_what_was_granted_and_no_more()
    {
        var id = await host.CreatePublishedAsync(Text);
        await AllAsync(id, "sandbox:bea", HttpStatusCode.Forbidden, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden);
        var grant = await GrantAsync(id, "can_view", "sandbox:bea");
        await AllAsync(id, "sandbox:bea", HttpStatusCode.OK, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden);
        await AllAsync(id, "sandbox:cid", HttpStatusCode.Forbidden, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden);
        await GrantAsync(id, "can_execute", "sandbox:bea");
        await GrantAsync(id, "can_edit", "sandbox:bea");
        await AllAsync(id, "sandbox:bea", HttpStatusCode.OK, HttpStatusCode.Accepted, HttpStatusCode.OK);
        await host.SendAsync(HttpMethod.Delete, $"{id}?as=sandbox:bea", expected: HttpStatusCode.Forbidden);
        (await GrantAsync(id, "can_view", "sandbox:bea")).ShouldBe(grant);
        await host.SendAsync(HttpMethod.Delete, $"{id}/permissions/{grant}", expected: HttpStatusCode.NoContent);
        await host.SendAsync(HttpMethod.Delete, $"{id}/permissions/{grant}", expected: HttpStatusCode.NotFound);
        await AllAsync(id, "sandbox:bea", HttpStatusCode.Forbidden, HttpStatusCode.Accepted, HttpStatusCode.OK);
        (await host.GetAsync($"audit?workflow_id={id}&user_id=sandbox:bea"))["items"]!.AsArray()
            .ShouldContain(a => a!["result"]!.GetValue<string>() == "failure" && a["error_message"]!.GetValue<string>().Contains("can_view", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Two_members_can_have_the_same_right()
    {
        var id = await host.CreateAsync(Text);
        await GrantAsync(id, "can_view", "sandbox:dan");
        await GrantAsync(id, "can_view", "sandbox:eve");
        (await host.GetAsync($"{id}/permissions"))["items"]!.AsArray().Count.ShouldBe(2);
        await host.GetAsync($"{id}?as=sandbox:dan");
        await host.GetAsync($"{id}?as=sandbox:eve");
    }

    [Fact]
    public async Task A_right_of_a_role_or_of_everyone_counts_and_lists_show_what_may_be_seen()
    {
        var (hidden, forMods, forAll) = (await host.CreateAsync(Text, "Hidden one"), await host.CreateAsync(Text, "Mods one"), await host.CreateAsync(Text, "All one"));
        await host.PostAsync($"{forMods}/permissions", new JsonObject { ["permission_type"] = "can_view", ["role"] = "moderator" });
        await host.PostAsync($"{forAll}/permissions", new JsonObject { ["permission_type"] = "can_view" });
        await RoleAsync("mona", "moderator");
        await RoleAsync("adam", "admin");
        (await NamesAsync("sandbox:nobody")).ShouldBe(["All one"]);
        (await NamesAsync("sandbox:mona")).ShouldBe(["Mods one", "All one"], ignoreOrder: true);
        (await NamesAsync("sandbox:adam")).ShouldBe(["Hidden one", "Mods one", "All one"], ignoreOrder: true);
        await host.GetAsync($"{hidden}?as=sandbox:mona", HttpStatusCode.Forbidden);
        await host.GetAsync($"{hidden}?as=sandbox:adam");
    }

    [Fact]
    public async Task Moderators_make_workflows_and_may_do_everything_with_their_own()
    {
        await RoleAsync("mia", "moderator");
        var id = await host.CreateAsync(Text, suffix: "?as=sandbox:mia");
        await host.PostAsync($"{id}/publish?as=sandbox:mia");
        var started = await host.PostAsync($"{id}/execute?as=sandbox:mia", new JsonObject(), HttpStatusCode.Accepted);
        var run = await host.EndAsync(started["execution_id"]!.GetValue<string>());
        run["execution"]!["caused_by"]!.GetValue<string>().ShouldBe("sandbox:mia");
        run["execution"]!["output_variables"]!["by"]!.GetValue<string>().ShouldBe("mia");
        await host.SendAsync(HttpMethod.Delete, $"{id}?as=sandbox:mia", expected: HttpStatusCode.NoContent);
        await host.PostAsync("?as=sandbox:plain", ApiHost.Body(Text), HttpStatusCode.Forbidden);
        await host.PostAsync("?as=nonsense", ApiHost.Body(Text), HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Grants_are_checked()
    {
        var id = await host.CreateAsync(Text);
        foreach (var body in new[] { """{}""", """{"permission_type":"can_fly"}""", """{"permission_type":"can_view","role":"king"}""", """{"permission_type":"can_view","user_id":"ada"}""", """{"permission_type":"can_view","user_id":"sandbox:ada","role":"admin"}""" })
        {
            await host.PostAsync($"{id}/permissions", JsonNode.Parse(body), HttpStatusCode.BadRequest);
        }

        (await host.GetAsync($"{id}/permissions"))["items"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task Everything_about_a_person_is_exported_and_erased_and_nothing_about_others()
    {
        foreach (var user in new[] { "pat", "sam" })
        {
            await RoleAsync(user, "moderator");
            var id = await host.CreateAsync(Text, suffix: $"?as=sandbox:{user}");
            await host.PostAsync($"{id}/publish?as=sandbox:{user}");
            var started = await host.PostAsync($"{id}/execute?as=sandbox:{user}", new JsonObject(), HttpStatusCode.Accepted);
            await host.EndAsync(started["execution_id"]!.GetValue<string>());
            await GrantAsync(id, "can_view", $"sandbox:{user}");
        }

        (await CountsAsync("pat")).ShouldBe(await CountsAsync("sam"));
        (await CountsAsync("pat")).ShouldAllBe(n => n > 0);
        foreach (var owner in Owners)
        {
            (await host.Get<Database>().TransactionAsync(t => owner.EraseAsync(t, Platform.Sandbox, "pat", Ct), Ct)).ShouldBeGreaterThan(0, owner.Name);
        }

        (await CountsAsync("pat")).ShouldAllBe(n => n == 0);
        (await CountsAsync("sam")).ShouldAllBe(n => n > 0);
    }

    private IEnumerable<IPersonalData> Owners => host.Services.GetServices<IPersonalData>().Where(o => o.Name is "workflows.workflow_executions" or "workflows.workflow_definitions" or "workflows.workflow_audit_log");

    private async Task<List<int>> CountsAsync(string user)
    {
        var counts = new List<int>();
        foreach (var owner in Owners)
        {
            counts.Add((await owner.ExportAsync(host.Get<Database>().Write, Platform.Sandbox, user, Ct)).Count);
        }

        return counts;
    }

    private async Task<string> GrantAsync(string id, string right, string user) =>
        (await host.PostAsync($"{id}/permissions", new JsonObject { ["permission_type"] = right, ["user_id"] = user }))["permission_id"]!.GetValue<string>();

    private async Task RoleAsync(string user, string role) =>
        await host.SendAsync(HttpMethod.Put, $"/api/v1/communities/{await host.CommunityAsync()}/members/sandbox/{user}", new JsonObject { ["role"] = role });

    private async Task<List<string>> NamesAsync(string member) =>
        [.. (await host.GetAsync($"?limit=200&search= one&as={member}"))["items"]!.AsArray().Select(w => w!["name"]!.GetValue<string>())];

    private async Task AllAsync(string id, string member, HttpStatusCode view, HttpStatusCode execute, HttpStatusCode edit)
    {
        await host.GetAsync($"{id}?as={member}", view);
        await host.PostAsync($"{id}/execute?as={member}", new JsonObject(), execute);
        await host.SendAsync(HttpMethod.Put, $"{id}?as={member}", new JsonObject { ["description"] = "changed" }, edit);
    }
}
