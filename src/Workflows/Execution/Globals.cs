using Rookery.Kernel.Data;
using Rookery.Kernel.Expressions;

namespace Rookery.Workflows.Execution;

/// <summary>What the runs of a workflow keep for later runs: the table <c>workflow_variables</c>.</summary>
internal sealed class Globals(Database db, TimeProvider clock)
{
    public const int MaxSize = 64 * 1024;

    public async Task<Value> ReadAsync(Guid workflow, CancellationToken ct)
    {
        var rows = await db.Write.ListAsync(
            $"select variables::text from workflows.workflow_variables where workflow_id = {workflow}", r => r.GetString(0), ct);
        return rows is [var json] ? Parse(json) : Value.EmptyObject;
    }

    /// <summary>Holds them for the transaction, so that what is worked out from them is not overtaken.</summary>
    public async Task<Value> LockAsync(Transaction transaction, Guid workflow, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await transaction.ExecuteAsync(
            $"insert into workflows.workflow_variables (workflow_id, updated_at) values ({workflow}, {now}) on conflict do nothing", ct);
        var rows = await transaction.ListAsync(
            $"select variables::text from workflows.workflow_variables where workflow_id = {workflow} for update", r => r.GetString(0), ct);
        return Parse(rows[0]);
    }

    public Task WriteAsync(Transaction transaction, Guid workflow, Value variables, CancellationToken ct) => transaction.ExecuteAsync(
        $"update workflows.workflow_variables set variables = {variables.ToJson()}::jsonb, updated_at = {clock.GetUtcNow()} where workflow_id = {workflow}", ct);

    private static Value Parse(string json) => Value.TryParse(json, out var value) ? value : Value.EmptyObject;
}
