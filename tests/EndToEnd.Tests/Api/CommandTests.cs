using System.Text.Json.Nodes;
using Rookery.Kernel.Security;

namespace Rookery.EndToEnd.Tests.Api;

[Collection(SharedApi.Name)]
public sealed class CommandTests(TestHost host)
{
    [Fact]
    public async Task A_command_is_registered_shown_changed_and_switched_off()
    {
        var name = Name();
        var body = Command(name);
        body["secret"] = "hush";
        body["auth_required"] = true;
        body["headers"] = new JsonObject { ["X-Team"] = "blue" };
        var made = await host.Http.CallAsync("POST", "/api/v1/commands", body, 201);
        var path = $"/api/v1/commands/{made.Number("id")}";

        made.Text("prefix").ShouldBe("#");
        made.Text("location").ShouldBe("community");
        made["has_secret"]!.GetValue<bool>().ShouldBeTrue();
        made.ToJsonString().ShouldNotContain("hush");
        (await host.Http.CallAsync("GET", path))["headers"]!.Text("X-Team").ShouldBe("blue");

        var changed = await host.Http.CallAsync(
            "PATCH", path, new JsonObject { ["timeout"] = 5, ["aliases"] = new JsonArray($"{name}2") });
        changed.Number("timeout").ShouldBe(5);
        changed.Text("location_url").ShouldBe("https://example.org/run");

        (await host.Http.CallAsync("DELETE", path))["is_active"]!.GetValue<bool>().ShouldBeFalse();
        (await host.Http.CallAsync("GET", $"/api/v1/commands?command={name}&is_active=true")).Items().ShouldBeEmpty();
        var audit = await host.Http.CallAsync("GET", "/api/v1/audit?action=command.");
        audit.ToJsonString().ShouldNotContain("hush");
        audit.Items()
            .Where(a => a["details"]!.Text("command") == $"#{name}")
            .Select(a => a.Text("action"))
            .ShouldBe(["command.deactivated", "command.updated", "command.created"]);
    }

    [Fact]
    public async Task The_secret_is_stored_sealed_and_taken_away_by_an_empty_text()
    {
        var body = Command(Name());
        body["secret"] = "hush";
        var id = (await host.Http.CallAsync("POST", "/api/v1/commands", body, 201)).Number("id");
        var place = new SecretPlace(
            "router.commands", id.ToString(System.Globalization.CultureInfo.InvariantCulture), "secret");

        (await host.Get<Secrets>().FindAsync(place, TestContext.Current.CancellationToken)).ShouldBe("hush");
        var refused = await host.Http.CallAsync(
            "PATCH", $"/api/v1/commands/{id}", new JsonObject { ["secret"] = "", ["auth_required"] = true }, 400);
        refused.Fields().ShouldBe(["auth_required"]);
        (await host.Get<Secrets>().FindAsync(place, TestContext.Current.CancellationToken)).ShouldBe("hush");

        var without = await host.Http.CallAsync("PATCH", $"/api/v1/commands/{id}", new JsonObject { ["secret"] = "" });
        without["has_secret"]!.GetValue<bool>().ShouldBeFalse();
        (await host.Get<Secrets>().FindAsync(place, TestContext.Current.CancellationToken)).ShouldBeNull();
    }

    [Fact]
    public async Task Everything_wrong_with_a_command_is_told_at_once()
    {
        var body = new JsonObject
        {
            ["command"] = "No Good",
            ["prefix"] = "?",
            ["location_url"] = "ftp://example.org",
            ["type"] = "carrier",
            ["method"] = "FETCH",
            ["timeout"] = 301,
            ["headers"] = new JsonObject { ["Host"] = "x", ["a b"] = "y", ["X-Line"] = "1\r\n2" },
            ["auth_required"] = true,
            ["rate_limit"] = -1,
            ["module_type"] = "toy",
            ["version"] = "",
            ["trigger_type"] = "whenever",
            ["event_types"] = new JsonArray("party"),
            ["execution_mode"] = "sometimes",
            ["aliases"] = new JsonArray("UP"),
            ["min_role"] = "king",
        };

        var problem = await host.Http.CallAsync("POST", "/api/v1/commands", body, 400);

        problem.Fields().Order(StringComparer.Ordinal).ShouldBe(
            ["aliases", "auth_required", "command", "event_types", "execution_mode", "headers", "location_url", "method", "min_role", "module_type",
                "prefix", "rate_limit", "timeout", "trigger_type", "type", "version"],
            ignoreOrder: true);
    }

