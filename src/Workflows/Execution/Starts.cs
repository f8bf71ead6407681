using Npgsql;
using Rookery.Kernel.Data;
using Rookery.Workflows.Definition;

namespace Rookery.Workflows.Execution;

/// <summary>A start on its way into the table; afterwards it says what became of it.</summary>
internal sealed class StartRow(Guid id, Start start, DateTimeOffset at) : IJournalLine
{
    public Guid Id => id;

    public Start Start => start;

    public DateTimeOffset At => at;

    /// <summary>Runs of the workflow that may wait for their turn, where its starts wait.</summary>
    public required int MaxWaiting { get; init; }

    public bool Waits => start.Workflow.Graph.Settings.QueuePolicy == QueuePolicies.Queue;

    public StartOutcome Outcome { get; set; }

    /// <summary>Of the same cause, when it was known.</summary>
    public Guid Existing { get; set; }
}

/// <summary>The rows that runs begin with; the statement that writes them decides which of them may run now.</summary>
internal static class Starts
{
    /// <param name="node">Has those at work that may run.</param>
    public static NpgsqlBatchCommand Insert(IReadOnlyList<StartRow> rows, Guid node) => new(
        """
        with busy as materialized (
            select d.workflow, b.many, b.waiting
            from (select distinct unnest($2) as workflow order by 1) d cross join lateral workflows.busy(d.workflow) b)
        insert into workflows.workflow_executions (execution_id, workflow_id, version, community_id, entity_id, trigger_type, trigger_key,
            trigger_data, caused_by, depth, replay_of, status, node_id, fence, started_at, created_at, updated_at)
        select u.id, u.workflow, u.version, u.community, u.entity, u.type, u.key, u.data::jsonb, u.caused_by, u.depth, u.replay_of,
            case when u.may_run then 'running' else 'pending' end, case when u.may_run then $13 end, 1, case when u.may_run then u.at end, u.at, u.at
        from (
            select s.*, s.rank + b.many <= s.most as may_run,
                s.rank - greatest(0, s.most - b.many) + b.waiting <= s.places as may_wait
            from (
                select unnest($1) as id, unnest($2) as workflow, unnest($3) as version, unnest($4) as community, unnest($5) as entity,
                    unnest($6) as type, unnest($7) as key, unnest($8) as data, unnest($9) as caused_by, unnest($10) as depth,
                    unnest($11) as replay_of, unnest($12) as at, unnest($14) as most, unnest($15) as places, unnest($16) as rank) s
            join busy b on b.workflow = s.workflow) u
        where u.may_run or u.may_wait
        on conflict (workflow_id, trigger_key) where trigger_key is not null do nothing
        returning execution_id, status
        """)
    {
        Parameters =
        {
            Rows.Array(rows, r => r.Id),
            Rows.Array(rows, r => r.Start.Workflow.WorkflowId),
            Rows.Array(rows, r => r.Start.Workflow.Version),
            Rows.Array(rows, r => r.Start.Entity.CommunityId),
            Rows.Array(rows, r => r.Start.Entity.Id),
            Rows.Array(rows, r => r.Start.TriggerType),
            Rows.Array(rows, r => r.Start.Key),
            Rows.Array(rows, r => r.Start.Data.ToJson()),
            Rows.Array(rows, r => r.Start.CausedBy),
            Rows.Array(rows, r => r.Start.Depth),
            Rows.Array(rows, r => r.Start.ReplayOf),
            Rows.Array(rows, r => r.At),
            new NpgsqlParameter<Guid> { TypedValue = node },
            Rows.Array(rows, r => r.Start.Workflow.Graph.Settings.MaxParallelExecutions),
            Rows.Array(rows, r => r.Waits ? r.MaxWaiting : 0),
            Ranks(rows),
        },
    };

    /// <summary>Reads what <see cref="Insert"/> gives back.</summary>
    public static async Task ReadAsync(NpgsqlDataReader reader, IReadOnlyList<StartRow> rows, CancellationToken ct)
    {
        var written = new Dictionary<Guid, string>(rows.Count);
        while (await reader.ReadAsync(ct))
        {
            written.Add(reader.GetGuid(0), reader.GetString(1));
        }

        foreach (var row in rows)
        {
            row.Outcome = !written.TryGetValue(row.Id, out var status)
                    ? row.Waits ? StartOutcome.Full : StartOutcome.Refused
                : status == "running" ? StartOutcome.Running
                : StartOutcome.Queued;
        }
    }

    /// <summary>Finds the runs that the same causes started before.</summary>
    public static async Task FindAsync(NpgsqlConnection connection, IReadOnlyList<StartRow> rows, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            """
            select e.workflow_id, e.trigger_key, e.execution_id from workflows.workflow_executions e
            join (select unnest($1) as workflow, unnest($2) as key) u on e.workflow_id = u.workflow and e.trigger_key = u.key
            """,
            connection)
        {
            Parameters = { Rows.Array(rows, r => r.Start.Workflow.WorkflowId), Rows.Array(rows, r => r.Start.Key) },
        };
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            foreach (var row in rows.Where(r => r.Start.Workflow.WorkflowId == reader.GetGuid(0) && r.Start.Key == reader.GetString(1)))
            {
                (row.Outcome, row.Existing) = (StartOutcome.Known, reader.GetGuid(2));
            }
        }
    }

    /// <summary>The how manieth of its workflow each one is.</summary>
    private static NpgsqlParameter Ranks(IReadOnlyList<StartRow> rows)
    {
        var seen = new Dictionary<Guid, int>();
        return Rows.Array(rows, r => seen[r.Start.Workflow.WorkflowId] = seen.GetValueOrDefault(r.Start.Workflow.WorkflowId) + 1);
    }
}
