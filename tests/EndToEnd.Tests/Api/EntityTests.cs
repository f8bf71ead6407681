using System.Text.Json.Nodes;
using Rookery.Kernel.Security;

namespace Rookery.EndToEnd.Tests.Api;

[Collection(SharedApi.Name)]
public sealed class EntityTests(TestHost host)
{
    [Fact]
    public async Task A_channel_is_added_shown_changed_and_switched_off()
    {
        var community = await host.CommunityAsync();
        var body =
            new JsonObject { ["platform"] = "discord", ["server_id"] = $"s{Guid.NewGuid():N}", ["channel_id"] = "a:b/c%", ["community_id"] = community };
        var made = await host.Http.CallAsync("POST", "/api/v1/entities", body, 201);
        var path = $"/api/v1/entities/{Uri.EscapeDataString(made.Text("entity_id"))}";

        made.Text("entity_id").ShouldEndWith(":a%3Ab/c%25");
        (await host.Http.CallAsync("GET", path)).Text("channel_id").ShouldBe("a:b/c%");
        await host.Http.CallAsync("POST", "/api/v1/entities", body, 409);

        var changed = await host.Http.CallAsync(
            "PATCH", path, new JsonObject { ["owner"] = "discord:7", ["config"] = new JsonObject { ["lang"] = "fr" } });
        changed.Text("owner").ShouldBe("discord:7");
        changed["config"]!.Text("lang").ShouldBe("fr");
        (await host.Http.CallAsync("DELETE", path))["is_active"]!.GetValue<bool>().ShouldBeFalse();
    }

    [Fact]
    public async Task A_channel_that_is_off_is_silent_at_once()
    {
        var channel = await host.ChannelAsync(await host.CommunityAsync());
        (await host.SayAsync("!ping", channel: channel)).Text("outcome").ShouldBe("replied");

        await host.Http.CallAsync("DELETE", $"/api/v1/entities/sandbox:{channel}");

        (await host.SayAsync("!ping", channel: channel)).Text("outcome").ShouldBe("ignored");
    }

    [Fact]
    public async Task A_channel_moves_only_by_a_key_of_no_community()
    {
        var (here, there) = (await host.CommunityAsync(), await host.CommunityAsync());
        var channel = await host.ChannelAsync(here);
        using var bound = await host.ClientAsync(here, Scopes.Admin);
        var move = new JsonObject { ["community_id"] = there };

        await bound.CallAsync("PATCH", $"/api/v1/entities/sandbox:{channel}", move, 403);
        (await host.Http.CallAsync("PATCH", $"/api/v1/entities/sandbox:{channel}", move))
            .Number("community_id")
            .ShouldBe(there);
        await bound.CallAsync("GET", $"/api/v1/entities/sandbox:{channel}", expect: 404);
        (await host.Http.CallAsync("PATCH", $"/api/v1/entities/sandbox:{channel}", new JsonObject { ["community_id"] = 999_999 }, 400))
            .Fields()
            .ShouldBe(["community_id"]);
    }

    [Fact]
    public async Task A_community_adds_channels_of_its_own_servers_only()
    {
        var community = await host.CommunityAsync();
        var server = $"s{Guid.NewGuid():N}";
        JsonObject Channel(string id) => new() { ["platform"] = "slack", ["server_id"] = server, ["channel_id"] = id };
        using var bound = await host.ClientAsync(community, Scopes.CommunitiesWrite);

        await bound.CallAsync("POST", "/api/v1/entities", Channel("one"), 403);

        var first = Channel("one");
        first["community_id"] = community;
        await host.Http.CallAsync("POST", "/api/v1/entities", first, 201);
        (await bound.CallAsync("POST", "/api/v1/entities", Channel("two"), 201))
            .Number("community_id")
            .ShouldBe(community);
    }

    [Fact]
    public async Task A_channel_that_is_wrong_is_refused_for_every_reason()
    {
        var body =
            new JsonObject { ["platform"] = "irc", ["server_id"] = "", ["owner"] = "ada", ["config"] = new JsonArray() };

        (await host.Http.CallAsync("POST", "/api/v1/entities", body, 400)).Fields()
            .ShouldBe(["owner", "config", "platform", "channel_id", "server_id", "community_id"], ignoreOrder: true);
    }

    [Fact]
    public async Task The_owner_of_a_channel_never_comes_from_chat()
    {
        var channel = $"c{Guid.NewGuid():N}";
        await host.SayAsync("!ping", channel: channel, role: "owner");

        (await host.Http.CallAsync("GET", $"/api/v1/entities/sandbox:{channel}"))["owner"].ShouldBeNull();
    }
}
