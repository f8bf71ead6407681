using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Rookery.Kernel.Data;
using Rookery.Workflows.Definition;

namespace Rookery.Workflows.Tests;

/// <summary>A server whose clock only moves when a test moves it, and whose timers are looked for often.</summary>
public sealed class ScheduleHost : WorkflowHost
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 20, 12, 0, 0, TimeSpan.Zero);

    public ScheduleHost()
    {
        Clock = new ManualClock(Noon);
        Settings = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Timers:Poll"] = "00:00:00.050",

            // Nobody finds a waiting run by looking: it is told of.
            ["Modules:workflows:TakeoverEvery"] = "00:10:00",
        };
    }

    /// <summary>A workflow that gives out what its schedule told it.</summary>
    internal static GraphText Telling => new GraphText().Node("start", "trigger_schedule")
        .Node("end", "flow_end", """{"output_data":{"time":"{{ scheduled_time }}","topic":"{{ default(topic, '') }}","schedule":"{{ schedule_id }}"}}""").Link("start>end");

    internal async Task<string> PathAsync(string channel = "lab") => $"/api/v1/communities/{(await ChannelAsync(channel)).CommunityId}/workflows";

    /// <summary>Makes a schedule over the API and returns it.</summary>
    internal async Task<JsonObject> ScheduleAsync(Published workflow, JsonObject body)
    {
        using var response = await Http.PostAsJsonAsync($"{await PathAsync()}/{workflow.WorkflowId}/schedules", body, Ct);
        response.StatusCode.ShouldBe(HttpStatusCode.Created, await response.Content.ReadAsStringAsync(Ct));
        return (await response.Content.ReadFromJsonAsync<JsonObject>(Ct))!;
    }

    internal async Task<JsonObject> GetAsync(JsonObject schedule) =>
        (await Http.GetFromJsonAsync<JsonObject>($"{await PathAsync()}/schedules/{schedule["schedule_id"]}", Ct))!;

    internal async Task<JsonObject> PatchAsync(JsonObject schedule, JsonObject change)
    {
        using var response = await Http.PatchAsJsonAsync($"{await PathAsync()}/schedules/{schedule["schedule_id"]}", change, Ct);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Ct));
        return (await response.Content.ReadFromJsonAsync<JsonObject>(Ct))!;
    }

    /// <summary>Waits until the schedule has nothing left to do up to now.</summary>
    internal Task SettleAsync(JsonObject schedule) => EventuallyAsync(
        async () => (await GetAsync(schedule))["next_execution_at"] is not { } next || next.GetValue<DateTimeOffset>() > Clock!.GetUtcNow(), "the schedule has fired");

    /// <summary>The outcomes of a workflow's runs and their times, once all of them have ended.</summary>
    internal async Task<IReadOnlyList<string>> RunsAsync(Published workflow)
    {
        await EventuallyAsync(
            async () => await Get<Database>().Write.ValueAsync<long>(
                $"select count(*) from workflows.workflow_executions where workflow_id = {workflow.WorkflowId} and completed_at is null", Ct) == 0,
            "all runs end");
        return await Get<Database>().Write.ListAsync(
            $"""
            select status || ' ' || (trigger_data ->> 'scheduled_time') from workflows.workflow_executions
            where workflow_id = {workflow.WorkflowId} order by trigger_data ->> 'scheduled_time'
            """,
            r => r.GetString(0),
            Ct);
    }
}
