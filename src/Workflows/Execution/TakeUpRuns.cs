using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Communities;
using Rookery.Kernel.Data;
using Rookery.Kernel.Expressions;
using Rookery.Kernel.Scheduling;
using Rookery.Workflows.Definition;

namespace Rookery.Workflows.Execution;

/// <summary>
/// Takes up runs that no node has at work: those whose sleep is over, those that waited for their turn, those of nodes that died,
/// and those that are this node's own and that an outage kept it from beginning or from going on with. Each is taken by one node only, and with a higher fence than the one before had.
/// </summary>
internal sealed partial class TakeUpRuns(
    Database db,
    Definitions definitions,
    EntityDirectory entities,
    Globals globals,
    Runner runner,
    RunBell bell,
    Node self,
    ChangeFeed feed,
    WorkflowLimits limits,
    IOptions<WorkflowOptions> options,
    TimeProvider clock,
    ILogger<TakeUpRuns> log) : IRungJob
{
    private const int AtOnce = 500;

    private static readonly SqlFragment Columns = Sql.Fragment(
        "e.execution_id, e.workflow_id, e.version, e.entity_id, e.trigger_type, e.trigger_data::text, e.depth, e.fence, e.started_at, e.cancel_requested");

    private DateTimeOffset _nextTakeover;
    private bool _listens;

    public Bell Bell => bell.Of;

    public TimeSpan Period { get; private set; } = TimeSpan.FromMilliseconds(50);

    public async ValueTask RunAsync(CancellationToken ct)
    {
        if (!_listens)
        {
            feed.On("workflow_waiting", NoteWaiting);
            _listens = true;
        }

        var now = clock.GetUtcNow();
        var taken = await TakeAwakeAsync(now, ct);
        if (now >= _nextTakeover)
        {
            taken += await TakeOverAsync(now, ct);
            await FindQueuesAsync(ct);
            _nextTakeover = now + options.Value.TakeoverEvery;
        }

        foreach (var workflow in runner.WithQueue)
        {
            await TakeQueuedAsync(workflow, ct);
        }

        Period = taken >= AtOnce ? TimeSpan.FromMilliseconds(1) : await UntilNextAsync(ct);
    }

    /// <summary>A transaction that did more put runs on record as waiting.</summary>
    private void NoteWaiting(string key)
    {
        if (Guid.TryParse(key, out var workflow))
        {
            runner.NoteQueue(workflow);
            bell.Of.Ring();
        }
    }

    private async Task<int> TakeAwakeAsync(DateTimeOffset now, CancellationToken ct)
    {
        var rows = await db.Write.ListAsync(
            $"""
            with due as materialized (
                select execution_id from workflows.workflow_executions
                where wake_at <= {now} and status = 'running'
                order by wake_at limit {AtOnce} for update skip locked)
            update workflows.workflow_executions e
            set node_id = {self.Id}, fence = e.fence + 1, wake_at = null, updated_at = {now}
            from due where e.execution_id = due.execution_id
            returning {Columns}
            """,
            Read,
            ct);
        await ResumeAsync(rows, ct);
        return rows.Count;
    }

    private async Task<int> TakeOverAsync(DateTimeOffset now, CancellationToken ct)
    {
        var strays = await FindStraysAsync(now, ct);
        var rows = await db.Write.ListAsync(
            $"""
            with alive as materialized ({Node.Alive} union select {self.Id}),
            left_over as materialized (
                select execution_id from workflows.workflow_executions
                where completed_at is null and status = 'running'
                    and (node_id <> all(array(select node_id from alive)) or (node_id = {self.Id} and execution_id = any({strays})))
                limit {AtOnce} for update skip locked)
            update workflows.workflow_executions e
            set node_id = {self.Id}, fence = e.fence + 1, updated_at = {now}
            from left_over l where e.execution_id = l.execution_id
            returning {Columns}
            """,
            Read,
            ct);
        if (rows.Count > 0)
        {
            TakenOver(rows.Count);
        }

        await ResumeAsync(rows, ct);
        return rows.Count;
    }

    /// <summary>Runs that are this node's own on record, for a while already, and that it does not have at work.</summary>
    private async Task<Guid[]> FindStraysAsync(DateTimeOffset now, CancellationToken ct)
    {
        var before = now - (2 * options.Value.TakeoverEvery);
        var own = await db.Write.ListAsync(
            $"""
            select execution_id from workflows.workflow_executions
            where completed_at is null and status = 'running' and node_id = {self.Id} and updated_at < {before}
            """,
            r => r.GetGuid(0),
            ct);
        return [.. own.Where(id => !runner.IsAtWork(id))];
    }

    private async Task FindQueuesAsync(CancellationToken ct)
    {
        foreach (var workflow in await db.Write.ListAsync(
            $"select distinct workflow_id from workflows.workflow_executions where completed_at is null and status = 'pending'", r => r.GetGuid(0), ct))
        {
            runner.NoteQueue(workflow);
        }
    }

    private async Task TakeQueuedAsync(Guid workflow, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var (rows, left) = await db.TransactionAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync($"select 1 from workflows.workflow_definitions where workflow_id = {workflow} for no key update", ct);
                var taken = await transaction.ListAsync(
                    $"""
                    with under_way as (
                        select count(*) as many from workflows.workflow_executions
                        where workflow_id = {workflow} and completed_at is null and status = 'running' and wake_at is null),
                    next as materialized (
                        select e.execution_id, row_number() over (order by e.execution_id) as rank,
                            coalesce((v.settings ->> 'max_parallel_executions')::integer, {RunSettings.Default.MaxParallelExecutions}) as most
                        from workflows.workflow_executions e
                        left join workflows.workflow_versions v on v.workflow_id = e.workflow_id and v.version = e.version
                        where e.workflow_id = {workflow} and e.completed_at is null and e.status = 'pending'
                        order by e.execution_id limit {AtOnce})
                    update workflows.workflow_executions e
                    set status = 'running', node_id = {self.Id}, fence = e.fence + 1, started_at = {now}, updated_at = {now}
                    from next n, under_way u
                    where e.execution_id = n.execution_id and n.rank + u.many <= n.most
                    returning {Columns}
                    """,
                    Read,
                    ct);
                var waiting = await transaction.ValueAsync<bool>(
                    $"select exists (select from workflows.workflow_executions where workflow_id = {workflow} and completed_at is null and status = 'pending')", ct);
                return (taken, waiting);
            },
            ct);
        if (!left)
        {
            runner.ForgetQueue(workflow);
        }

        await ResumeAsync(rows, ct);
    }

    private async Task ResumeAsync(IReadOnlyList<Row> rows, CancellationToken ct)
    {
        if (rows.Count == 0)
        {
            return;
        }

        var turns = (await db.Write.ListAsync(
            $"""
            select execution_id, sequence, completion, node_id, node_type, path, status, started_at, completed_at, output_port,
                output_variables::text, result_data::text, error_message, attempt
            from workflows.workflow_node_executions where execution_id = any({rows.Select(r => r.Id).ToArray()})
            """,
            r => (Execution: r.GetGuid(0), Turn: ReadTurn(r)),
            ct)).ToLookup(t => t.Execution, t => t.Turn);
        foreach (var row in rows)
        {
            try
            {
                await ResumeAsync(row, [.. turns[row.Id]], ct);
            }
            catch (Exception e) when (Failures.MayPass(e))
            {
                PutOff(row.Id, e.Message);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Ended(e, row.Id);
                await EndAsync(row, Failures.End(e), ct);
            }
        }
    }

    private Task EndAsync(Row row, RunEnd end, CancellationToken ct) => db.Write.ExecuteAsync(
        $"""
        with ended as (
            update workflows.workflow_executions
            set status = {end.Status}, completed_at = {clock.GetUtcNow()}, error_code = {end.Code}, error_message = {end.Error}, node_id = null,
                updated_at = {clock.GetUtcNow()}, duration_ms = extract(epoch from {clock.GetUtcNow()} - started_at) * 1000
            where execution_id = {row.Id} and fence = {row.Fence} and status = 'running'
            returning execution_id)
        update workflows.workflow_node_executions set status = 'skipped', completed_at = {clock.GetUtcNow()}
        where execution_id in (select execution_id from ended) and status = 'running'
        """,
        ct);

    private async Task ResumeAsync(Row row, IReadOnlyList<NodeRow> turns, CancellationToken ct)
    {
        var workflow = await definitions.FindAsync(row.Workflow, row.Version, ct);
        var entity = await entities.FindByKeyAsync(row.Entity, ct);
        if (workflow is null || entity is null || entity.CommunityId != workflow.Community)
        {
            // It can never go on: what it needs is gone.
            await EndAsync(row, new RunEnd("failed", "gone", "The version of the workflow, or the channel, is not there any more."), ct);
            return;
        }

        var data = Value.TryParse(row.Data ?? "{}", out var parsed) ? parsed : Value.EmptyObject;
        var values = workflow.Graph.UsesGlobals ? await globals.ReadAsync(row.Workflow, ct) : Value.EmptyObject;
        var info = new Nodes.RunInfo(
            row.Id, row.Workflow, workflow.Name, row.Version, entity, row.Depth, Start.Person(row.Trigger, data), data["message_id"].TryText(out var message) ? message : null);
        var run = new Run(info, workflow, row.Fence, Start.Variables(workflow, row.Id, entity, data, values), await limits.TurnsAsync(entity.CommunityId, ct));
        Replay.Into(run, turns, row.StartedAt, clock.GetUtcNow());
        runner.Begin(run);
        if (row.IsCancelled)
        {
            // The node that was told of it died, or put the run to sleep first.
            runner.Cancel(row.Id);
        }
    }

    private async Task<TimeSpan> UntilNextAsync(CancellationToken ct)
    {
        var next = await db.Write.ValueAsync<DateTimeOffset?>(
            $"select min(wake_at) from workflows.workflow_executions where wake_at is not null", ct);
        var now = clock.GetUtcNow();
        var wake = next is { } at && at < _nextTakeover ? at - now : _nextTakeover - now;
        return wake < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : wake;
    }

    private static Row Read(Npgsql.NpgsqlDataReader r) => new(
        r.GetGuid(0), r.GetGuid(1), r.GetInt32(2), r.GetInt64(3), r.GetString(4), r.IsDBNull(5) ? null : r.GetString(5), r.GetInt32(6), r.GetInt32(7), r.GetFieldValue<DateTimeOffset>(8), r.GetBoolean(9));

    private static NodeRow ReadTurn(Npgsql.NpgsqlDataReader r) => new(
        r.GetInt32(1), r.IsDBNull(2) ? null : r.GetInt32(2), r.GetString(3), r.GetString(4), r.GetString(5), r.GetString(6), r.IsDBNull(7) ? null : r.GetFieldValue<DateTimeOffset>(7), r.IsDBNull(8) ? null : r.GetFieldValue<DateTimeOffset>(8))
    {
        Port = r.IsDBNull(9) ? null : r.GetString(9),
        Outputs = Value.TryParse(r.GetString(10), out var outputs) ? outputs : Value.EmptyObject,
        Data = !r.IsDBNull(11) && Value.TryParse(r.GetString(11), out var data) ? data : default,
        Error = r.IsDBNull(12) ? null : r.GetString(12),
        Attempt = r.GetInt32(13),
    };

    [LoggerMessage(LogLevel.Warning, "{Runs} runs that no node had at work are gone on with here.")]
    private partial void TakenOver(int runs);

    [LoggerMessage(LogLevel.Warning, "Run {Execution} is taken up later: {Reason}")]
    private partial void PutOff(Guid execution, string reason);

    [LoggerMessage(LogLevel.Error, "Run {Execution} cannot be taken up and ends.")]
    private partial void Ended(Exception exception, Guid execution);

    private sealed record Row(Guid Id, Guid Workflow, int Version, long Entity, string Trigger, string? Data, int Depth, int Fence, DateTimeOffset StartedAt, bool IsCancelled);
}
