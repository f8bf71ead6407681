using Rookery.Kernel.Chat;
using Rookery.Kernel.Communities;
using Rookery.Kernel.Data;
using Rookery.Kernel.Expressions;
using Rookery.Workflows.Definition;
using Rookery.Workflows.Execution;

namespace Rookery.Workflows.Tests;

/// <summary>A server whose workflows are started by the tests themselves.</summary>
public class WorkflowHost : TestHost
{
    internal async Task<Published> PublishAsync(GraphText text, string channel = "lab")
    {
        var (entity, db, store) = (await ChannelAsync(channel), Get<Database>(), Get<WorkflowStore>());
        var id = await db.TransactionAsync(
            async t =>
            {
                var made = await store.CreateAsync(t, entity.CommunityId, WorkflowText.Of("A test", null, entity.Id, text.Document()), "test", Ct);
                await store.PublishAsync(t, entity.CommunityId, made, "test", Ct);
                return made;
            },
            Ct);
        return (await Get<Definitions>().FindAsync(id, 1, Ct))!;
    }

    internal async Task<Entity> ChannelAsync(string channel = "lab") =>
        await Get<EntityDirectory>().ResolveAsync(new ChannelId(Platform.Sandbox, null, channel), Ct);

    internal async Task<Started> StartAsync(Published workflow, Value data = default, string? key = null, string channel = "lab") =>
        await Get<Runner>().StartAsync(
            new Start(workflow, await ChannelAsync(channel), "webhook", data.IsNull ? Value.EmptyObject : data, key, "test"), Ct);

    internal async Task<RunEnd> RunAsync(Published workflow, Value data = default) => await (await StartAsync(workflow, data)).Ended!.WaitAsync(TimeSpan.FromSeconds(30), Ct);

    internal Task<IReadOnlyList<string>> TurnsAsync(Guid execution) => Get<Database>().Write.ListAsync(
        $"""
        select node_id || ':' || status || coalesce('.' || output_port, '') from workflows.workflow_node_executions
        where execution_id = {execution} order by sequence
        """,
        r => r.GetString(0),
        Ct);

    internal Task<string> StatusAsync(Guid execution) => Get<Database>().Write.ValueAsync<string>(
        $"select status || case when wake_at is null then '' else ' asleep' end from workflows.workflow_executions where execution_id = {execution}", Ct);

    protected static CancellationToken Ct => TestContext.Current.CancellationToken;
}
