using System.Text.Json.Nodes;

namespace Rookery.Workflows.Tests;

public sealed class ScheduleNodesTests(FreshDatabase database) : IClassFixture<FreshDatabase>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_servers_on_one_database_start_each_run_once()
    {
        await using var first = new ScheduleHost { ConnectionString = database.ConnectionString };
        await first.InitializeAsync();
        await using var second = new ScheduleHost { ConnectionString = database.ConnectionString, Clock = first.Clock };
        await second.InitializeAsync();
        var workflow = await first.PublishAsync(ScheduleHost.Telling.Settings("""{"max_parallel_executions":100}"""));
        var schedules = new List<JsonObject>();
        for (var i = 0; i < 10; i++)
        {
            schedules.Add(await first.ScheduleAsync(workflow, new JsonObject { ["schedule_type"] = "interval", ["interval_seconds"] = 60 }));
        }

        for (var round = 0; round < 3; round++)
        {
            first.Clock!.Advance(TimeSpan.FromSeconds(60));
            foreach (var schedule in schedules)
            {
                await second.SettleAsync(schedule);
            }
        }

        (await second.RunsAsync(workflow)).Count(r => r.StartsWith("success", StringComparison.Ordinal)).ShouldBe(30);
        (await KeysAsync(workflow.WorkflowId)).ShouldBe(30);
    }

    [Fact]
    public async Task What_was_due_while_no_server_ran_and_what_a_dead_one_had_begun_comes_once()
    {
        var clock = new ManualClock(ScheduleHost.Noon);
        Definition.Published workflow;
        Definition.Published missed;
        JsonObject schedule;
        await using (var before = new ScheduleHost { ConnectionString = database.ConnectionString, Clock = clock })
        {
            await before.InitializeAsync();
            workflow = await before.PublishAsync(ScheduleHost.Telling, "down");
            missed = await before.PublishAsync(ScheduleHost.Telling);
            schedule = await before.ScheduleAsync(missed, new JsonObject { ["schedule_type"] = "interval", ["interval_seconds"] = 60 });
        }

        const string data = """{"scheduled_time": "2026-03-20T12:00:00Z", "schedule_id": "x"}""";

        // The last server had put this one on record, and died before anybody took it up.
        await database.Db.Write.ExecuteAsync(
            $"""
            insert into workflows.workflow_executions (execution_id, workflow_id, version, community_id, entity_id, trigger_type, trigger_key, trigger_data)
            values ({Guid.CreateVersion7()}, {workflow.WorkflowId}, 1, {workflow.Community}, {workflow.EntityKey}, 'schedule', 'schedule:x',
                {data}::jsonb)
            """,
            Ct);
        clock.Advance(TimeSpan.FromSeconds(90));
        await using var after = new ScheduleHost { ConnectionString = database.ConnectionString, Clock = clock };
        await after.InitializeAsync();
        await after.SettleAsync(schedule);
        (await after.GetAsync(schedule))["execution_count"]!.GetValue<int>().ShouldBe(1);
        (await after.RunsAsync(workflow)).ShouldBe(["success 2026-03-20T12:00:00Z"]);
        (await after.RunsAsync(missed)).ShouldBe(["success 2026-03-20T12:01:00Z"]);
    }

    private Task<long> KeysAsync(Guid workflow) => database.Db.Write.ValueAsync<long>(
        $"select count(distinct trigger_key) from workflows.workflow_executions where workflow_id = {workflow}", Ct);
}
