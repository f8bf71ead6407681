using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Rookery.Kernel.Data;
using Rookery.Kernel.Scheduling;
using Rookery.Workflows.Schedules;

namespace Rookery.Workflows.Tests;

public sealed class ScheduleTests(ScheduleHost host) : IClassFixture<ScheduleHost>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_schedule_starts_a_run_at_its_time_and_tells_it_when_and_why()
    {
        host.Clock!.Set(Whole(TimeSpan.FromDays(1)));
        var workflow = await host.PublishAsync(ScheduleHost.Telling);
        var schedule = await host.ScheduleAsync(workflow, new JsonObject
        {
            ["schedule_type"] = "cron",
            ["cron_expression"] = "30 9 * * *",
            ["timezone"] = "Asia/Kathmandu",
            ["context_data"] = new JsonObject { ["topic"] = "tea", ["schedule_id"] = "not this one" },
        });
        var time = schedule["next_execution_at"]!.GetValue<DateTimeOffset>();
        time.TimeOfDay.ShouldBe(new TimeSpan(3, 45, 0));
        host.Clock.Set(time.AddSeconds(3));
        await host.SettleAsync(schedule);
        (await host.RunsAsync(workflow)).ShouldBe([$"success {Text(time)}"]);
        (await host.Get<Database>().Write.ValueAsync<string>(
            $"select output_variables ->> 'topic' || ' ' || (output_variables ->> 'schedule') || ' ' || caused_by from workflows.workflow_executions where workflow_id = {workflow.WorkflowId}", Ct))
            .ShouldBe($"tea {schedule["schedule_id"]} schedule:{schedule["schedule_id"]}");
        var after = await host.GetAsync(schedule);
        after["execution_count"]!.GetValue<int>().ShouldBe(1);
        after["last_execution_at"]!.GetValue<DateTimeOffset>().ShouldBe(time);
        after["next_execution_at"]!.GetValue<DateTimeOffset>().ShouldBe(time.AddDays(1));
    }

    [Fact]
    public async Task An_interval_keeps_its_beat_however_late_a_run_begins()
    {
        var begin = host.Clock!.GetUtcNow();
        var workflow = await host.PublishAsync(ScheduleHost.Telling);
        var schedule = await host.ScheduleAsync(workflow, Every(60));
        host.Clock.Set(begin.AddSeconds(97));
        await host.SettleAsync(schedule);
        host.Clock.Set(begin.AddSeconds(121));
        await host.SettleAsync(schedule);
        (await host.RunsAsync(workflow)).ShouldBe([$"success {Text(begin.AddSeconds(60))}", $"success {Text(begin.AddSeconds(120))}"]);
    }

    [Fact]
    public async Task A_schedule_for_one_time_comes_once_and_is_over()
    {
        var time = host.Clock!.GetUtcNow().AddMinutes(10);
        var workflow = await host.PublishAsync(ScheduleHost.Telling);
        var schedule = await host.ScheduleAsync(workflow, new JsonObject { ["schedule_type"] = "one_time", ["next_execution_at"] = time });
        host.Clock.Set(time);
        await host.SettleAsync(schedule);
        host.Clock.Advance(TimeSpan.FromDays(1));
        (await host.RunsAsync(workflow)).ShouldBe([$"success {Text(time)}"]);
        var over = await host.GetAsync(schedule);
        (over["is_active"]!.GetValue<bool>(), over["next_execution_at"], over["execution_count"]!.GetValue<int>()).ShouldBe((false, null, 1));
    }

    [Fact]
    public async Task After_its_last_run_a_schedule_is_over()
    {
        var workflow = await host.PublishAsync(ScheduleHost.Telling);
        var schedule = await host.ScheduleAsync(workflow, Every(60, "all", most: 2));
        host.Clock!.Advance(TimeSpan.FromMinutes(5));
        await host.SettleAsync(schedule);
        (await host.RunsAsync(workflow)).Count.ShouldBe(2);
        (await host.GetAsync(schedule))["is_active"]!.GetValue<bool>().ShouldBeFalse();
    }

    [Theory]
    [InlineData("skip", 0, 3)]
    [InlineData("once", 1, 2)]
    [InlineData("all", 3, 0)]
    public async Task What_was_missed_is_made_up_for_as_the_schedule_says(string policy, int runs, int skipped)
    {
        var begin = host.Clock!.GetUtcNow();
        var workflow = await host.PublishAsync(ScheduleHost.Telling);
        var schedule = await host.ScheduleAsync(workflow, Every(3600, policy));
        host.Clock.Set(begin.AddHours(3.5));
        await host.SettleAsync(schedule);
        var expected = Enumerable.Range(4 - runs, runs).Select(h => $"success {Text(begin.AddHours(h))}");
        (await host.RunsAsync(workflow)).ShouldBe(expected);
        var after = await host.GetAsync(schedule);
        (after["execution_count"]!.GetValue<int>(), after["skipped_count"]!.GetValue<int>()).ShouldBe((runs, skipped));
        after["last_skip_reason"]?.GetValue<string>().ShouldBe("missed");
        after["next_execution_at"]!.GetValue<DateTimeOffset>().ShouldBe(begin.AddHours(4));
    }

    [Fact]
    public async Task Not_more_is_made_up_for_than_may_be()
    {
        var workflow = await host.PublishAsync(ScheduleHost.Telling);
        var schedule = await host.ScheduleAsync(workflow, Every(60, "all"));
        host.Clock!.Advance(TimeSpan.FromMinutes(150));
        await host.SettleAsync(schedule);
        (await host.RunsAsync(workflow)).Count.ShouldBe(CatchUp.Most);
        (await host.GetAsync(schedule))["skipped_count"]!.GetValue<int>().ShouldBe(50);
        await host.PatchAsync(schedule, new JsonObject { ["is_active"] = false });
    }

    [Fact]
    public async Task A_run_that_fails_never_stops_its_schedule()
    {
        var workflow = await host.PublishAsync(new GraphText().Node("start", "trigger_schedule").Node("stop", "flow_stop", """{"status":"failed","reason":"no"}""").Link("start>stop"));
        var schedule = await host.ScheduleAsync(workflow, Every(60));
        for (var i = 0; i < 2; i++)
        {
            host.Clock!.Advance(TimeSpan.FromSeconds(60));
            await host.SettleAsync(schedule);
        }

        (await host.RunsAsync(workflow)).Select(r => r.Split(' ')[0]).ShouldBe(["failed", "failed"]);
        (await host.GetAsync(schedule))["is_active"]!.GetValue<bool>().ShouldBeTrue();
    }

    [Fact]
    public async Task A_time_at_which_the_workflow_is_not_published_is_noted_and_the_next_one_comes()
    {
        var workflow = await host.PublishAsync(ScheduleHost.Telling);
        var schedule = await host.ScheduleAsync(workflow, Every(60));
        await StatusAsync(workflow.WorkflowId, "archived");
        host.Clock!.Advance(TimeSpan.FromSeconds(60));
        await host.SettleAsync(schedule);
        var skipped = await host.GetAsync(schedule);
        (skipped["skipped_count"]!.GetValue<int>(), skipped["last_skip_reason"]!.GetValue<string>(), skipped["execution_count"]!.GetValue<int>()).ShouldBe((1, "not_published", 0));
        await StatusAsync(workflow.WorkflowId, "published");
        host.Clock.Advance(TimeSpan.FromSeconds(60));
        await host.SettleAsync(schedule);
        (await host.RunsAsync(workflow)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Of_a_schedule_no_more_runs_wait_than_may()
    {
        var workflow = await host.PublishAsync(ScheduleHost.Telling.Settings("""{"max_parallel_executions":2}"""));
        var setting = new Uri($"/api/v1/settings/workflows/max_waiting_runs?community_id={workflow.Community}", UriKind.Relative);
        using var set = await host.Http.PutAsJsonAsync(setting, new JsonObject { ["value"] = 3 }, Ct);
        var schedule = await host.ScheduleAsync(workflow, Every(60, "all"));
        host.Clock!.Advance(TimeSpan.FromMinutes(10));
        await host.SettleAsync(schedule);
        (await host.RunsAsync(workflow)).Count.ShouldBe(5);
        var after = await host.GetAsync(schedule);
        (after["skipped_count"]!.GetValue<int>(), after["last_skip_reason"]!.GetValue<string>()).ShouldBe((5, "busy"));
        using var reset = await host.Http.PutAsJsonAsync(setting, new JsonObject { ["value"] = WorkflowLimits.MaxWaitingRuns.Default }, Ct);
    }

    [Fact]
    public async Task A_workflow_whose_starts_do_not_wait_is_not_started_while_it_is_busy()
    {
        var workflow = await host.PublishAsync(ScheduleHost.Telling.Settings("""{"queue_policy":"skip","max_parallel_executions":2}"""));
        var schedule = await host.ScheduleAsync(workflow, Every(60, "all"));
        host.Clock!.Advance(TimeSpan.FromMinutes(5));
        await host.SettleAsync(schedule);
        (await host.RunsAsync(workflow)).Count.ShouldBe(2);
        (await host.GetAsync(schedule))["last_skip_reason"]!.GetValue<string>().ShouldBe("busy");
    }

    [Fact]
    public async Task A_paused_schedule_rests_and_goes_on_with_the_next_time_in_its_beat()
    {
        var begin = host.Clock!.GetUtcNow();
        var workflow = await host.PublishAsync(ScheduleHost.Telling);
        var schedule = await host.ScheduleAsync(workflow, Every(3600));
        await host.PatchAsync(schedule, new JsonObject { ["is_active"] = false });
        (await TimersAsync(schedule)).ShouldBe(0);
        host.Clock.Set(begin.AddHours(2.5));
        var resumed = await host.PatchAsync(schedule, new JsonObject { ["is_active"] = true });
        resumed["next_execution_at"]!.GetValue<DateTimeOffset>().ShouldBe(begin.AddHours(3));
        (await TimersAsync(schedule)).ShouldBe(1);
        host.Clock.Set(begin.AddHours(3));
        await host.SettleAsync(schedule);
        (await host.RunsAsync(workflow)).ShouldBe([$"success {Text(begin.AddHours(3))}"]);
    }

    [Fact]
    public async Task A_change_of_zone_works_out_the_next_time_anew_and_the_old_timer_is_gone()
    {
        var workflow = await host.PublishAsync(ScheduleHost.Telling);
        var schedule = await host.ScheduleAsync(workflow, new JsonObject { ["schedule_type"] = "cron", ["cron_expression"] = "0 12 1 7 *", ["timezone"] = "Europe/Berlin" });
        schedule["next_execution_at"]!.GetValue<DateTimeOffset>().Hour.ShouldBe(10);
        var changed = await host.PatchAsync(schedule, new JsonObject { ["timezone"] = "America/New_York" });
        changed["next_execution_at"]!.GetValue<DateTimeOffset>().Hour.ShouldBe(16);
        changed["cron_expression"]!.GetValue<string>().ShouldBe("0 12 1 7 *");
        (await TimersAsync(schedule)).ShouldBe(1);
    }

    [Fact]
    public async Task A_firing_that_is_broken_off_leaves_nothing_and_comes_again()
    {
        var workflow = await host.PublishAsync(ScheduleHost.Telling);
        var schedule = await host.ScheduleAsync(workflow, Every(60));
        var due = schedule["next_execution_at"]!.GetValue<DateTimeOffset>();
        var timer = new DueTimer($"{schedule["schedule_id"]!.GetValue<Guid>():N}:1", due, due, "{}", workflow.Community, 1);
        await Should.ThrowAsync<TimeoutException>(() => host.Get<Database>().TransactionAsync(
            async transaction =>
            {
                await host.Get<FireSchedule>().RunAsync(timer, transaction, Ct);
                throw new TimeoutException("The server stops here.");
            },
            Ct));
        (await host.RunsAsync(workflow)).ShouldBeEmpty();
        host.Clock!.Set(due);
        await host.SettleAsync(schedule);
        (await host.RunsAsync(workflow)).ShouldBe([$"success {Text(due)}"]);
    }

    private static JsonObject Every(int seconds, string catchUp = "skip", int? most = null) => new()
    {
        ["schedule_type"] = "interval",
        ["interval_seconds"] = seconds,
        ["catch_up"] = catchUp,
        ["max_executions"] = most,
    };

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    private DateTimeOffset Whole(TimeSpan step) => new((host.Clock!.GetUtcNow().UtcTicks / step.Ticks + 1) * step.Ticks, TimeSpan.Zero);

    private Task StatusAsync(Guid workflow, string status) => host.Get<Database>().Write.ExecuteAsync(
        $"update workflows.workflow_definitions set status = {status} where workflow_id = {workflow}", Ct);

    private Task<long> TimersAsync(JsonObject schedule) => host.Get<Database>().Write.ValueAsync<long>(
        $"select count(*) from kernel.timers where kind = 'workflow_schedule' and key like {$"{schedule["schedule_id"]!.GetValue<Guid>():N}:%"}", Ct);
}
