using System.Text.Json;
using Npgsql;
using Rookery.Kernel.Data;
using Rookery.Kernel.Web;

namespace Rookery.Workflows.Api;

/// <param name="SortBy">start_time, status or execution_time.</param>
internal sealed record RunFilter(Guid? Workflow, string? Status, bool? IsTestRun, string SortBy, bool IsAscending);

/// <summary>What the API reads and changes of <c>workflow_executions</c> and <c>workflow_node_executions</c>.</summary>
internal sealed class RunRows(Database db, TimeProvider clock)
{
    private static readonly SqlFragment Columns = Sql.Fragment(
        """
        x.execution_id, x.workflow_id, x.version, x.community_id, e.entity_id, x.trigger_type, x.trigger_data::text, x.status, x.started_at, x.completed_at,
        x.duration_ms, x.error_message, x.error_node, x.error_code, x.output_variables::text, x.retry_count, x.is_test_run, x.caused_by, x.depth,
        x.replay_of, x.wake_at, x.cancel_requested, x.created_at
        """);

    public Task<RunView?> FindAsync(long community, Guid id, CancellationToken ct) => db.Write.FindAsync(
        $"""
        select {Columns} from workflows.workflow_executions x join kernel.entities e on e.id = x.entity_id
        where x.execution_id = {id} and x.community_id = {community}
        """,
        Read,
        ct);

    /// <summary>Ids rise with time, so newest first needs no sorting; its cursor is an id, that of other orders how many were shown.</summary>
    public Task<IReadOnlyList<RunView>> ListAsync(long community, RunFilter filter, PageQuery page, CancellationToken ct)
    {
        Guid? before = Guid.TryParse(page.After, out var id) ? id : null;
        return filter is { SortBy: "start_time", IsAscending: false }
            ? db.Read.ListAsync(
                $"""
                select {Columns} from workflows.workflow_definitions d
                cross join lateral (
                    select * from workflows.workflow_executions r
                    where r.workflow_id = d.workflow_id and ({filter.Status}::text is null or r.status = {filter.Status})
                      and ({filter.IsTestRun}::boolean is null or r.is_test_run = {filter.IsTestRun}) and ({before}::uuid is null or r.execution_id < {before})
                    order by r.execution_id desc limit {page.Limit + 1}) x
                join kernel.entities e on e.id = x.entity_id
                where d.community_id = {community} and x.community_id = {community} and ({filter.Workflow}::uuid is null or d.workflow_id = {filter.Workflow})
                order by x.execution_id desc limit {page.Limit + 1}
                """,
                Read,
                ct)
            : db.Read.ListAsync(
                $"""
                select {Columns} from workflows.workflow_definitions d join workflows.workflow_executions x using (workflow_id)
                join kernel.entities e on e.id = x.entity_id,
                    lateral (select case {filter.SortBy} when 'status' then x.status when 'execution_time' then lpad(coalesce(x.duration_ms, 0)::text, 20, '0')
                        else x.execution_id::text end as rank) o
                where d.community_id = {community} and x.community_id = {community} and ({filter.Workflow}::uuid is null or d.workflow_id = {filter.Workflow})
                  and ({filter.Status}::text is null or x.status = {filter.Status}) and ({filter.IsTestRun}::boolean is null or x.is_test_run = {filter.IsTestRun})
                order by case when {filter.IsAscending} then o.rank end, o.rank desc, x.execution_id desc
                offset {Math.Max(0, page.AfterId ?? 0)} limit {page.Limit + 1}
                """,
                Read,
                ct);
    }

    public Task<IReadOnlyList<TurnView>> TurnsAsync(long community, Guid id, CancellationToken ct) => db.Write.ListAsync(
        $"""
        select n.sequence, n.node_id, n.node_type, n.path, n.status, n.input_variables::text, n.output_variables::text, n.output_port, n.started_at,
            n.completed_at, n.duration_ms, n.error_message, n.result_data::text, n.attempt
        from workflows.workflow_node_executions n join workflows.workflow_executions x using (execution_id)
        where n.execution_id = {id} and x.community_id = {community}
        order by n.sequence
        """,
        ReadTurn,
        ct);

