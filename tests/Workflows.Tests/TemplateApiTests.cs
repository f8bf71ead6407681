using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Rookery.Kernel.Security;
using Rookery.Workflows.Templates;

namespace Rookery.Workflows.Tests;

public sealed class TemplateApiTests(TemplateHost host) : IClassFixture<TemplateHost>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Templates_are_found_by_category_tags_and_words()
    {
        var path = await host.PathAsync("lab");
        (await NamesAsync($"{path}?category=moderation")).ShouldBe(["Keyword alert", "Moderation escalation"]);
        (await NamesAsync($"{path}?tag=command&tag=tickets")).ShouldBe(["Ticket escalation"]);
        (await NamesAsync($"{path}?search=OVERLAY")).ShouldBe(["Shoutout on raid", "Go-live chain"]);
        var page = await host.Http.GetFromJsonAsync<JsonObject>($"{path}?limit=5", Ct);
        var rest = await NamesAsync($"{path}?cursor={page!["next_cursor"]}");
        page["items"]!.AsArray().Select(i => i!["name"]!.GetValue<string>()).Concat(rest).Take(12).ShouldBe(ShippedTemplates.All().Select(t => t.Name));
    }

    [Fact]
    public async Task Each_time_a_template_is_taken_counts_once()
    {
        var before = await CountAsync();
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => host.InstantiateAsync("Welcome", "lab")));
        using var refused = await host.Http.PostAsJsonAsync(
            $"{await host.PathAsync("lab")}/{TemplateHost.IdOf("Welcome")}/instantiate", new JsonObject { ["name"] = "Welcome", ["entity_id"] = "sandbox::nowhere" }, Ct);
        refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await CountAsync()).ShouldBe(before + 10);

        async Task<long> CountAsync() => (await host.Http.GetFromJsonAsync<JsonObject>($"{await host.PathAsync("lab")}/{TemplateHost.IdOf("Welcome")}", Ct))!["download_count"]!.GetValue<long>();
    }

    [Fact]
    public async Task A_community_makes_templates_of_its_own_that_nobody_else_sees()
    {
        var workflow = await host.InstantiateAsync("Giveaway draw", "lab");
        var path = await host.PathAsync("lab");
        var body = new JsonObject { ["workflow_id"] = workflow["workflow_id"]!.GetValue<string>(), ["name"] = "Our giveaway", ["category"] = "ours", ["tags"] = new JsonArray("fun") };
        using var made = await host.Http.PostAsJsonAsync(path, body, Ct);
        made.StatusCode.ShouldBe(HttpStatusCode.Created, await made.Content.ReadAsStringAsync(Ct));
        var template = (await made.Content.ReadFromJsonAsync<JsonObject>(Ct))!;
        template["is_public"]!.GetValue<bool>().ShouldBeFalse();
        using var again = await host.Http.PostAsJsonAsync(path, body, Ct);
        again.StatusCode.ShouldBe(HttpStatusCode.Conflict);

        using var copy = await host.Http.PostAsJsonAsync(
            $"{path}/{template["template_id"]}/instantiate", new JsonObject { ["name"] = "Second", ["entity_id"] = (await host.ChannelAsync("lab")).EntityId }, Ct);
        JsonNode.DeepEquals((await copy.Content.ReadFromJsonAsync<JsonObject>(Ct))!["nodes"], workflow["nodes"]).ShouldBeTrue();

        var elsewhere = await host.PathAsync("elsewhere");
        (await NamesAsync($"{elsewhere}?category=ours")).ShouldBeEmpty();
        (await host.Http.GetAsync($"{elsewhere}/{template["template_id"]}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await host.Http.DeleteAsync($"{elsewhere}/{template["template_id"]}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await host.Http.DeleteAsync($"{path}/{template["template_id"]}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await host.Http.GetAsync($"{path}/{template["template_id"]}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_template_of_the_server_cannot_be_deleted_and_a_stranger_takes_none_into_a_community()
    {
        var path = await host.PathAsync("lab");
        (await host.Http.DeleteAsync($"{path}/{TemplateHost.IdOf("Welcome")}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        var elsewhere = (await host.ChannelAsync("elsewhere")).CommunityId;
        var key = await host.Get<ApiKeys>().CreateAsync("elsewhere", [Scopes.WorkflowsRead, Scopes.WorkflowsWrite], elsewhere, 0, null, "test", Ct);
        using var stranger = host.Client(key.Secret);
        var body = new JsonObject { ["name"] = "Mine now", ["entity_id"] = (await host.ChannelAsync("lab")).EntityId };
        (await stranger.PostAsJsonAsync($"{path}/{TemplateHost.IdOf("Welcome")}/instantiate", body, Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await stranger.PostAsJsonAsync($"{await host.PathAsync("elsewhere")}/{TemplateHost.IdOf("Welcome")}/instantiate", body, Ct)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_rating_is_the_mean_of_what_communities_think_now()
    {
        var id = TemplateHost.IdOf("Daily quote");
        await RateAsync("lab", 1);
        await RateAsync("lab", 5);
        (await RateAsync("elsewhere", 4))["rating"]!.GetValue<decimal>().ShouldBe(4.5m);
        using var refused = await host.Http.PutAsJsonAsync($"{await host.PathAsync("lab")}/{id}/rating", new JsonObject { ["rating"] = 6 }, Ct);
        refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);

        async Task<JsonObject> RateAsync(string channel, int rating)
        {
            using var response = await host.Http.PutAsJsonAsync($"{await host.PathAsync(channel)}/{id}/rating", new JsonObject { ["rating"] = rating }, Ct);
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
            return (await response.Content.ReadFromJsonAsync<JsonObject>(Ct))!;
        }
    }

    [Fact]
    public async Task A_new_start_of_the_server_changes_only_what_is_new_in_a_template()
    {
        var path = await host.PathAsync("lab");
        var before = await host.Http.GetFromJsonAsync<JsonObject>($"{path}/{TemplateHost.IdOf("Welcome")}", Ct);
        var shipped = ShippedTemplates.All();
        await host.Get<TemplateStore>().PutAsync(shipped, Ct);
        (await host.Http.GetFromJsonAsync<JsonObject>($"{path}/{TemplateHost.IdOf("Welcome")}", Ct))!["updated_at"]!.ToString().ShouldBe(before!["updated_at"]!.ToString());
        await host.Get<TemplateStore>().PutAsync([.. shipped.Select(t => t.Name == "Welcome" ? t with { Description = "Says hello." } : t)], Ct);
        (await host.Http.GetFromJsonAsync<JsonObject>($"{path}/{TemplateHost.IdOf("Welcome")}", Ct))!["description"]!.GetValue<string>().ShouldBe("Says hello.");
    }

    private async Task<List<string>> NamesAsync(string path) =>
        [.. (await host.Http.GetFromJsonAsync<JsonObject>(path, Ct))!["items"]!.AsArray().Select(i => i!["name"]!.GetValue<string>())];
}
