using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Rookery.Kernel.Data;
using Rookery.Kernel.Security;

namespace Rookery.Workflows.Tests;

public sealed class ScheduleApiTests(ScheduleHost host) : IClassFixture<ScheduleHost>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("""{"schedule_type":"weekly"}""", "schedule_type")]
    [InlineData("""{"schedule_type":"cron"}""", "cron_expression")]
    [InlineData("""{"schedule_type":"cron","cron_expression":"61 * * * *"}""", "cron_expression")]
    [InlineData("""{"schedule_type":"cron","cron_expression":"0 0 * * *","timezone":"Berlin"}""", "timezone")]
    [InlineData("""{"schedule_type":"cron","cron_expression":"0 0 * * *","next_execution_at":"2030-01-01T00:00:00Z"}""", "next_execution_at")]
    [InlineData("""{"schedule_type":"cron","cron_expression":"0 0 * * *","interval_seconds":60}""", "interval_seconds")]
    [InlineData("""{"schedule_type":"interval"}""", "interval_seconds")]
    [InlineData("""{"schedule_type":"interval","interval_seconds":0}""", "interval_seconds")]
    [InlineData("""{"schedule_type":"one_time"}""", "next_execution_at")]
    [InlineData("""{"schedule_type":"one_time","next_execution_at":"2020-01-01T00:00:00Z"}""", "next_execution_at")]
    [InlineData("""{"schedule_type":"interval","interval_seconds":60,"max_executions":0}""", "max_executions")]
    [InlineData("""{"schedule_type":"interval","interval_seconds":60,"catch_up":"never"}""", "catch_up")]
    [InlineData("""{"schedule_type":"interval","interval_seconds":60,"context_data":[1]}""", "context_data")]
    [InlineData("""{"schedule_type":"interval","interval_seconds":60,"context_data":{"platform":"twitch"}}""", "context_data.platform")]
    [InlineData("""{"schedule_type":"interval","interval_seconds":60,"context_data":{"user_id":"1"}}""", "context_data.user_id")]
    [InlineData("""{"schedule_type":"interval","interval_seconds":60,"context_data":{"user_role":"owner"}}""", "context_data.user_role")]
    [InlineData("""{"schedule_type":"interval","interval_seconds":60,"context_data":{"variables":{"user_role":"owner"}}}""", "context_data.variables")]
    [InlineData("""{"schedule_type":"interval","interval_seconds":60,"entity_id":"sandbox::elsewhere"}""", "entity_id")]
    public async Task A_schedule_that_cannot_be_is_refused_with_its_field(string body, string field)
    {
        var workflow = await host.PublishAsync(ScheduleHost.Telling);
        using var response = await host.Http.PostAsync(
            $"{await host.PathAsync()}/{workflow.WorkflowId}/schedules", new StringContent(body, System.Text.Encoding.UTF8, "application/json"), Ct);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.Content.ReadFromJsonAsync<JsonObject>(Ct))!["errors"]!.AsArray().Select(e => e!["field"]!.GetValue<string>()).ShouldBe([field]);
        (await host.Get<Database>().Write.ValueAsync<long>($"select count(*) from workflows.workflow_schedules where workflow_id = {workflow.WorkflowId}", Ct)).ShouldBe(0);
    }

    [Fact]
    public async Task Only_a_workflow_that_waits_for_its_time_has_schedules()
    {
        var workflow = await host.PublishAsync(new GraphText().Node("start", "trigger_webhook").Node("end", "flow_end").Link("start>end"));
        using var response = await host.Http.PostAsJsonAsync(
            $"{await host.PathAsync()}/{workflow.WorkflowId}/schedules", new JsonObject { ["schedule_type"] = "interval", ["interval_seconds"] = 60 }, Ct);
        response.StatusCode.ShouldBe(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task The_next_times_are_shown_with_the_night_the_clocks_change()
    {
        var body = new JsonObject { ["schedule_type"] = "cron", ["cron_expression"] = "30 2 28-31 3 *", ["timezone"] = "Europe/Berlin" };
        string[] expected =
        [
            "2026-03-28T02:30:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00", "2026-03-31T02:30:00+02:00", "2027-03-28T03:00:00+02:00",
        ];
        var schedule = await host.ScheduleAsync(await host.PublishAsync(ScheduleHost.Telling), body.DeepClone().AsObject());
        var stored = await host.Http.GetFromJsonAsync<JsonObject>($"{await host.PathAsync()}/schedules/{schedule["schedule_id"]}/preview", Ct);
        Times(stored!).ShouldBe(expected);
        using var response = await host.Http.PostAsJsonAsync($"{await host.PathAsync()}/schedules/preview", body, Ct);
        Times((await response.Content.ReadFromJsonAsync<JsonObject>(Ct))!).ShouldBe(expected);
    }

    [Fact]
    public async Task What_a_change_does_not_name_stays()
    {
        var schedule = await host.ScheduleAsync(
            await host.PublishAsync(ScheduleHost.Telling),
            new JsonObject { ["schedule_type"] = "interval", ["interval_seconds"] = 600, ["max_executions"] = 7, ["catch_up"] = "once", ["context_data"] = new JsonObject { ["a"] = 1 } });
        var changed = await host.PatchAsync(schedule, new JsonObject { ["context_data"] = new JsonObject { ["a"] = 2 } });
        foreach (var (name, value) in schedule.Where(p => p.Key is not ("context_data" or "updated_at")))
        {
            JsonNode.DeepEquals(changed[name], value).ShouldBeTrue(name);
        }

        (await host.PatchAsync(schedule, new JsonObject { ["max_executions"] = 0 })).ContainsKey("max_executions").ShouldBeFalse();
        (await host.Get<Database>().Write.ListAsync(
            $"select action from kernel.audit_log where details ->> 'resource_id' = {schedule["schedule_id"]!.GetValue<string>()} order by id", r => r.GetString(0), Ct))
            .ShouldBe(["workflow.schedule.created", "workflow.schedule.updated", "workflow.schedule.updated"]);
    }

    [Fact]
    public async Task A_schedule_from_before_the_rule_starts_runs_in_which_nobody_acts_and_can_still_be_paused()
    {
        var workflow = await host.PublishAsync(
            new GraphText().Node("start", "trigger_schedule").Node("end", "flow_end", """{"output_data":{"who":"{{ default(user_role, 'nobody') }}"}}""").Link("start>end"));
        var schedule = await host.ScheduleAsync(workflow, new JsonObject { ["schedule_type"] = "interval", ["interval_seconds"] = 600 });
        await host.Get<Database>().Write.ExecuteAsync(
            $$"""
            update workflows.workflow_schedules set context_data = '{"platform":"sandbox","user_id":"ada","user_role":"owner","topic":"tea"}'
            where schedule_id = {{schedule["schedule_id"]!.GetValue<Guid>()}}
            """,
            Ct);

        host.Clock!.Advance(TimeSpan.FromMinutes(10));
        await host.SettleAsync(schedule);
        await host.RunsAsync(workflow);

        (await host.Get<Database>().Write.ValueAsync<string>(
            $$"""
            select (output_variables ->> 'who') || ' ' || ((trigger_data - 'scheduled_time' - 'triggered_at' - 'schedule_id')::text)
            from workflows.workflow_executions where workflow_id = {{workflow.WorkflowId}}
            """,
            Ct)).ShouldBe("""nobody {"topic": "tea"}""");
        (await host.PatchAsync(schedule, new JsonObject { ["is_active"] = false }))["is_active"]!.GetValue<bool>().ShouldBeFalse();
    }

    [Fact]
    public async Task A_schedule_whose_time_is_over_goes_on_only_with_a_new_one()
    {
        var schedule = await host.ScheduleAsync(
            await host.PublishAsync(ScheduleHost.Telling),
            new JsonObject { ["schedule_type"] = "one_time", ["next_execution_at"] = host.Clock!.GetUtcNow().AddMinutes(5), ["is_active"] = false });
        host.Clock.Advance(TimeSpan.FromMinutes(6));
        using var refused = await host.Http.PatchAsJsonAsync(
            $"{await host.PathAsync()}/schedules/{schedule["schedule_id"]}", new JsonObject { ["is_active"] = true }, Ct);
        refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var time = host.Clock.GetUtcNow().AddHours(1);
        (await host.PatchAsync(schedule, new JsonObject { ["is_active"] = true, ["next_execution_at"] = time }))["next_execution_at"]!.GetValue<DateTimeOffset>().ShouldBe(time);
    }

    [Fact]
    public async Task A_stranger_sees_and_changes_nothing()
    {
        var workflow = await host.PublishAsync(ScheduleHost.Telling);
        var schedule = await host.ScheduleAsync(workflow, new JsonObject { ["schedule_type"] = "interval", ["interval_seconds"] = 600 });
        var elsewhere = (await host.ChannelAsync("elsewhere")).CommunityId;
        var key = await host.Get<ApiKeys>().CreateAsync("elsewhere", [Scopes.WorkflowsRead, Scopes.WorkflowsWrite], elsewhere, 0, null, "test", Ct);
        using var stranger = host.Client(key.Secret);
        foreach (var path in new[] { await host.PathAsync(), await host.PathAsync("elsewhere") })
        {
            var one = $"{path}/schedules/{schedule["schedule_id"]}";
            (await stranger.GetAsync(one, Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
            (await stranger.GetAsync($"{one}/preview", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
            (await stranger.PatchAsJsonAsync(one, new JsonObject { ["is_active"] = false }, Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
            (await stranger.DeleteAsync(one, Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
            (await stranger.GetAsync($"{path}/{workflow.WorkflowId}/schedules", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
            (await stranger.PostAsJsonAsync($"{path}/{workflow.WorkflowId}/schedules", new JsonObject { ["schedule_type"] = "interval", ["interval_seconds"] = 60 }, Ct))
                .StatusCode.ShouldBe(HttpStatusCode.NotFound);
        }

        (await stranger.GetFromJsonAsync<JsonObject>($"{await host.PathAsync("elsewhere")}/schedules", Ct))!["items"]!.AsArray().ShouldBeEmpty();
        (await host.GetAsync(schedule))["is_active"]!.GetValue<bool>().ShouldBeTrue();
    }

    [Fact]
    public async Task Schedules_are_listed_of_one_workflow_or_of_all_and_deleted_with_their_timers()
    {
        var (one, other) = (await host.PublishAsync(ScheduleHost.Telling), await host.PublishAsync(ScheduleHost.Telling));
        var kept = await host.ScheduleAsync(one, new JsonObject { ["schedule_type"] = "interval", ["interval_seconds"] = 600 });
        var gone = await host.ScheduleAsync(one, new JsonObject { ["schedule_type"] = "interval", ["interval_seconds"] = 600 });
        await host.ScheduleAsync(other, new JsonObject { ["schedule_type"] = "interval", ["interval_seconds"] = 600 });
        (await host.Http.DeleteAsync($"{await host.PathAsync()}/schedules/{gone["schedule_id"]}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await IdsAsync($"/{one.WorkflowId}/schedules")).ShouldBe([kept["schedule_id"]!.GetValue<Guid>()]);
        (await IdsAsync("/schedules?limit=200")).Count.ShouldBeGreaterThanOrEqualTo(2);
        (await host.Get<Database>().Write.ValueAsync<long>(
            $"select count(*) from kernel.timers where key like {$"{gone["schedule_id"]!.GetValue<Guid>():N}%"}", Ct)).ShouldBe(0);
    }

    private async Task<List<Guid>> IdsAsync(string path) =>
        [.. (await host.Http.GetFromJsonAsync<JsonObject>($"{await host.PathAsync()}{path}", Ct))!["items"]!.AsArray().Select(i => i!["schedule_id"]!.GetValue<Guid>())];

    private static List<string> Times(JsonObject preview) => [.. preview["next_executions"]!.AsArray().Select(t => t!.GetValue<string>())];
}
