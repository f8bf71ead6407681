using System.Text.Json.Nodes;
using Rookery.Kernel.Chat;

namespace Rookery.EndToEnd.Tests.Api;

[Collection(SharedApi.Name)]
public sealed class PermissionTests(TestHost host)
{
    [Fact]
    public async Task A_channel_lists_every_command_with_its_default()
    {
        var entity = await NewEntityAsync();
        var rows = (await host.Http.CallAsync("GET", $"{entity.Path}?limit=200")).Items();

        var ping = rows.Single(r => r.Text("command") == "!ping");
        ping["is_enabled"]!.GetValue<bool>().ShouldBeTrue();
        ping["is_default"]!.GetValue<bool>().ShouldBeTrue();
        ping.Number("usage_count").ShouldBe(0);
    }

    [Fact]
    public async Task A_command_that_runs_elsewhere_is_off_until_a_channel_turns_it_on()
    {
        var (entity, name) = (await NewEntityAsync(), $"r{Guid.NewGuid():N}");
        var body = new JsonObject { ["command"] = name, ["prefix"] = "#", ["location_url"] = "http://127.0.0.1:9/run" };
        var id = (await host.Http.CallAsync("POST", "/api/v1/commands", body, 201)).Number("id");

        (await host.Http.CallAsync("GET", $"{entity.Path}/{id}"))["is_enabled"]!.GetValue<bool>().ShouldBeFalse();
        var answer = await host.SayAsync($"#{name}", channel: entity.Channel);
        answer["responses"]!.AsArray().ShouldBeEmpty();
        (await RowAsync(answer)).Number("response_status").ShouldBe(403);

        await host.Http.CallAsync("PATCH", $"{entity.Path}/{id}", new JsonObject { ["is_enabled"] = true });
        (await RowAsync(await host.SayAsync($"#{name}", channel: entity.Channel)))
            .Text("error_message")
            .ShouldNotContain("not enabled");
    }

    [Fact]
    public async Task Off_here_means_silent_here_and_leaves_a_row_with_403()
    {
        var entity = await NewEntityAsync();
        await host.Http.CallAsync("PUT", entity.Command, new JsonObject { ["is_enabled"] = false });

        var answer = await host.SayAsync("!ping", channel: entity.Channel);

        answer.Text("outcome").ShouldBe("refused");
        answer["responses"]!.AsArray().ShouldBeEmpty();
        (await RowAsync(answer)).Number("response_status").ShouldBe(403);
        (await host.SayAsync("!ping", channel: (await NewEntityAsync()).Channel)).Text("outcome").ShouldBe("replied");
    }

    [Theory]
    [InlineData("{}", "member vip subscriber moderator admin owner")]
    [InlineData("{\"min_role\": \"moderator\"}", "moderator admin owner")]
    [InlineData("{\"min_role\": \"owner\", \"allow_roles\": [\"vip\"]}", "vip owner")]
    [InlineData("{\"deny_roles\": [\"subscriber\", \"owner\"]}", "member vip moderator admin")]
    [InlineData("{\"min_role\": \"owner\", \"allow_users\": [\"ada\"]}", "member vip subscriber moderator admin owner")]
    [InlineData("{\"deny_roles\": [\"member\"], \"allow_users\": [\"ada\"]}", "member vip subscriber moderator admin owner")]
    [InlineData("{\"deny_users\": [\"ada\"], \"allow_users\": [\"ada\"], \"allow_roles\": [\"owner\"]}", "")]
    public async Task Who_may_call_is_decided_by_user_then_role_then_least_role(string rules, string may)
    {
        var entity = await NewEntityAsync();
        await host.Http.CallTextAsync("PATCH", entity.Command, $"{{\"permissions\": {rules}}}", 200);

        foreach (var role in Roles.All)
        {
            var allowed = may.Split(' ').Contains(role, StringComparer.Ordinal);
            var answer = await host.SayAsync("!ping", user: "ada", channel: entity.Channel, role: role);

            answer.Text("outcome").ShouldBe(allowed ? "replied" : "refused", role);
            (await RowAsync(answer)).Number("response_status").ShouldBe(allowed ? 200 : 403, role);
        }
    }

