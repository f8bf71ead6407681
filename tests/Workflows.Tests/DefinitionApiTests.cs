using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Rookery.Kernel.Security;

namespace Rookery.Workflows.Tests;

public sealed class DefinitionApiTests(ApiHost host) : IClassFixture<ApiHost>
{
    private static GraphText Good => new GraphText().Node("start", "trigger_webhook").Node("end", "flow_end", """{"output_data":{"n":"{{ n }}"}}""").Link("start>end");

    private static GraphText Bad => new GraphText().Node("start", "trigger_webhook").Node("say", "action_chat_message").Link("start>say");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_draft_is_made_read_changed_and_archived_and_each_is_audited_with_old_and_new_values()
    {
        var id = await host.CreateAsync(Good, "First name");
        var draft = await host.GetAsync(id);
        draft["status"]!.GetValue<string>().ShouldBe("draft");
        draft["entity_id"]!.GetValue<string>().ShouldBe("sandbox:lab");
        draft["trigger_type"]!.GetValue<string>().ShouldBe("webhook");
        var changed = await host.SendAsync(HttpMethod.Put, id, new JsonObject { ["name"] = "Second name", ["global_variables"] = new JsonObject { ["n"] = 1 } });
        changed["workflow"]!["name"]!.GetValue<string>().ShouldBe("Second name");
        changed["workflow"]!["global_variables"]!["n"]!.GetValue<int>().ShouldBe(1);
        changed["workflow"]!["nodes"]!.AsObject().Count.ShouldBe(2);
        await host.SendAsync(HttpMethod.Delete, id, expected: HttpStatusCode.NoContent);
        (await host.GetAsync(id))["status"]!.GetValue<string>().ShouldBe("archived");
        await host.SendAsync(HttpMethod.Delete, id, expected: HttpStatusCode.Conflict);
        (await host.GetAsync("?search=second name"))["items"]!.AsArray().ShouldBeEmpty();
        (await host.GetAsync("?search=second name&status=archived"))["items"]!.AsArray().Count.ShouldBe(1);

        var audit = (await host.GetAsync($"audit?workflow_id={id}"))["items"]!.AsArray();
        audit.Select(a => a!["action"]!.GetValue<string>()).ShouldBe(["delete", "update", "create"]);
        audit[1]!["old_values"]!.ToJsonString().ShouldBe("""{"name":"First name","global_variables":{}}""");
        audit[1]!["new_values"]!.ToJsonString().ShouldBe("""{"name":"Second name","global_variables":{"n":1}}""");
        audit[1]!["ip_address"]!.GetValue<string>().ShouldContain("127.0.0.1");
        audit[1]!["user_id"]!.GetValue<string>().ShouldBe("key:test admin");
    }

    [Fact]
    public async Task Bad_requests_name_the_field_and_change_nothing()
    {
        await host.ChannelAsync();
        var before = (await host.GetAsync("?limit=200"))["items"]!.AsArray().Count;
        foreach (var (body, field) in new (JsonObject, string)[]
        {
            (ApiHost.Body(Good, "no"), "name"),
            (ApiHost.Body(Good, channel: null), "entity_id"),
            (ApiHost.Body(Good.Globals("[1]")), "global_variables"),
            (ApiHost.Body(new GraphText().Node("a", "trigger_webhook", "{\"x\":\"\\u0000\"}")), "nodes"),
        })
        {
            (await host.PostAsync("", body, HttpStatusCode.BadRequest))["errors"]!.AsArray().Select(e => e!["field"]!.GetValue<string>()).ShouldContain(field);
        }

        await host.PostAsync("", new JsonObject { ["name"] = "Strange field", ["entity_id"] = "sandbox:lab", ["status"] = "published" }, HttpStatusCode.BadRequest);
        await host.PostAsync("", ApiHost.Body(Good, channel: "nowhere"), HttpStatusCode.NotFound);
        await host.GetAsync("?status=nonsense", HttpStatusCode.BadRequest);
        (await host.GetAsync("?limit=200"))["items"]!.AsArray().Count.ShouldBe(before);
    }

    [Fact]
    public async Task A_change_that_is_based_on_an_older_state_is_refused()
    {
        var id = await host.CreateAsync(Good);
        var seen = (await host.GetAsync(id))["updated_at"]!.GetValue<string>();
        var first = await host.SendAsync(HttpMethod.Put, id, new JsonObject { ["name"] = "Mine first", ["updated_at"] = seen });
        (await host.SendAsync(HttpMethod.Put, id, new JsonObject { ["name"] = "Mine second", ["updated_at"] = seen }, HttpStatusCode.Conflict))["detail"]!
            .GetValue<string>().ShouldContain("Read it again");
        await host.SendAsync(HttpMethod.Put, id, new JsonObject { ["name"] = "Mine second", ["updated_at"] = first["workflow"]!["updated_at"]!.DeepClone() });
        (await host.GetAsync(id))["name"]!.GetValue<string>().ShouldBe("Mine second");
    }

