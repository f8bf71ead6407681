using System.Text.Json.Nodes;
using Rookery.Kernel.Data;

namespace Rookery.EndToEnd.Tests.Api;

[Collection(SharedApi.Name)]
public sealed class CoordinationTests(TestHost host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_row_is_shown_changed_and_taken_from_its_holder_and_the_audit_log_says_so()
    {
        var name = $"c{Guid.NewGuid():N}";
        var id = await host.Get<Database>().Write.ValueAsync<long>(
            $"""
            insert into kernel.coordination (platform, channel_id, entity_id, claimed_by, status, fencing_token, is_live, viewer_count)
            values ('sandbox', {name}, {$"sandbox:{name}"}, {name}, 'live', nextval('kernel.fencing_tokens'), true, 3) returning id
            """,
            Ct);

        var shown = await host.Http.CallAsync("GET", $"/api/v1/coordination?platform=sandbox&status=live&claimed_by={name}&is_live=true");
        shown.Items().Single().Number("viewer_count").ShouldBe(3);
        var changed = await host.Http.CallAsync(
            "PATCH", $"/api/v1/coordination/{id}", new JsonObject { ["priority"] = 7, ["heartbeat_interval"] = 60 });
        (changed.Number("priority"), changed.Number("heartbeat_interval")).ShouldBe((7L, 60L));
        var released = await host.Http.CallAsync("POST", $"/api/v1/coordination/{id}/release", new JsonObject());

        released.ContainsKey("claimed_by").ShouldBeFalse();
        released.ContainsKey("fencing_token").ShouldBeFalse();
        released.Text("status").ShouldBe("available");
        foreach (var action in new[] { "coordination.changed", "coordination.released" })
        {
            (await host.Get<Database>().Write.ValueAsync<long>(
                $"select count(*) from kernel.audit_log where action = {action} and details ->> 'entity_id' = {$"sandbox:{name}"}", Ct)).ShouldBe(1);
        }
    }

    [Theory]
    [InlineData("platform=irc", "platform")]
    [InlineData("status=lost", "status")]
    public async Task A_filter_that_names_nothing_is_refused(string query, string field)
    {
        var problem = await host.Http.CallAsync("GET", $"/api/v1/coordination?{query}", null, 400);
        problem.Text("detail").ShouldContain(field);
    }

    [Fact]
    public async Task What_cannot_be_changes_nothing()
    {
        await host.Http.CallAsync("PATCH", "/api/v1/coordination/1", new JsonObject { ["heartbeat_interval"] = 0 }, 400);
        await host.Http.CallAsync("PATCH", "/api/v1/coordination/1", new JsonObject { ["max_containers"] = 2 }, 400);
        await host.Http.CallAsync("PATCH", "/api/v1/coordination/999999999", new JsonObject { ["priority"] = 1 }, 404);
        await host.Http.CallAsync("PATCH", "/api/v1/servers/999999999", new JsonObject { ["is_active"] = false }, 404);
        (await host.Http.CallAsync("GET", "/api/v1/collectors"))["items"].ShouldNotBeNull();
    }
}