    [Fact]
    public async Task A_role_the_community_grants_counts_at_once()
    {
        var entity = await NewEntityAsync();
        await host.Http.CallAsync(
            "PATCH", entity.Command, new JsonObject { ["permissions"] = new JsonObject { ["min_role"] = "admin" } });
        (await host.SayAsync("!ping", channel: entity.Channel)).Text("outcome").ShouldBe("refused");

        var member = $"/api/v1/communities/{entity.Community}/members/sandbox/ada";
        await host.Http.CallAsync("PUT", member, new JsonObject { ["role"] = "admin", ["user_name"] = "Ada" });
        (await host.SayAsync("!ping", channel: entity.Channel)).Text("outcome").ShouldBe("replied");

        await host.Http.CallAsync("DELETE", member, expect: 204);
        (await host.SayAsync("!ping", channel: entity.Channel)).Text("outcome").ShouldBe("refused");
    }

    [Fact]
    public async Task A_call_over_the_limit_leaves_a_row_with_429()
    {
        await using var own = new TestHost();
        await own.InitializeAsync();
        await own.Http.CallAsync(
            "PATCH", $"/api/v1/commands/{await own.CommandIdAsync("ping")}", new JsonObject { ["rate_limit"] = 2 });

        await own.SayAsync("!ping");
        await own.SayAsync("!ping");
        var third = await own.SayAsync("!ping");

        third.Text("outcome").ShouldBe("refused");
        var row = await own.Http.CallAsync("GET", $"/api/v1/executions/{third.Text("execution_id")}");
        row.Number("response_status").ShouldBe(429);
        row.Text("status").ShouldBe("failed");
    }

    [Fact]
    public async Task Uses_are_counted_exactly_when_many_call_at_once()
    {
        var community = await host.CommunityAsync();
        var ping = await host.CommandIdAsync("ping");
        var channels = new List<string>();
        for (var i = 0; i < 10; i++)
        {
            channels.Add(await host.ChannelAsync(community));
        }

        await Task.WhenAll(
            Enumerable.Range(0, 300).Select(i => host.SayAsync("!ping", user: $"u{i % 7}", channel: channels[i % 10])));

        foreach (var channel in channels)
        {
            var row = await host.Http.CallAsync("GET", $"/api/v1/entities/sandbox:{channel}/permissions/{ping}");
            row.Number("usage_count").ShouldBe(30);
            row["last_used"].ShouldNotBeNull();
        }

        JsonObject stat = [];
        await TestHost.EventuallyAsync(
            async () =>
            {
                var stats =
                    (await host.Http.CallAsync("GET", $"/api/v1/stats/commands?community_id={community}")).Items();
                stat = stats is [var only] ? only : [];
                return stats.Count == 1 && stat.Number("count") == 300;
            },
            "the statistics count 300 calls");
        stat.Text("command").ShouldBe("!ping");
        stat.Number("ok").ShouldBe(300);
        stat.Number("err").ShouldBe(0);
        stat["avg_ms"]!.GetValue<double>().ShouldBe(Math.Round(stat.Number("total_ms") / 300d, 3));
        (await host.Http.CallAsync("GET", $"/api/v1/stats/commands?community_id={community}&days=1"))
            .Items()
            .Single()
            .Number("count")
            .ShouldBe(300);
    }

