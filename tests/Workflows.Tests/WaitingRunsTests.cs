using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Rookery.Kernel;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;
using Rookery.Kernel.Expressions;
using Rookery.Workflows.Definition;
using Rookery.Workflows.Execution;
using Rookery.Workflows.Tests.Webhooks;
using Rookery.Workflows.Triggers;

namespace Rookery.Workflows.Tests;

/// <summary>Starts that wait for their turn: how many may, and what becomes of the others.</summary>
public sealed class WaitingRunsTests(ApiHost host) : IClassFixture<ApiHost>
{
    private const int MayWait = 2;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_many_starts_at_once_on_two_nodes_only_so_many_wait_as_may()
    {
        var workflow = await host.PublishAsync(One("trigger_webhook"), "two-nodes");
        await using var source = NpgsqlDataSource.Create(host.Database);
        await using var there = new Journal(new Database(source), host.Get<Outbox>(), host.Get<Node>(), NullLogger<Journal>.Instance);
        var rows = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => RowAsync(workflow, "two-nodes")));

        await Task.WhenAll(rows.Select((row, i) => (i % 2 == 0 ? host.Get<Journal>() : there).WriteAsync(row)));

        rows.GroupBy(r => r.Outcome).ToDictionary(g => g.Key, g => g.Count()).ShouldBe(
            new Dictionary<StartOutcome, int> { [StartOutcome.Running] = 1, [StartOutcome.Queued] = MayWait, [StartOutcome.Full] = 40 - 1 - MayWait },
            ignoreOrder: true);
        (await CountAsync(workflow)).ShouldBe(1 + MayWait);
    }

    [Fact]
    public async Task What_was_started_before_is_known_also_while_the_queue_is_full()
    {
        var workflow = await host.PublishAsync(One("trigger_webhook"), "known");
        var first = await FillAsync(workflow, "known");
        var again = await RowAsync(workflow, "known", "the first");
        await host.Get<Journal>().WriteAsync(again);
        (again.Outcome, again.Existing).ShouldBe((StartOutcome.Known, first));
    }

    [Fact]
    public async Task Runs_that_woke_up_take_no_place_of_those_that_wait()
    {
        var workflow = await host.PublishAsync(One("trigger_webhook"), "woken");
        await FillAsync(workflow, "woken");
        await host.Get<Database>().Write.ExecuteAsync(
            $"update workflows.workflow_executions set status = 'running', node_id = {host.Get<Node>().Id} where workflow_id = {workflow.WorkflowId}", Ct);
        var next = await RowAsync(workflow, "woken");
        await host.Get<Journal>().WriteAsync(next);
        next.Outcome.ShouldBe(StartOutcome.Queued);
    }

    [Fact]
    public async Task Who_calls_is_told_that_the_queue_is_full()
    {
        using var hook = await WebhookClient.MakeAsync(host, text: One("trigger_webhook"), channel: "told");
        var setting = $"/api/v1/settings/workflows/max_waiting_runs?community_id={hook.Workflow.Community}";
        await host.SendAsync(HttpMethod.Put, setting, new JsonObject { ["value"] = MayWait });
        await FillAsync(hook.Workflow, "told");

        (await hook.TryAsync(hook.Signed("{}"))).ShouldBe("429 queue_full");
        var refused = await host.SendAsync(
            HttpMethod.Post, $"{hook.Workflow.WorkflowId}/execute", new JsonObject(), HttpStatusCode.TooManyRequests, channel: "told");
        refused["code"]!.GetValue<string>().ShouldBe("queue_full");

        await host.SendAsync(HttpMethod.Put, setting, new JsonObject { ["value"] = MayWait + 1 });
        (await hook.TryAsync(hook.Signed("""{"n":2}"""))).ShouldBe("202");
    }

    [Fact]
    public async Task A_chat_is_told_by_the_command_and_events_are_counted()
    {
        var setting = $"/api/v1/settings/workflows/max_waiting_runs?community_id={await host.CommunityAsync("crowd")}";
        await host.SendAsync(HttpMethod.Put, setting, new JsonObject { ["value"] = MayWait });
        var command = await host.PublishAsync(One("trigger_command", """{"command_pattern":"crowded"}"""), "crowd");
        var talk = await host.PublishAsync(One("trigger_event", """{"event_type":"chatMessage"}"""), "crowd");
        foreach (var workflow in (Published[])[command, talk])
        {
            await FillAsync(workflow, "crowd");
            await host.Get<TriggerTable>().ReloadAsync(workflow.WorkflowId, Ct);
        }

        TestHost.Lines(await host.SayAsync("!crowded", channel: "crowd")).ShouldHaveSingleItem().ShouldContain("busy");
        await host.SayAsync("Is anybody here?", channel: "crowd");

        (await CountAsync(command)).ShouldBe(1 + MayWait);
        (await CountAsync(talk)).ShouldBe(1 + MayWait);
        var metrics = await host.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative), Ct);
        metrics.Split('\n').ShouldContain(l => l.StartsWith("rookery_workflow_starts_refused", StringComparison.Ordinal)
            && l.Contains("queue_full", StringComparison.Ordinal) && l.Contains("event", StringComparison.Ordinal));
    }

    /// <summary>One run of it may be at work at a time.</summary>
    private static GraphText One(string trigger, string config = "{}") =>
        new GraphText().Node("start", trigger, config).Node("end", "flow_end").Link("start>end").Settings("""{"max_parallel_executions":1}""");

    /// <summary>One run is at work, as if for ever, and as many wait as may.</summary>
    /// <returns>The one at work.</returns>
    private async Task<Guid> FillAsync(Published workflow, string channel)
    {
        var first = await RowAsync(workflow, channel, "the first");
        await host.Get<Journal>().WriteAsync(first);
        first.Outcome.ShouldBe(StartOutcome.Running);
        for (var i = 0; i < MayWait; i++)
        {
            var row = await RowAsync(workflow, channel);
            await host.Get<Journal>().WriteAsync(row);
            row.Outcome.ShouldBe(StartOutcome.Queued);
        }

        return first.Id;
    }

    /// <summary>A start that nobody begins: it stays as it was put on record.</summary>
    private async Task<StartRow> RowAsync(Published workflow, string channel, string? key = null)
    {
        var (entity, now) = (await host.ChannelAsync(channel), host.Get<TimeProvider>().GetUtcNow());
        return new StartRow(Ids.New(now), new Start(workflow, entity, "webhook", Value.EmptyObject, key, "test"), now) { MaxWaiting = MayWait };
    }

    private Task<long> CountAsync(Published workflow) => host.Get<Database>().Write.ValueAsync<long>(
        $"select count(*) from workflows.workflow_executions where workflow_id = {workflow.WorkflowId}", Ct);
}
