using System.Text.Json.Nodes;
using Rookery.Kernel;
using Rookery.Kernel.Security;
using Rookery.Router;

namespace Rookery.EndToEnd.Tests.Api;

/// <summary>A key that is bound to one community, with every scope, against everything another community has.</summary>
[Collection(SharedApi.Name)]
public sealed class TenantTests(TestHost host)
{
    /// <summary>Routes whose rows are of all communities.</summary>
    private static readonly string[] OfAll = ["GET /api/v1/commands", "GET /api/v1/commands/{id:long}"];

    /// <summary>
    /// Routes with a test of their own, here or beside what they are for. Those of people who are signed in take no key.
    /// </summary>
    private static readonly string[] Elsewhere =
        [
            "GET /api/v1/communities",
            "POST /api/v1/events",
            "POST /api/v1/events/batch",
            "POST /api/v1/module-responses",
            "GET /api/v1/module-responses/{execution_id:guid}"
        ];

    [Fact]
    public async Task No_route_shows_or_changes_what_is_of_another_community()
    {
        var theirs = await TheirsAsync();
        using var bound = await host.ClientAsync(await host.CommunityAsync(), Scopes.Admin);
        var before = await SnapshotAsync(theirs);
        var calls = Calls(theirs);

        foreach (var (route, path, body) in calls)
        {
            using var response = await bound.AskAsync(route.Split(' ')[0], path, body);
            var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            ((int)response.StatusCode).ShouldBeOneOf([400, 403, 404], $"{route} {path}: {text}");
            text.ShouldNotContain(theirs.Mark, customMessage: route);
        }

        (await SnapshotAsync(theirs)).ShouldBe(before);
        var covered = calls.Select(c => c.Route).Concat(OfAll).Concat(Elsewhere).ToHashSet(StringComparer.Ordinal);
        Route.All(host)
            .Where(r => r.Owner == typeof(KernelModule).Assembly || r.Owner == typeof(RouterModule).Assembly)
            .Where(r => !covered.Contains(r.ToString()) && !r.Pattern.StartsWith("/api/v1/auth/", StringComparison.Ordinal))
            .ShouldBeEmpty();
    }

    [Fact]
    public async Task Lists_hold_nothing_of_another_community()
    {
        var theirs = await TheirsAsync();
        using var bound = await host.ClientAsync(await host.CommunityAsync(), Scopes.Admin);

        foreach (var path in new[]
        {
            "communities", "entities", "keys", "audit", "executions", "stats/commands", "settings", "settings/history",
            $"executions?entity_id=sandbox:{theirs.Channel}", $"executions?user_id={theirs.User}",
        })
        {
            var text = (await bound.CallAsync("GET", $"/api/v1/{path}")).ToJsonString();
            text.ShouldNotContain(theirs.Mark, customMessage: path);
            text.ShouldNotContain(theirs.Channel, customMessage: path);
        }
    }

    [Fact]
    public async Task Events_are_taken_for_own_channels_only()
    {
        var (own, theirs) = (await host.CommunityAsync(), await TheirsAsync());
        var channel = await host.ChannelAsync(own);
        using var bound = await host.ClientAsync(own, Scopes.EventsWrite);
        var unknown = $"c{Guid.NewGuid():N}";

        (await bound.CallAsync("POST", "/api/v1/events", Event(channel))).Text("outcome").ShouldBe("replied");
        await bound.CallAsync("POST", "/api/v1/events", Event(theirs.Channel), 404);
        await bound.CallAsync("POST", "/api/v1/events", Event(unknown), 404);
        var batch = await bound.CallAsync(
            "POST",
            "/api/v1/events/batch",
            new JsonObject { ["events"] = new JsonArray(Event(channel), Event(theirs.Channel)) });
        batch["results"]!.AsArray().Select(r => r!.Number("status")).ShouldBe([200, 404]);
        await host.Http.CallAsync("GET", $"/api/v1/entities/sandbox:{unknown}", expect: 404);
    }

    [Fact]
    public async Task Every_route_of_a_community_refuses_the_keys_of_others()
    {
        var theirs = await host.CommunityAsync();
        using var bound = await host.ClientAsync(await host.CommunityAsync(), Scopes.Admin);

        foreach (var route in Route.All(host).Where(r => r.Pattern.Contains("{community_id", StringComparison.Ordinal)))
        {
            var path = route.Path.Replace("communities/999999999", $"communities/{theirs}", StringComparison.Ordinal);
            using var response = await bound.AskAsync(route.Method, path, route.TakesBody ? new JsonObject() : null);
            ((int)response.StatusCode).ShouldBe(404, route.ToString());
        }
    }