    /// <summary>
    /// Ends a run that no node has at work; of one that is at work, tells the node that has it.
    /// </summary>
    /// <returns>The status it has now: cancelled, running when a node is told, or how it had ended before.</returns>
    public async Task<string> CancelAsync(Transaction transaction, long community, Guid id, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var ended = await transaction.ExecuteAsync(
            $"""
            update workflows.workflow_executions
            set status = 'cancelled', completed_at = {now}, wake_at = null, cancel_requested = true, fence = fence + 1, updated_at = {now},
                duration_ms = extract(epoch from {now} - started_at) * 1000
            where execution_id = {id} and community_id = {community} and completed_at is null and node_id is null
            """,
            ct);
        if (ended == 1)
        {
            await transaction.ExecuteAsync(
                $"""
                update workflows.workflow_node_executions set status = 'skipped', completed_at = {now}
                where execution_id = {id} and status = 'running'
                """,
                ct);
            return "cancelled";
        }

        await transaction.ListAsync(
            $"""
            with told as (
                update workflows.workflow_executions set cancel_requested = true, updated_at = {now}
                where execution_id = {id} and community_id = {community} and completed_at is null
                returning execution_id)
            select pg_notify('rookery', 'workflow_cancel:' || execution_id) from told
            """,
            _ => true,
            ct);
        return await transaction.ValueAsync<string>(
            $"select status from workflows.workflow_executions where execution_id = {id} and community_id = {community}", ct);
    }

    /// <summary>
    /// Opens a failed run again at the turn that failed it. Turns that were cut off by the failure come up again as well; whether a call
    /// among them was made is not known, which is told by its row that stays.
    /// </summary>
    /// <returns>False when it has not failed.</returns>
    public async Task<bool> ReopenAsync(Transaction transaction, long community, Guid id, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var failedAt = await transaction.ListAsync(
            $"""
            select error_node from workflows.workflow_executions
            where execution_id = {id} and community_id = {community} and status = 'failed' and not is_test_run for update
            """,
            r => r.IsDBNull(0) ? null : r.GetString(0),
            ct);
        if (failedAt is not [var node])
        {
            return false;
        }

        await transaction.ExecuteAsync(
            $"""
            delete from workflows.workflow_node_executions
            where execution_id = {id} and (completion = (
                    select max(completion) from workflows.workflow_node_executions
                    where execution_id = {id} and node_id = {node} and (status = 'failed' or node_type = 'flow_stop'))
                or (status = 'skipped' and started_at is null))
            """,
            ct);
        await transaction.ExecuteAsync(
            $"update workflows.workflow_node_executions set status = 'running', completed_at = null where execution_id = {id} and status = 'skipped'", ct);
        await transaction.ExecuteAsync(
            $"""
            update workflows.workflow_executions
            set status = 'pending', completed_at = null, duration_ms = null, error_message = null, error_node = null, error_code = null, node_id = null,
                cancel_requested = false, retry_count = retry_count + 1, fence = fence + 1, updated_at = {now}
            where execution_id = {id} and community_id = {community}
            """,
            ct);
        return true;
    }

    private static RunView Read(NpgsqlDataReader r) => new(
        r.GetGuid(0),
        r.GetGuid(1),
        r.GetInt32(2),
        r.GetInt64(3),
        r.GetString(4),
        r.GetString(5),
        r.IsDBNull(6) ? null : JsonElement.Parse(r.GetString(6)),
        r.GetString(7),
        r.GetFieldValue<DateTimeOffset?>(8),
        r.GetFieldValue<DateTimeOffset?>(9),
        r.IsDBNull(10) ? null : r.GetInt64(10),
        r.IsDBNull(11) ? null : r.GetString(11),
        r.IsDBNull(12) ? null : r.GetString(12),
        r.IsDBNull(13) ? null : r.GetString(13),
        JsonElement.Parse(r.GetString(14)),
        r.GetInt32(15),
        r.GetBoolean(16),
        r.IsDBNull(17) ? null : r.GetString(17),
        r.GetInt32(18),
        r.IsDBNull(19) ? null : r.GetGuid(19),
        r.GetFieldValue<DateTimeOffset?>(20),
        r.GetBoolean(21),
        r.GetFieldValue<DateTimeOffset>(22));

    private static TurnView ReadTurn(NpgsqlDataReader r) => new(
        r.GetInt32(0),
        r.GetString(1),
        r.GetString(2),
        r.GetString(3),
        r.GetString(4),
        JsonElement.Parse(r.GetString(5)),
        JsonElement.Parse(r.GetString(6)),
        r.IsDBNull(7) ? null : r.GetString(7),
        r.GetFieldValue<DateTimeOffset?>(8),
        r.GetFieldValue<DateTimeOffset?>(9),
        r.IsDBNull(10) ? null : r.GetInt64(10),
        r.IsDBNull(11) ? null : r.GetString(11),
        r.IsDBNull(12) ? null : JsonElement.Parse(r.GetString(12)),
        r.GetInt32(13));
}