    public static TheoryData<string, string, string> Mistakes => new()
    {
        { "command", "\"\"", "command" },
        { "command", "\"!x\"", "command" },
        { "command", $"\"{new string('x', 101)}\"", "command" },
        { "prefix", "\"!\"", "location" },
        { "location_url", "\"internal://router\"", "location_url" },
        { "location_url", "\"/run\"", "location_url" },
        { "location_url", "\"lambda://f\"", "location_url" },
        { "location_url", "\"http://ada:pw@example.org\"", "location_url" },
        { "timeout", "0", "timeout" },
        { "headers", "[]", "headers" },
        { "headers", "{\"X-A\": 1}", "headers" },
        { "headers", "{\"X-Rookery-Signature\": \"mine\"}", "headers" },
        { "headers", "{\"content-length\": \"1\"}", "headers" },
        { "headers", "{\"X-A\": \"é\"}", "headers" },
        { "trigger_type", "\"event\"", "event_types" },
        { "event_types", "[null]", "event_types" },
        { "aliases", "[null]", "aliases" },
        { "aliases", "[\"a\", \"a\"]", "aliases" },
        { "auth_required", "true", "auth_required" },
        { "description", "\"\\u0000\"", "description" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task One_mistake_is_refused_and_named(string field, string value, string named)
    {
        var body = Command(Name());
        body["location"] = "community";
        body[field] = JsonNode.Parse(value);

        (await host.Http.CallAsync("POST", "/api/v1/commands", body, 400)).Fields().ShouldBe([named]);
    }

    [Fact]
    public async Task A_lambda_may_live_at_a_function()
    {
        var body = Command(Name());
        body["type"] = "lambda";
        body["location_url"] = "lambda://my-function";

        await host.Http.CallAsync("POST", "/api/v1/commands", body, 201);
    }

    [Fact]
    public async Task A_name_in_use_is_a_conflict_that_names_the_other()
    {
        var body = Command(Name());
        var first = (await host.Http.CallAsync("POST", "/api/v1/commands", body, 201)).Number("id");

        (await host.Http.CallAsync("POST", "/api/v1/commands", body, 409))
            .Text("detail")
            .ShouldContain($"command {first}");

        await host.Http.CallAsync("DELETE", $"/api/v1/commands/{first}");
        await host.Http.CallAsync("POST", "/api/v1/commands", body, 201);
        await host.Http.CallAsync("PATCH", $"/api/v1/commands/{first}", new JsonObject { ["is_active"] = true }, 409);
    }

    [Fact]
    public async Task Of_a_built_in_command_only_the_operators_columns_change()
    {
        var path = $"/api/v1/commands/{await host.CommandIdAsync("help")}";

        var refused = await host.Http.CallAsync(
            "PATCH",
            path,
            new JsonObject { ["location_url"] = "https://evil.example", ["min_role"] = "owner", ["timeout"] = 0 },
            400);
        refused.Fields().ShouldBe(["location_url", "min_role", "timeout"], ignoreOrder: true);

        var changed = await host.Http.CallAsync(
            "PATCH", path, new JsonObject { ["timeout"] = 7, ["rate_limit"] = 1000, ["priority"] = 50, ["execution_mode"] = "parallel", ["is_active"] = true });
        changed.Number("timeout").ShouldBe(7);
        changed.Text("location_url").ShouldBe("internal://router");
    }

    [Fact]
    public async Task A_command_that_is_switched_off_is_silent_at_once()
    {
        await using var own = new TestHost();
        await own.InitializeAsync();
        var path = $"/api/v1/commands/{await own.CommandIdAsync("ping")}";
        (await own.SayAsync("!ping")).Text("outcome").ShouldBe("replied");

        await own.Http.CallAsync("DELETE", path);
        (await own.SayAsync("!ping")).Text("outcome").ShouldBe("ignored");

        await own.Http.CallAsync("PATCH", path, new JsonObject { ["is_active"] = true });
        (await own.SayAsync("!ping")).Text("outcome").ShouldBe("replied");
    }

    [Fact]
    public async Task A_key_of_one_community_reads_commands_but_writes_none()
    {
        using var bound = await host.ClientAsync(await host.CommunityAsync(), Scopes.Admin);
        var id = await host.CommandIdAsync("ping");

        await bound.CallAsync("GET", $"/api/v1/commands/{id}");
        await bound.CallAsync("POST", "/api/v1/commands", Command(Name()), 403);
        await bound.CallAsync("PATCH", $"/api/v1/commands/{id}", new JsonObject { ["timeout"] = 1 }, 403);
        await bound.CallAsync("DELETE", $"/api/v1/commands/{id}", expect: 403);
    }

    private static string Name() => $"c{Guid.NewGuid():N}";

    private static JsonObject Command(string name) => new()
    {
        ["command"] = name,
        ["prefix"] = "#",
        ["location_url"] = "https://example.org/run",
    };
}