    private static List<(string Route, string Path, JsonObject? Body)> Calls(Theirs t)
    {
        var (community, entity) = ($"/api/v1/communities/{t.Community}", $"/api/v1/entities/sandbox:{t.Channel}");
        var (permission, setting, query) = (
            $"{entity}/permissions/{t.Command}", "/api/v1/settings/system/timezone", $"?community_id={t.Community}");
        JsonObject Empty() => [];
        return
        [
            ("POST /api/v1/communities", "/api/v1/communities", new JsonObject { ["name"] = "mine" }),
            ("GET /api/v1/communities/{community_id:long}", community, null),
            ("PATCH /api/v1/communities/{community_id:long}", community, new JsonObject { ["name"] = "mine" }),
            ("DELETE /api/v1/communities/{community_id:long}", community, null),
            ("GET /api/v1/communities/{community_id:long}/members", $"{community}/members", null),
            (
                "GET /api/v1/communities/{community_id:long}/members/{platform}/{user_id}",
                $"{community}/members/sandbox/{t.User}",
                null),
            (
                "PUT /api/v1/communities/{community_id:long}/members/{platform}/{user_id}",
                $"{community}/members/sandbox/{t.User}",
                new JsonObject { ["role"] = "owner" }),
            (
                "DELETE /api/v1/communities/{community_id:long}/members/{platform}/{user_id}",
                $"{community}/members/sandbox/{t.User}",
                null),
            ("GET /api/v1/entities", $"/api/v1/entities{query}", null),
            (
                "POST /api/v1/entities",
                "/api/v1/entities",
                new JsonObject { ["platform"] = "sandbox", ["channel_id"] = "new", ["community_id"] = t.Community }),
            ("GET /api/v1/entities/{entity_id}", entity, null),
            ("PATCH /api/v1/entities/{entity_id}", entity, new JsonObject { ["is_active"] = false }),
            ("DELETE /api/v1/entities/{entity_id}", entity, null),
            ("GET /api/v1/entities/{entity_id}/permissions", $"{entity}/permissions", null),
            ("GET /api/v1/entities/{entity_id}/permissions/{command_id:long}", permission, null),
            (
                "PUT /api/v1/entities/{entity_id}/permissions/{command_id:long}",
                permission,
                new JsonObject { ["is_enabled"] = false }),
            (
                "PATCH /api/v1/entities/{entity_id}/permissions/{command_id:long}",
                permission,
                new JsonObject { ["is_enabled"] = false }),
            ("DELETE /api/v1/entities/{entity_id}/permissions/{command_id:long}", permission, null),
            ("GET /api/v1/coordination", "/api/v1/coordination", null),
            ("GET /api/v1/coordination/stats", "/api/v1/coordination/stats", null),
            ("POST /api/v1/coordination/{id:long}/release", "/api/v1/coordination/1/release", null),
            ("PATCH /api/v1/coordination/{id:long}", "/api/v1/coordination/1", new JsonObject { ["priority"] = 1 }),
            ("GET /api/v1/servers", "/api/v1/servers", null),
            ("GET /api/v1/servers/{id:long}", "/api/v1/servers/1", null),
            ("PATCH /api/v1/servers/{id:long}", "/api/v1/servers/1", new JsonObject { ["is_active"] = false }),
            ("GET /api/v1/collectors", "/api/v1/collectors", null),
            ("GET /api/v1/settings", $"/api/v1/settings{query}", null),
            ("GET /api/v1/settings/{scope}/{key}", $"{setting}{query}", null),
            ("PUT /api/v1/settings/{scope}/{key}", $"{setting}{query}", new JsonObject { ["value"] = "Europe/Rome" }),
            ("DELETE /api/v1/settings/{scope}/{key}", $"{setting}{query}", null),
            ("GET /api/v1/settings/history", $"/api/v1/settings/history{query}", null),
            ("POST /api/v1/settings/rollback/{id:long}", $"/api/v1/settings/rollback/{t.Change}", Empty()),
            ("GET /api/v1/audit", $"/api/v1/audit{query}", null),
            ("GET /api/v1/keys", $"/api/v1/keys{query}", null),
            (
                "POST /api/v1/keys",
                "/api/v1/keys",
                new JsonObject { ["name"] = "x", ["scopes"] = new JsonArray(Scopes.Admin), ["community_id"] = t.Community }),
            ("DELETE /api/v1/keys/{id:guid}", $"/api/v1/keys/{t.Key}", null),
            (
                "POST /api/v1/personal-data/{platform}/{user_id}/export",
                $"/api/v1/personal-data/sandbox/{t.User}/export",
                Empty()),
            (
                "POST /api/v1/personal-data/{platform}/{user_id}/erase",
                $"/api/v1/personal-data/sandbox/{t.User}/erase",
                Empty()),
            (
                "POST /api/v1/commands",
                "/api/v1/commands",
                new JsonObject { ["command"] = "mine", ["prefix"] = "#", ["location_url"] = "https://example.org" }),
            (
                "PATCH /api/v1/commands/{id:long}",
                $"/api/v1/commands/{t.Command}",
                new JsonObject { ["is_active"] = false }),
            ("DELETE /api/v1/commands/{id:long}", $"/api/v1/commands/{t.Command}", null),
            ("GET /api/v1/executions", $"/api/v1/executions{query}", null),
            ("GET /api/v1/executions/{execution_id:guid}", $"/api/v1/executions/{t.Execution}", null),
            ("GET /api/v1/stats/commands", $"/api/v1/stats/commands{query}", null),
        ];
    }

