using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Rookery.Kernel.Data;
using Rookery.Kernel.Security;

namespace Rookery.Moderation.Tests;

public sealed class RuleApiTests(TestHost host) : IClassFixture<TestHost>
{
    private const string Rules = "/api/v1/moderation/rules";

    private readonly Channel _channel = new(host);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private Database Db => host.Get<Database>();

    [Fact]
    public async Task A_rule_is_stored_listed_changed_and_taken_out_of_use()
    {
        var id = await _channel.RuleAsync(
            "Ünïcode “x”", new() { ["action"] = "block", ["block_message"] = "no", ["priority"] = -5 });
        var rule = await host.RuleAsync(id);
        rule["string"]!.GetValue<string>().ShouldBe("Ünïcode “x”");
        rule["created_by"]!.GetValue<string>().ShouldBe("key:test admin");
        rule["match_count"]!.GetValue<long>().ShouldBe(0);
        rule["is_active"]!.GetValue<bool>().ShouldBeTrue();

        var changed = await host.PatchAsync(id, new() { ["priority"] = 7, ["block_message"] = null });
        changed["priority"]!.GetValue<int>().ShouldBe(7);
        changed["block_message"].ShouldBeNull();
        changed["string"]!.GetValue<string>().ShouldBe("Ünïcode “x”");

        (await host.Http.DeleteAsync($"{Rules}/{id}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await host.RuleAsync(id))["is_active"]!.GetValue<bool>().ShouldBeFalse();
        (await ListAsync($"entity_id={_channel.EntityId}&active=true")).ShouldNotContain(id);
        (await ListAsync($"entity_id={_channel.EntityId}&active=false")).ShouldContain(id);
        (await AuditAsync(id)).ShouldBe(["rule.created", "rule.updated", "rule.deleted"]);
    }

    [Fact]
    public async Task The_list_goes_page_by_page()
    {
        var ids = new List<long>();
        for (var i = 0; i < 5; i++)
        {
            ids.Add(await _channel.RuleAsync($"page {i}"));
        }

        var seen = new List<long>();
        var cursor = "";
        while (cursor is not null)
        {
            var page =
                (await host.Http.GetFromJsonAsync<JsonObject>($"{Rules}?entity_id={_channel.EntityId}&limit=2&cursor={cursor}", Ct))!;
            seen.AddRange(page["items"]!.AsArray().Select(r => r!["id"]!.GetValue<long>()));
            cursor = page["next_cursor"]?.GetValue<string>();
        }

        seen.Intersect(ids).ShouldBe(ids);
        seen.ShouldBeUnique();
    }

    [Fact]
    public async Task Everything_that_is_wrong_is_said_at_once_and_nothing_is_stored()
    {
        using var response = await _channel.PostAsync(new string('x', 501), new()
        {
            ["match_type"] = "fuzzy",
            ["action"] = "command",
            ["command_parameters"] = new JsonArray(new JsonObject()),
            ["webhook_url"] = "ftp://example.org",
            ["warning_message"] = "",
            ["enabled_entity_ids"] = new JsonArray("sandbox:nowhere"),
        });

        var errors = await response.ErrorsAsync();

        errors.Keys.ShouldBe(
            [
                "string",
                "match_type",
                "command_parameters",
                "webhook_url",
                "warning_message",
                "enabled_entity_ids",
                "command_to_execute"
            ],
            ignoreOrder: true);
        errors["enabled_entity_ids"].ShouldBe("has entities that are not in the rule's community: sandbox:nowhere.");
        (await ListAsync($"entity_id={_channel.EntityId}")).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""{"action":"webhook"}""", "webhook_url", "is required for the action webhook.")]
    [InlineData("""{"action":"webhook","webhook_url":"/relative"}""", "webhook_url", "must be an absolute http or https address.")]
    [InlineData("""{"action":"webhook","webhook_url":" http://a.example"}""", "webhook_url", "must be an absolute http or https address.")]
    [InlineData("""{"action":"webhook","webhook_url":"http:a.example"}""", "webhook_url", "must be an absolute http or https address.")]
    [InlineData("""{"action":"command","command_to_execute":"! ping"}""", "command_to_execute", "must name a command, such as !ping.")]
    [InlineData("""{"action":"command","command_to_execute":"!a\nb"}""", "command_to_execute", "must be one line.")]
    [InlineData("""{"action":"shout"}""", "action", "must be one of warn, block, command, webhook.")]
    [InlineData("""{"warning_message":"a\u0000b"}""", "warning_message", "contains U+0000 or half of a surrogate pair, which cannot be stored; remove it.")]
    [InlineData("""{"string":"(?!a)b","match_type":"regex"}""", "string", "contains (?!a), a look-ahead or look-behind, which cannot be run in linear time. For whole words use the match type word, or \\b. Without it: b")]
    public async Task A_rule_that_could_not_work_is_refused_with_the_cure(string fields, string field, string message)
    {
        using var response = await _channel.PostAsync("x", JsonNode.Parse(fields)!.AsObject());

        (await response.ErrorsAsync())[field].ShouldBe(message);
    }

    [Fact]
    public async Task A_rule_for_a_community_that_is_none_is_refused()
    {
        using var response = await _channel.PostAsync("x", new() { ["community_id"] = 999_999 });

        (await response.ErrorsAsync())["community_id"].ShouldBe("is no community.");
    }

    [Fact]
    public async Task A_change_that_is_wrong_changes_nothing()
    {
        var id = await _channel.RuleAsync("fine");
        foreach (var patch in new[] { """{"match_type":"regex","string":"("}""", """{"priority":"high"}""", """{"pattern":"x"}""", """{"id":7}""", """{"community_id":1}""", """{"match_count":0}""" })
        {
            using var response = await host.Http.PatchAsJsonAsync($"{Rules}/{id}", JsonNode.Parse(patch), Ct);
            (await response.ErrorsAsync()).Count.ShouldBe(1, patch);
        }

        (await host.RuleAsync(id))["string"]!.GetValue<string>().ShouldBe("fine");
        (await host.Http.PatchAsJsonAsync($"{Rules}/999999", new JsonObject(), Ct)).StatusCode.ShouldBe(
            HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_change_holds_from_the_next_message_on()
    {
        var id = await _channel.RuleAsync("one");
        (await _channel.OutcomeAsync("one")).ShouldBe("replied");

        await host.PatchAsync(id, new() { ["string"] = "two" });
        (await _channel.OutcomeAsync("one")).ShouldBe("ignored");
        (await _channel.OutcomeAsync("two")).ShouldBe("replied");

        await host.PatchAsync(id, new() { ["is_active"] = false });
        (await _channel.OutcomeAsync("two")).ShouldBe("ignored");
    }

    [Fact]
    public async Task A_change_past_the_API_is_heard_of()
    {
        var id = await _channel.RuleAsync("one");
        (await _channel.OutcomeAsync("one")).ShouldBe("replied");

        await Db.Write.ExecuteAsync($"update moderation.stringmatch set string = 'two' where id = {id}", Ct);
        await TestHost.EventuallyAsync(
            async () => await _channel.OutcomeAsync("two") == "replied", "the new pattern matches");

        await Db.Write.ExecuteAsync($"delete from moderation.stringmatch where id = {id}", Ct);
        await TestHost.EventuallyAsync(
            async () => await _channel.OutcomeAsync("two") == "ignored", "the deleted rule is gone");
    }

    [Fact]
    public async Task A_rule_that_moves_to_another_community_leaves_the_first()
    {
        var other = new Channel(host);
        await _channel.EnterAsync();
        await other.EnterAsync();
        var (from, to) = (await CommunityAsync(_channel), await CommunityAsync(other));
        var id = await _channel.RuleAsync("wanders", new() { ["community_id"] = from, ["enabled_entity_ids"] = null });
        (await _channel.OutcomeAsync("wanders")).ShouldBe("replied");
        (await other.OutcomeAsync("wanders")).ShouldBe("ignored");

        await Db.Write.ExecuteAsync($"update moderation.stringmatch set community_id = {to} where id = {id}", Ct);

        await TestHost.EventuallyAsync(
            async () => await _channel.OutcomeAsync("wanders") == "ignored" && await other.OutcomeAsync("wanders") == "replied", "the rule has moved");
    }

    [Fact]
    public async Task A_bad_pattern_put_into_the_table_by_hand_leaves_the_other_rules_alive()
    {
        await _channel.RuleAsync("alive");
        await Db.Write.ExecuteAsync(
            $"""
            insert into moderation.stringmatch (string, match_type, action, created_by, enabled_entity_ids)
            select p, 'regex', 'block', 'hand', jsonb_build_array({_channel.EntityId}) from unnest(array['(', '(?=a)b',
                '(a)\1', 'a{5000}{5000}']) as p
            """,
            Ct);
        await Db.Write.ExecuteAsync(
            $"""
            insert into moderation.stringmatch (string, match_type, action, webhook_url, created_by, enabled_entity_ids)
            values ('alive', 'contains', 'webhook', 'https://', 'hand', jsonb_build_array({_channel.EntityId}))
            """,
            Ct);

        await TestHost.EventuallyAsync(
            async () => await _channel.OutcomeAsync("alive (a)b aab") == "replied", "the good rule matches");
    }

    [Fact]
    public async Task A_key_of_one_community_neither_sees_nor_touches_rules_of_others()
    {
        var other = new Channel(host);
        await _channel.EnterAsync();
        await other.EnterAsync();
        var (own, foreign) = (await CommunityAsync(_channel), await CommunityAsync(other));
        var theirs = await other.RuleAsync("theirs", new() { ["community_id"] = foreign });
        var everybodys = await _channel.RuleAsync("everybodys");
        using var bound = await BoundAsync(own);

        using var made = await bound.PostAsJsonAsync(Rules, Warning("mine"), Ct);
        made.StatusCode.ShouldBe(HttpStatusCode.Created);
        var mine = (await made.Content.ReadFromJsonAsync<JsonObject>(Ct))!;
        mine["community_id"]!.GetValue<long>().ShouldBe(own);

        (await ListAsync("", bound)).ShouldBe([mine["id"]!.GetValue<long>()]);
        foreach (var id in new[] { theirs, everybodys })
        {
            (await bound.GetAsync($"{Rules}/{id}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
            (await bound.PatchAsJsonAsync($"{Rules}/{id}", new JsonObject { ["priority"] = 1 }, Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
            (await bound.DeleteAsync($"{Rules}/{id}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        }

        (await bound.GetAsync($"{Rules}?community_id={foreign}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await bound.PostAsJsonAsync(Rules, Warning("x", foreign), Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await bound.PostAsJsonAsync("/api/v1/moderation/test", new { entity_id = other.EntityId, text = "x" }, Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        var reaching = Warning("x");
        reaching["enabled_entity_ids"] = new JsonArray(other.EntityId);
        (await (await bound.PostAsJsonAsync(Rules, reaching, Ct)).ErrorsAsync()).Keys.ShouldBe(["enabled_entity_ids"]);
        (await host.RuleAsync(theirs))["is_active"]!.GetValue<bool>().ShouldBeTrue();
        (await other.OutcomeAsync("mine")).ShouldBe("ignored");
    }

    [Fact]
    public async Task The_routes_are_in_the_OpenAPI_document()
    {
        var document = await host.Http.GetFromJsonAsync<JsonObject>("/openapi/v1.json", Ct);

        document!["paths"]!.AsObject().ContainsKey("/api/v1/moderation/rules").ShouldBeTrue();
        document["paths"]!.AsObject().ContainsKey("/api/v1/moderation/test").ShouldBeTrue();
        document["components"]!["schemas"]!["rule_request"]!["properties"]!["command_to_execute"].ShouldNotBeNull();
    }

    [Fact]
    public async Task Nobody_makes_rules_without_a_key_for_it()
    {
        using var stranger = host.Client(null);
        (await stranger.PostAsJsonAsync(Rules, Warning("x"), Ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        var key = await host.Get<ApiKeys>().CreateAsync("reader", [Scopes.ModerationRead], null, 0, null, "test", Ct);
        using var reader = host.Client(key.Secret);
        (await reader.PostAsJsonAsync(Rules, Warning("x"), Ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await reader.GetAsync(Rules, Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private static JsonObject Warning(string pattern, long? community = null) =>
        new() { ["string"] = pattern, ["action"] = "warn", ["community_id"] = community };

    private async Task<HttpClient> BoundAsync(long community) => host.Client(
        (await host.Get<ApiKeys>().CreateAsync($"of {community}", [Scopes.ModerationRead, Scopes.ModerationWrite], community, 0, null, "test", Ct)).Secret);

    private Task<long> CommunityAsync(Channel channel) =>
        Db.Read.ValueAsync<long>($"select community_id from kernel.entities where entity_id = {channel.EntityId}", Ct);

    private Task<IReadOnlyList<string>> AuditAsync(long rule) => Db.Read.ListAsync(
        $"select action from kernel.audit_log where action like 'rule.%' and (details ->> 'id')::bigint = {rule} order by id", r => r.GetString(0), Ct);

    private async Task<IReadOnlyList<long>> ListAsync(string query, HttpClient? client = null)
    {
        var page = await (client ?? host.Http).GetFromJsonAsync<JsonObject>($"{Rules}?{query}", Ct);
        return [.. page!["items"]!.AsArray().Select(r => r!["id"]!.GetValue<long>())];
    }
}
