using System.Text.Json.Nodes;
using Rookery.Kernel.Security;

namespace Rookery.EndToEnd.Tests.Api;

[Collection(SharedApi.Name)]
public sealed class SettingTests(TestHost host)
{
    private const string AuditDays = "/api/v1/settings/system/audit_retention_days";

    [Fact]
    public async Task A_setting_is_its_default_until_it_is_set_and_again_after()
    {
        var query = $"?community_id={await host.CommunityAsync()}";

        var before = await host.Http.CallAsync("GET", AuditDays + query);
        before.Number("value").ShouldBe(90);
        before["is_default"]!.GetValue<bool>().ShouldBeTrue();
        before.Text("allowed").ShouldBe("1 to 3650");

        // A text that says a number is that number.
        var set = await host.Http.CallAsync("PUT", AuditDays + query, new JsonObject { ["value"] = "30" });
        set.Number("value").ShouldBe(30);
        set.Text("updated_by").ShouldBe("key:test admin");
        (await host.Http.CallAsync("GET", $"/api/v1/settings{query}"))
            .Items()
            .Single(s => s.Text("key") == "audit_retention_days")
            .Number("value")
            .ShouldBe(30);

        (await host.Http.CallAsync("DELETE", AuditDays + query))["is_default"]!.GetValue<bool>().ShouldBeTrue();
    }

    [Theory]
    [InlineData("system/audit_retention_days", "{\"value\": 0}")]
    [InlineData("system/audit_retention_days", "{\"value\": 1.5}")]
    [InlineData("system/audit_retention_days", "{\"value\": true}")]
    [InlineData("system/timezone", "{\"value\": \"Mars/Base\"}")]
    [InlineData("system/timezone", "{\"value\": \"\\ud800\"}")]
    [InlineData("system/timezone", "{}")]
    public async Task A_value_that_does_not_fit_changes_nothing(string setting, string body)
    {
        var query = $"?community_id={await host.CommunityAsync()}";

        (await host.Http.CallTextAsync("PUT", $"/api/v1/settings/{setting}{query}", body, 400))
            .Fields()
            .ShouldBe(["value"]);
        (await host.Http.CallAsync("GET", $"/api/v1/settings/{setting}{query}"))["is_default"]!.GetValue<bool>().ShouldBeTrue();
        (await host.Http.CallAsync("GET", $"/api/v1/settings/history{query}")).Items().ShouldBeEmpty();
    }

    [Fact]
    public async Task History_tells_every_change_and_a_rollback_is_one_more()
    {
        var community = await host.CommunityAsync();
        var query = $"?community_id={community}";
        foreach (var days in new[] { 10, 20, 30 })
        {
            await host.Http.CallAsync("PUT", AuditDays + query, new JsonObject { ["value"] = days });
        }

        var history =
            (await host.Http.CallAsync("GET", $"/api/v1/settings/history{query}&scope=system&key=audit_retention_days")).Items();
        history.Select(c => c.Number("new_value")).ShouldBe([30, 20, 10]);
        history.Select(c => c.Text("change_type")).ShouldBe(["updated", "updated", "created"]);

        (await host.Http.CallAsync("POST", $"/api/v1/settings/rollback/{history[1].Number("id")}"))
            .Number("value")
            .ShouldBe(10);
        (await host.Http.CallAsync("POST", $"/api/v1/settings/rollback/{history[2].Number("id")}"))["is_default"]!.GetValue<bool>().ShouldBeTrue();
        (await host.Http.CallAsync("GET", $"/api/v1/settings/history{query}"))
            .Items()
            .Count(c => c.Text("change_type") == "rollback")
            .ShouldBe(2);
        (await host.Http.CallAsync("GET", $"/api/v1/audit{query}&action=ROLLBACK")).Items().Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_change_of_another_community_is_not_rolled_back()
    {
        var theirs = await host.CommunityAsync();
        var query = $"?community_id={theirs}";
        await host.Http.CallAsync("PUT", AuditDays + query, new JsonObject { ["value"] = 10 });
        await host.Http.CallAsync("PUT", AuditDays + query, new JsonObject { ["value"] = 20 });
        var change = (await host.Http.CallAsync("GET", $"/api/v1/settings/history{query}")).Items()[0].Number("id");
        using var bound = await host.ClientAsync(await host.CommunityAsync(), Scopes.SettingsRead, Scopes.SettingsWrite);

        await bound.CallAsync("POST", $"/api/v1/settings/rollback/{change}", expect: 404);
        (await host.Http.CallAsync("GET", AuditDays + query)).Number("value").ShouldBe(20);
    }

    [Fact]
    public async Task Settings_are_of_a_community_that_is_there()
    {
        (await host.Http.CallAsync("GET", "/api/v1/settings", expect: 400)).Fields().ShouldBe(["community_id"]);
        await host.Http.CallAsync("PUT", $"{AuditDays}?community_id=999999", new JsonObject { ["value"] = 5 }, 404);
        await host.Http.CallAsync("GET", "/api/v1/settings/system/nothing?community_id=1", expect: 404);

        var own = await host.CommunityAsync();
        using var bound = await host.ClientAsync(own, Scopes.SettingsWrite, Scopes.SettingsRead);
        await bound.CallAsync("PUT", AuditDays, new JsonObject { ["value"] = 5 });
        (await host.Http.CallAsync("GET", $"{AuditDays}?community_id={own}")).Number("value").ShouldBe(5);
    }
}