    [Fact]
    public async Task What_is_wrong_is_told_at_once_with_node_field_code_and_cure_and_refuses_publish()
    {
        var id = await host.CreateAsync(Bad);
        var refused = await host.PostAsync($"{id}/publish", expected: HttpStatusCode.BadRequest);
        var finding = refused["findings"]!.AsArray().Single(f => f!["severity"]!.GetValue<string>() == "error")!;
        finding["node"]!.GetValue<string>().ShouldBe("say");
        finding["field"]!.GetValue<string>().ShouldBe("message_template");
        finding["code"]!.GetValue<string>().ShouldBe("required");
        refused["errors"]![0]!["field"]!.GetValue<string>().ShouldBe("say.message_template");
        (await host.GetAsync(id))["status"]!.GetValue<string>().ShouldBe("draft");
        (await host.GetAsync($"{id}/versions"))["items"]!.AsArray().ShouldBeEmpty();
        (await host.PostAsync($"{id}/validate"))["is_valid"]!.GetValue<bool>().ShouldBeFalse();
        var failure = (await host.GetAsync($"audit?workflow_id={id}&action=publish"))["items"]![0]!;
        failure["result"]!.GetValue<string>().ShouldBe("failure");
        failure["error_message"]!.GetValue<string>().ShouldContain("message_template");
        (await host.PostAsync("validate", JsonNode.Parse(Good.Json())))["error_count"]!.GetValue<int>().ShouldBe(0);
        (await host.PostAsync("validate", JsonNode.Parse(Bad.Json())))["error_count"]!.GetValue<int>().ShouldBe(1);
    }

