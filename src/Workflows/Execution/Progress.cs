using Npgsql;
using Rookery.Kernel.Data;

namespace Rookery.Workflows.Execution;

/// <summary>How far runs have come: their own rows, and those of their nodes.</summary>
internal static class Progress
{
    /// <summary>The runs themselves, which are locked by it; refused as a whole when one of them is no longer ours.</summary>
    public static NpgsqlBatchCommand Runs(IReadOnlyList<JournalEntry> entries) => new(
        """
        with written as (
            update workflows.workflow_executions e
            set status = coalesce(u.status, 'running'), completed_at = u.completed_at, error_message = u.error, error_code = u.code,
                error_node = u.node, output_variables = coalesce(u.output::jsonb, e.output_variables), retry_count = e.retry_count + u.retries,
                duration_ms = extract(epoch from u.completed_at - e.started_at) * 1000, wake_at = u.wake_at,
                node_id = case when u.status is null and u.wake_at is null then e.node_id end, updated_at = u.at
            from (
                select unnest($1) as id, unnest($2) as fence, unnest($3) as status, unnest($4) as completed_at, unnest($5) as error,
                    unnest($6) as code, unnest($7) as node, unnest($8) as output, unnest($9) as retries, unnest($10) as wake_at,
                    unnest($11) as at) u
            where e.execution_id = u.id and e.fence = u.fence and e.status = 'running'
            returning 1)
        select workflows.require((select count(*) from written) = $12)
        """)
    {
        Parameters =
        {
            Rows.Array(entries, e => e.Execution),
            Rows.Array(entries, e => e.Fence),
            Rows.Array(entries, e => e.End?.Status),
            Rows.Array(entries, e => e.End is null ? (DateTimeOffset?)null : e.At),
            Rows.Array(entries, e => e.End?.Error),
            Rows.Array(entries, e => e.End?.Code),
            Rows.Array(entries, e => e.End?.Node),
            Rows.Array(entries, e => e.End is null ? null : e.Output.ToJson()),
            Rows.Array(entries, e => e.Retries),
            Rows.Array(entries, e => e.WakeAt),
            Rows.Array(entries, e => e.At),
            new NpgsqlParameter<long> { TypedValue = entries.Count },
        },
    };

    public static NpgsqlBatchCommand Nodes(IReadOnlyList<JournalEntry> entries)
    {
        var rows = entries.SelectMany(e => e.Rows, (e, r) => (Entry: e, Row: r)).ToList();
        return new NpgsqlBatchCommand(
            """
            insert into workflows.workflow_node_executions as n (node_execution_id, execution_id, workflow_id, sequence, completion, node_id,
                node_type, path, status, input_variables, output_variables, output_port, started_at, completed_at, duration_ms,
                error_message, result_data, attempt, created_at)
            select u.id, u.execution, u.workflow, u.sequence, u.completion, u.node, u.type, u.path, u.status, u.inputs::jsonb, u.outputs::jsonb,
                u.port, u.started_at, u.completed_at, extract(epoch from u.completed_at - u.started_at) * 1000, u.error, u.data::jsonb, u.attempt, u.at
            from (
                select unnest($1) as id, unnest($2) as execution, unnest($3) as workflow, unnest($4) as sequence, unnest($5) as completion,
                    unnest($6) as node, unnest($7) as type, unnest($8) as path, unnest($9) as status, unnest($10) as inputs,
                    unnest($11) as outputs, unnest($12) as port, unnest($13) as started_at, unnest($14) as completed_at,
                    unnest($15) as error, unnest($16) as data, unnest($17) as attempt, unnest($18) as at) u
            on conflict (execution_id, sequence) do update
            set completion = excluded.completion, status = excluded.status, output_variables = excluded.output_variables,
                input_variables = case when excluded.input_variables = '{}' then n.input_variables else excluded.input_variables end,
                output_port = excluded.output_port, completed_at = excluded.completed_at, error_message = excluded.error_message,
                result_data = excluded.result_data, attempt = excluded.attempt,
                started_at = coalesce(n.started_at, excluded.started_at),
                duration_ms = extract(epoch from excluded.completed_at - coalesce(n.started_at, excluded.started_at)) * 1000
            where n.status = 'running' or excluded.result_data ? '_expiry'
            """)
        {
            Parameters =
            {
                Rows.Array(rows, r => Guid.CreateVersion7(r.Entry.At)),
                Rows.Array(rows, r => r.Entry.Execution),
                Rows.Array(rows, r => r.Entry.Workflow),
                Rows.Array(rows, r => r.Row.Sequence),
                Rows.Array(rows, r => r.Row.Completion),
                Rows.Array(rows, r => r.Row.Node),
                Rows.Array(rows, r => r.Row.Type),
                Rows.Array(rows, r => r.Row.Path),
                Rows.Array(rows, r => r.Row.Status),
                Rows.Array(rows, r => r.Row.Inputs.ToJson()),
                Rows.Array(rows, r => r.Row.Outputs.ToJson()),
                Rows.Array(rows, r => r.Row.Port),
                Rows.Array(rows, r => r.Row.StartedAt),
                Rows.Array(rows, r => r.Row.CompletedAt),
                Rows.Array(rows, r => r.Row.Error),
                Rows.Array(rows, r => r.Row.Data.IsNull ? null : r.Row.Data.ToJson()),
                Rows.Array(rows, r => r.Row.Attempt),
                Rows.Array(rows, r => r.Entry.At),
            },
        };
    }
}