    /// <summary>A community with one of everything, each carrying the mark.</summary>
    private async Task<Theirs> TheirsAsync()
    {
        var mark = $"mark{Guid.NewGuid():N}";
        var community =
            (await host.Http.CallAsync("POST", "/api/v1/communities", new JsonObject { ["name"] = mark }, 201)).Number("id");
        var channel = await host.ChannelAsync(community);
        var (user, query) = ($"user-{mark}", $"?community_id={community}");
        await host.Http.CallAsync(
            "PATCH",
            $"/api/v1/entities/sandbox:{channel}",
            new JsonObject { ["config"] = new JsonObject { ["note"] = mark } });
        await host.Http.CallAsync(
            "PUT",
            $"/api/v1/communities/{community}/members/sandbox/{user}",
            new JsonObject { ["role"] = "vip", ["user_name"] = mark });
        await host.Http.CallAsync(
            "PUT", $"/api/v1/settings/system/timezone{query}", new JsonObject { ["value"] = "Europe/Paris" });
        var change = (await host.Http.CallAsync("GET", $"/api/v1/settings/history{query}")).Items()[0].Number("id");
        var key = await host.Http.CallAsync(
            "POST",
            "/api/v1/keys",
            new JsonObject { ["name"] = mark, ["scopes"] = new JsonArray(Scopes.CommandsRead), ["community_id"] = community },
            201);
        var answer = await host.SayAsync($"!ping {mark}", user: user, channel: channel);
        return new Theirs(
            mark,
            community,
            channel,
            user,
            change,
            key["key"]!.Text("id"),
            answer.Text("execution_id"),
            await host.CommandIdAsync("ping"));
    }

    private async Task<string> SnapshotAsync(Theirs t)
    {
        var parts = new List<string>();
        foreach (var path in new[]
        {
            $"communities/{t.Community}", $"communities/{t.Community}/members", $"entities?community_id={t.Community}", $"entities/sandbox:{t.Channel}/permissions?limit=200",
            $"settings?community_id={t.Community}", $"keys?community_id={t.Community}", $"executions?community_id={t.Community}", $"audit?community_id={t.Community}", $"commands/{t.Command}",
        })
        {
            parts.Add((await host.Http.CallAsync("GET", $"/api/v1/{path}")).ToJsonString());
        }

        return string.Join('\n', parts);
    }

    private static JsonObject Event(string channel) => new()
    {
        ["platform"] = "sandbox",
        ["channel_id"] = channel,
        ["message_type"] = "chatMessage",
        ["user_id"] = "ada",
        ["user_name"] = "Ada",
        ["message_content"] = "!ping",
    };

    private sealed record Theirs(
        string Mark,
        long Community,
        string Channel,
        string User,
        long Change,
        string Key,
        string Execution,
        long Command);
}
