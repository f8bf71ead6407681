using System.Text.Json.Nodes;
using Rookery.Kernel.Security;

namespace Rookery.EndToEnd.Tests.Api;

[Collection(SharedApi.Name)]
public sealed class CommunityTests(TestHost host)
{
    [Fact]
    public async Task A_community_is_made_shown_and_changed()
    {
        var name = $"Rooks {Guid.NewGuid():N}";
        var made = await host.Http.CallAsync(
            "POST", "/api/v1/communities", new JsonObject { ["name"] = name, ["owner"] = "twitch:1" }, 201);
        var path = $"/api/v1/communities/{made.Number("id")}";

        made.Text("owner").ShouldBe("twitch:1");
        var changed = await host.Http.CallAsync(
            "PATCH", path, new JsonObject { ["description"] = "Birds.", ["owner"] = "" });
        changed.Text("name").ShouldBe(name);
        changed.Text("description").ShouldBe("Birds.");
        changed["owner"].ShouldBeNull();
        (await host.Http.CallAsync("POST", "/api/v1/communities", new JsonObject { ["name"] = name }, 409))
            .Text("detail")
            .ShouldContain(name);
        (await host.Http.CallAsync("GET", $"/api/v1/audit?community_id={made.Number("id")}"))
            .Items()
            .Select(a => a.Text("action"))
            .ShouldBe(["community.updated", "community.created"]);
    }

    [Fact]
    public async Task In_a_community_that_is_off_nothing_is_answered()
    {
        var community = await host.CommunityAsync();
        var channel = await host.ChannelAsync(community);
        (await host.SayAsync("!ping", channel: channel)).Text("outcome").ShouldBe("replied");

        (await host.Http.CallAsync("DELETE", $"/api/v1/communities/{community}"))["is_active"]!.GetValue<bool>().ShouldBeFalse();
        (await host.SayAsync("!ping", channel: channel)).Text("outcome").ShouldBe("ignored");

        await host.Http.CallAsync("PATCH", $"/api/v1/communities/{community}", new JsonObject { ["is_active"] = true });
        (await host.SayAsync("!ping", channel: channel)).Text("outcome").ShouldBe("replied");
    }

    [Fact]
    public async Task The_global_community_stays()
    {
        await host.Http.CallAsync("DELETE", "/api/v1/communities/1", expect: 409);
        await host.Http.CallAsync("PATCH", "/api/v1/communities/1", new JsonObject { ["is_active"] = false }, 409);
    }

    [Theory]
    [InlineData("{}", "name")]
    [InlineData("{\"name\": \"\"}", "name")]
    [InlineData("{\"name\": \"x\", \"owner\": \"ada\"}", "owner")]
    [InlineData("{\"name\": \"x\", \"owner\": \"irc:ada\"}", "owner")]
    public async Task A_community_that_is_wrong_is_refused(string body, string field) =>
        (await host.Http.CallAsync("POST", "/api/v1/communities", JsonNode.Parse(body), 400))
            .Fields()
            .ShouldBe([field]);

    [Fact]
    public async Task A_key_of_a_community_changes_its_text_but_not_whose_it_is()
    {
        var community = await host.CommunityAsync();
        using var bound = await host.ClientAsync(community, Scopes.CommunitiesRead, Scopes.CommunitiesWrite);
        var path = $"/api/v1/communities/{community}";

        (await bound.CallAsync("PATCH", path, new JsonObject { ["description"] = "Ours." }))
            .Text("description")
            .ShouldBe("Ours.");
        await bound.CallAsync("PATCH", path, new JsonObject { ["owner"] = "twitch:1" }, 403);
        await bound.CallAsync("PATCH", path, new JsonObject { ["is_active"] = false }, 403);
        await bound.CallAsync("DELETE", path, expect: 403);
        await bound.CallAsync("POST", "/api/v1/communities", new JsonObject { ["name"] = "more" }, 403);
        (await bound.CallAsync("GET", "/api/v1/communities")).Items().Single().Number("id").ShouldBe(community);
    }

    [Fact]
    public async Task Roles_are_granted_shown_and_taken_back()
    {
        var community = await host.CommunityAsync();
        var path = $"/api/v1/communities/{community}/members/discord/{Uri.EscapeDataString("a/b c")}";

        var granted = await host.Http.CallAsync(
            "PUT", path, new JsonObject { ["role"] = "moderator", ["user_name"] = "Bea" });
        granted.Text("user_id").ShouldBe("a/b c");
        granted.Text("granted_by").ShouldBe("key:test admin");
        (await host.Http.CallAsync("PUT", path, new JsonObject { ["role"] = "admin" }))
            .Text("user_name")
            .ShouldBe("Bea");
        (await host.Http.CallAsync("GET", path)).Text("role").ShouldBe("admin");

        await host.Http.CallAsync("DELETE", path, expect: 204);
        await host.Http.CallAsync("GET", path, expect: 404);
        await host.Http.CallAsync("DELETE", path, expect: 404);
        (await host.Http.CallAsync("PUT", path, new JsonObject { ["role"] = "king" }, 400)).Fields().ShouldBe(["role"]);
        await host.Http.CallAsync(
            "PUT", "/api/v1/communities/999999/members/discord/1", new JsonObject { ["role"] = "vip" }, 404);
    }
}
