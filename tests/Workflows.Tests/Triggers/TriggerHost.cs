using Rookery.Kernel.Data;
using Rookery.Workflows.Definition;
using Rookery.Workflows.Triggers;

namespace Rookery.Workflows.Tests.Triggers;

/// <summary>A server whose workflows are started from chat; the time stands still until a test moves it.</summary>
public sealed class TriggerHost : WorkflowHost
{
    public TriggerHost() => Clock = new ManualClock();

    /// <summary>Publishes a workflow that ends at once and gives out what its trigger told.</summary>
    internal async Task<Published> ListenAsync(string type, string config, string channel, string settings = """{"max_parallel_executions":1000}""")
    {
        var workflow = await PublishAsync(
            new GraphText().Node("start", type, config)
                .Node("end", "flow_end", """{"output_data":{"who":"{{ username }}","told":"{{ trigger }}"}}""").Link("start>end").Settings(settings),
            channel);
        await Get<TriggerTable>().ReloadAsync(workflow.WorkflowId, Ct);
        return workflow;
    }

    /// <summary>What the runs of a workflow gave out, oldest first, when all have ended.</summary>
    internal async Task<IReadOnlyList<string>> RunsAsync(Published workflow)
    {
        await EventuallyAsync(
            () => Get<Database>().Write.ValueAsync<bool>(
                $"select not exists (select from workflows.workflow_executions where workflow_id = {workflow.WorkflowId} and completed_at is null)", Ct),
            "the runs end");
        return await Get<Database>().Write.ListAsync(
            $"select output_variables::text from workflows.workflow_executions where workflow_id = {workflow.WorkflowId} order by execution_id", r => r.GetString(0), Ct);
    }
}