    [Fact]
    public async Task Publishing_makes_versions_that_do_not_change_and_can_be_compared()
    {
        var id = await host.CreateAsync(Good);
        (await host.PostAsync($"{id}/publish"))["version"]!.GetValue<int>().ShouldBe(1);
        var second = new GraphText().Node("start", "trigger_webhook").Node("set", "data_variable_set", """{"variables":{"a":1}}""")
            .Node("end", "flow_end", """{"output_data":{"n":"{{ n + 1 }}"}}""").Link("start>set", "set>end").Settings("""{"max_retries":2}""");
        await host.SendAsync(HttpMethod.Put, id, JsonNode.Parse(second.Json()));
        (await host.GetAsync($"{id}/versions/1"))["nodes"]!.AsObject().Count.ShouldBe(2);
        (await host.PostAsync($"{id}/publish"))["version"]!.GetValue<int>().ShouldBe(2);
        (await host.GetAsync($"{id}/versions"))["items"]!.AsArray().Select(v => v!["version"]!.GetValue<int>()).ShouldBe([2, 1]);

        var diff = await host.GetAsync($"{id}/diff?from=1&to=2");
        diff["nodes_added"]!.ToJsonString().ShouldBe("""["set"]""");
        diff["nodes_removed"]!.AsArray().ShouldBeEmpty();
        diff["nodes_changed"]!.ToJsonString().ShouldBe(
            """[{"node":"end","fields":[{"field":"config.output_data.n","old":"{{ n }}","new":"{{ n \u002B 1 }}"}]}]""");
        diff["connections_added"]!.AsArray().Count.ShouldBe(2);
        diff["connections_removed"]!.AsArray().Count.ShouldBe(1);
        diff["settings"]!.ToJsonString().ShouldBe("""[{"field":"max_retries","old":0,"new":2}]""");
        (await host.GetAsync($"{id}/diff?from=0&to=2"))["nodes_changed"]!.AsArray().ShouldBeEmpty();
        await host.GetAsync($"{id}/diff?from=1&to=3", HttpStatusCode.NotFound);
        await host.GetAsync($"{id}/versions/3", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_published_workflow_goes_back_to_draft_and_starts_no_more()
    {
        var id = await host.CreatePublishedAsync(Good.Globals("""{"n":1}"""));
        await host.PostAsync($"{id}/draft");
        await host.PostAsync($"{id}/draft", expected: HttpStatusCode.Conflict);
        (await host.PostAsync($"{id}/execute", new JsonObject(), HttpStatusCode.Conflict))["detail"]!.GetValue<string>().ShouldContain("publish it first");
    }

    [Fact]
    public async Task An_exported_definition_can_be_imported_and_is_the_same()
    {
        var id = await host.CreateAsync(Good.Globals("""{"n":5}"""), "To be carried");
        var file = await host.GetAsync($"{id}/export");
        file["format"]!.GetValue<string>().ShouldBe("rookery.workflow/1");
        await host.ChannelAsync("elsewhere");
        var request = new JsonObject { ["entity_id"] = "sandbox:elsewhere", ["workflow"] = file.DeepClone() };
        var made = await host.SendAsync(HttpMethod.Post, "import", request, HttpStatusCode.Created, channel: "elsewhere");
        var copy = await host.SendAsync(HttpMethod.Get, $"{made["workflow"]!["workflow_id"]}/export", channel: "elsewhere");
        copy.ToJsonString().ShouldBe(file.ToJsonString());
        file["format"] = "something/9";
        await host.PostAsync("import", new JsonObject { ["entity_id"] = "sandbox:lab", ["workflow"] = file.DeepClone() }, HttpStatusCode.BadRequest);
        await host.PostAsync("import", new JsonObject { ["entity_id"] = "sandbox:lab" }, HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Lists_are_pages_and_filter_by_status_channel_and_text()
    {
        await host.ChannelAsync("pages");
        var body = ApiHost.Body(Good, "Page me", "pages");
        for (var i = 0; i < 3; i++)
        {
            await host.SendAsync(HttpMethod.Post, "", body, HttpStatusCode.Created, channel: "pages");
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        var cursor = "";
        while (cursor is not null)
        {
            var page = await host.SendAsync(HttpMethod.Get, $"?limit=2&entity_id=sandbox:pages&status=draft&search=PAGE&cursor={cursor}", channel: "pages");
            page["items"]!.AsArray().All(i => seen.Add(i!["workflow_id"]!.GetValue<string>())).ShouldBeTrue();
            cursor = page["next_cursor"]?.GetValue<string>();
        }

        seen.Count.ShouldBe(3);
    }

    [Fact]
    public async Task Limits_of_the_community_hold()
    {
        var community = await host.CommunityAsync("small");
        await SetAsync(community, "max_workflows", 1);
        await SetAsync(community, "max_iterations", 5);
        var looping = new GraphText().Node("start", "trigger_webhook").Node("again", "loop_repeat", """{"times":"2","max_iterations":6}""").Link("start>again")
            .Settings("""{"max_iterations":5}""");
        var made = await host.SendAsync(HttpMethod.Post, "", ApiHost.Body(looping, channel: "small"), HttpStatusCode.Created, channel: "small");
        made["findings"]!.AsArray().Single(f => f!["code"]!.GetValue<string>() == "over_limit")!["node"]!.GetValue<string>().ShouldBe("again");
        await host.SendAsync(HttpMethod.Post, $"{made["workflow"]!["workflow_id"]}/publish", expected: HttpStatusCode.BadRequest, channel: "small");
        (await host.SendAsync(HttpMethod.Post, "", ApiHost.Body(Good, channel: "small"), HttpStatusCode.Conflict, channel: "small"))["detail"]!
            .GetValue<string>().ShouldContain("max_workflows");
        await host.SendAsync(HttpMethod.Delete, $"{made["workflow"]!["workflow_id"]}", expected: HttpStatusCode.NoContent, channel: "small");
        await host.SendAsync(HttpMethod.Post, "", ApiHost.Body(Good, channel: "small"), HttpStatusCode.Created, channel: "small");
    }

    [Fact]
    public async Task A_run_takes_no_more_turns_than_its_community_allows()
    {
        await SetAsync(await host.CommunityAsync("brief"), "max_node_executions", 10);
        var text = new GraphText().Node("start", "trigger_webhook").Node("again", "loop_repeat", """{"times":"20"}""").Node("a", "data_variable_set", """{"variables":{"a":1}}""")
            .Link("start>again", "again.body>a");
        var workflow = await host.PublishAsync(text, "brief");
        var end = await (await host.StartAsync(workflow, channel: "brief")).Ended!.WaitAsync(TimeSpan.FromSeconds(30), Ct);
        end.Code.ShouldBe("too_many_nodes");
        (await host.RunAsync(await host.PublishAsync(text))).Status.ShouldBe("success");
    }

    [Fact]
    public async Task The_schema_and_the_palette_say_every_type_with_descriptions_and_ranges()
    {
        using var nobody = host.Client(null);
        var schema = await host.GetAsync("/schemas/workflow.json", client: nobody);
        var delay = schema["$defs"]!["action_delay"]!;
        delay["properties"]!["delay_ms"]!["maximum"]!.GetValue<long>().ShouldBe(31_622_400_000);
        delay["properties"]!["delay_ms"]!["description"]!.GetValue<string>().ShouldContain("Milliseconds");
        schema["$defs"]!["node"]!["allOf"]!.AsArray().Count.ShouldBe(25);
        using var response = await host.Http.GetAsync("/api/v1/workflow-node-types", Ct);
        var types = (await response.Content.ReadFromJsonAsync<JsonArray>(Ct))!;
        types.Count.ShouldBe(25);
        types.Single(t => t!["type"]!.GetValue<string>() == "condition_if")!["ports"]!.ToJsonString().ShouldBe("""["true","false"]""");
        types.ShouldAllBe(t => t!["description"]!.GetValue<string>().Length > 5 && t["config_schema"]!["properties"] != null || t["type"]!.GetValue<string>() == "trigger_schedule");
    }

    [Fact]
    public async Task No_id_of_one_community_opens_anything_to_another()
    {
        var id = await host.CreatePublishedAsync(Good.Globals("""{"n":1}"""));
        var run = (await host.RunAsync(id))["execution"]!["execution_id"]!.GetValue<string>();
        var grant = (await host.PostAsync($"{id}/permissions", new JsonObject { ["permission_type"] = "can_view" }))["permission_id"]!.GetValue<string>();
        var other = await host.CommunityAsync("stranger");
        using var stranger = await host.KeyAsync(other, Scopes.WorkflowsRead, Scopes.WorkflowsWrite, Scopes.WorkflowsRun, Scopes.AuditRead);
        (HttpMethod Method, string Path, JsonObject? Body)[] calls =
        [
            (HttpMethod.Get, id, null), (HttpMethod.Put, id, new JsonObject { ["name"] = "Taken over" }), (HttpMethod.Delete, id, null),
            (HttpMethod.Post, $"{id}/publish", null), (HttpMethod.Post, $"{id}/draft", null), (HttpMethod.Post, $"{id}/validate", null),
            (HttpMethod.Get, $"{id}/versions", null), (HttpMethod.Get, $"{id}/versions/1", null), (HttpMethod.Get, $"{id}/diff?from=0&to=1", null),
            (HttpMethod.Get, $"{id}/export", null), (HttpMethod.Post, $"{id}/execute", []), (HttpMethod.Post, $"{id}/test", []),
            (HttpMethod.Get, $"{id}/executions", null), (HttpMethod.Get, $"executions/{run}", null), (HttpMethod.Post, $"executions/{run}/cancel", null),
            (HttpMethod.Post, $"executions/{run}/replay", []), (HttpMethod.Post, $"executions/{run}/resume", null), (HttpMethod.Get, $"{id}/permissions", null),
            (HttpMethod.Post, $"{id}/permissions", new JsonObject { ["permission_type"] = "can_view" }), (HttpMethod.Delete, $"{id}/permissions/{grant}", null),
            (HttpMethod.Post, "", ApiHost.Body(Good)), (HttpMethod.Post, "import", new JsonObject { ["entity_id"] = "sandbox:lab", ["workflow"] = ApiHost.Body(Good, channel: null) }),
            (HttpMethod.Post, "test", new JsonObject { ["entity_id"] = "sandbox:lab", ["workflow"] = ApiHost.Body(Good, channel: null) }),
        ];
        foreach (var (method, path, body) in calls)
        {
            // By its own address with foreign ids, and by the address of the others.
            await host.SendAsync(method, path, body?.DeepClone(), HttpStatusCode.NotFound, stranger, "stranger");
            await host.SendAsync(method, path, body?.DeepClone(), HttpStatusCode.NotFound, stranger);
        }

        (await host.SendAsync(HttpMethod.Get, "", client: stranger, channel: "stranger"))["items"]!.AsArray().ShouldBeEmpty();
        (await host.SendAsync(HttpMethod.Get, $"audit?workflow_id={id}", client: stranger, channel: "stranger"))["items"]!.AsArray().ShouldBeEmpty();
        (await host.GetAsync(id))["name"]!.GetValue<string>().ShouldBe("A workflow");
        (await host.GetAsync($"{id}/permissions"))["items"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task Scopes_are_needed()
    {
        var id = await host.CreateAsync(Good);
        using var reader = await host.KeyAsync(null, Scopes.WorkflowsRead);
        await host.GetAsync(id, client: reader);
        await host.PostAsync($"{id}/publish", expected: HttpStatusCode.Forbidden, client: reader);
        await host.PostAsync($"{id}/test", new JsonObject(), HttpStatusCode.Forbidden, reader);
        await host.GetAsync("audit", HttpStatusCode.Forbidden, reader);
    }

    private Task SetAsync(long community, string key, int value) =>
        host.SendAsync(HttpMethod.Put, $"/api/v1/settings/workflows/{key}?community_id={community}", new JsonObject { ["value"] = value });
}