    [Fact]
    public async Task Changing_one_field_keeps_the_others_and_deleting_keeps_the_count()
    {
        var entity = await NewEntityAsync();
        await host.SayAsync("!ping", channel: entity.Channel);
        await host.Http.CallAsync(
            "PATCH", entity.Command, new JsonObject { ["config"] = new JsonObject { ["greeting"] = "hi" } });
        var changed = await host.Http.CallAsync(
            "PATCH", entity.Command, new JsonObject { ["permissions"] = new JsonObject { ["min_role"] = "vip" } });

        changed["config"]!.Text("greeting").ShouldBe("hi");
        changed["permissions"]!.Text("min_role").ShouldBe("vip");
        changed["is_default"]!.GetValue<bool>().ShouldBeFalse();

        var whole = await host.Http.CallAsync("PUT", entity.Command, new JsonObject { ["is_enabled"] = true });
        whole["config"]!.AsObject().ShouldBeEmpty();
        whole["is_default"]!.GetValue<bool>().ShouldBeTrue();

        await host.Http.CallAsync("PATCH", entity.Command, new JsonObject { ["is_enabled"] = false });
        var reset = await host.Http.CallAsync("DELETE", entity.Command);
        reset["is_enabled"]!.GetValue<bool>().ShouldBeTrue();
        reset["is_default"]!.GetValue<bool>().ShouldBeTrue();
        reset.Number("usage_count").ShouldBe(1);
    }

    [Theory]
    [InlineData("PUT", "{}", "is_enabled")]
    [InlineData("PATCH", "{\"config\": []}", "config")]
    [InlineData("PATCH", "{\"config\": {\"a\": \"\\u0000\"}}", "config")]
    [InlineData("PATCH", "{\"config\": {\"a\": \"\\ud800\"}}", "config")]
    [InlineData("PATCH", "{\"config\": {\"a\": 1e999}}", "config")]
    [InlineData("PATCH", "{\"permissions\": {\"min_role\": \"king\"}}", "permissions.min_role")]
    [InlineData("PATCH", "{\"permissions\": {\"minrole\": \"owner\"}}", "permissions.minrole")]
    [InlineData("PATCH", "{\"permissions\": {\"allow_roles\": [\"king\"]}}", "permissions.allow_roles")]
    [InlineData("PATCH", "{\"permissions\": {\"deny_users\": [\"\"]}}", "permissions.deny_users")]
    [InlineData("PATCH", "{\"permissions\": {\"deny_users\": [null]}}", "permissions.deny_users")]
    public async Task Rules_that_mean_nothing_are_refused(string method, string body, string field)
    {
        var entity = await NewEntityAsync();

        (await host.Http.CallTextAsync(method, entity.Command, body, 400)).Fields().ShouldBe([field]);
        (await host.Http.CallAsync("GET", entity.Command))["is_default"]!.GetValue<bool>().ShouldBeTrue();
    }

    [Fact]
    public async Task A_config_over_16_kib_is_refused()
    {
        var entity = await NewEntityAsync();
        var body = new JsonObject { ["config"] = new JsonObject { ["text"] = new string('x', 16 * 1024) } };

        (await host.Http.CallAsync("PATCH", entity.Command, body, 400)).Fields().ShouldBe(["config"]);
    }

    [Fact]
    public async Task Lists_that_are_null_are_empty_lists()
    {
        var entity = await NewEntityAsync();

        await host.Http.CallAsync(
            "PATCH",
            entity.Command,
            JsonNode.Parse("{\"permissions\": {\"allow_users\": null, \"min_role\": \"vip\"}}"));

        (await host.SayAsync("!ping", channel: entity.Channel)).Text("outcome").ShouldBe("refused");
    }

    private Task<JsonObject> RowAsync(JsonObject answer) =>
        host.Http.CallAsync("GET", $"/api/v1/executions/{answer.Text("execution_id")}");

    private async Task<(long Community, string Channel, string Path, string Command)> NewEntityAsync()
    {
        var community = await host.CommunityAsync();
        var channel = await host.ChannelAsync(community);
        var path = $"/api/v1/entities/{Uri.EscapeDataString($"sandbox:{channel}")}/permissions";
        return (community, channel, path, $"{path}/{await host.CommandIdAsync("ping")}");
    }
}
