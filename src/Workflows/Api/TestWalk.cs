using System.Text.Json;
using Rookery.Kernel.Expressions;
using Rookery.Workflows.Execution;
using Rookery.Workflows.Nodes;

namespace Rookery.Workflows.Api;

/// <summary>
/// Goes the way of a run by the same rules, in a time of its own that jumps over delays, and keeps to itself what the run would send.
/// </summary>
internal sealed class TestWalk(Run run, Steps steps, StandIns standIns, TimeProvider clock)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private readonly Dictionary<int, NodeRow> _rows = [];
    private TimeSpan _skipped;

    public List<HeldBack> HeldBack { get; } = [];

    public IEnumerable<NodeRow> Rows => _rows.Values.OrderBy(r => r.Sequence);

    private DateTimeOffset Now => clock.GetUtcNow() + _skipped;

    public async Task<RunEnd> GoAsync(CancellationToken ct)
    {
        var began = clock.GetTimestamp();
        while (true)
        {
            while (run.Walk.Take() is { } turn)
            {
                if (clock.GetElapsedTime(began) > Longest)
                {
                    run.Walk.Stop(new RunEnd("failed", "timeout", $"A test run works at most {Longest.TotalSeconds:0} seconds."));
                    break;
                }

                await TakeAsync(turn, ct);
            }

            foreach (var turn in run.Walk.TakeSkipped())
            {
                run.Asleep.Remove(turn);
                _rows[turn.Sequence] = NodeRow.Skipped(turn, clock.GetUtcNow());
            }

            if (run.Walk.End is { } end)
            {
                return end;
            }

            Jump();
        }
    }

    private async Task TakeAsync(Turn turn, CancellationToken ct)
    {
        var since = clock.GetUtcNow();
        var context = steps.Context(run.Info, turn.Frame, run.Workflow.Graph.Settings.Timezone, run.Seed(turn));
        switch (turn.Node.Node)
        {
            case CallNode node:
                Complete(turn, Call(turn, node, context), since);
                break;
            case StoredNode node:
                var (result, items) = await steps.WorkAsync(node, context, run.Key(turn), ct);
                HeldBack.AddRange(items.Select(i => new HeldBack(
                    turn.Node.Key, i.EntityId, JsonSerializer.SerializeToElement(i.Action, Kernel.Web.KernelJson.Default.OutboundAction))));
                Complete(turn, result, since);
                break;
            case VariableSetNode { IsGlobal: true }:
                Complete(turn, SetGlobals(Steps.Work(turn, context)), since);
                break;
            default:
                Complete(turn, Steps.Work(turn, context), since);
                break;
        }
    }

    private NodeResult Call(Turn turn, CallNode node, NodeContext context)
    {
        if (node.Prepare(context) is not { } call)
        {
            return new NodeResult { Error = context.Error };
        }

        HeldBack.Add(new HeldBack(turn.Node.Key, null, JsonElement.Parse(call.Inputs.ToJson())));
        return standIns.Answer(turn.Node.Key, call) with { Inputs = call.Inputs };
    }

    /// <summary>As a run would see them afterwards; what is kept stays as it was.</summary>
    private NodeResult SetGlobals(NodeResult made)
    {
        if (made.Error is not null)
        {
            return made;
        }

        var after = run.Walk.Root.TryGet(VariableSetNode.Global, out var before) ? before : Value.EmptyObject;
        foreach (var (name, value) in made.Outputs.Members)
        {
            after = after.With(name, value);
        }

        return made with { Outputs = Value.Object((VariableSetNode.Global, after)), Scope = VariableScope.Workflow };
    }

    private void Complete(Turn turn, NodeResult result, DateTimeOffset since)
    {
        if (result is { Error: null, Wait: { } wait } && wait > TimeSpan.Zero)
        {
            run.Asleep.Add(turn, (Now + wait, since));
            return;
        }

        var now = clock.GetUtcNow();
        var row = NodeRow.Outcome(turn, ++run.Completions, result, since, now);
        _rows[turn.Sequence] = row;
        run.Complete(turn, result, row, Now);
    }

    /// <summary>On to the next moment at which something happens: a delay is over, or the time of branches.</summary>
    private void Jump()
    {
        var wakes = run.Asleep.OrderBy(a => a.Value.Until).ThenBy(a => a.Key.Sequence).ToList();
        var forks = run.Walk.Forks.OrderBy(run.Deadline).ToList();
        if (wakes.Count == 0 && forks.Count == 0)
        {
            run.Walk.Stop(new RunEnd("failed", "stuck", "Nothing is left that could go on."));
            return;
        }

        var next = wakes.Count == 0 || (forks.Count > 0 && run.Deadline(forks[0]) < wakes[0].Value.Until) ? run.Deadline(forks[0]) : wakes[0].Value.Until;
        _skipped += next > Now ? next - Now : TimeSpan.Zero;
        if (wakes.Count > 0 && wakes[0].Value.Until <= next)
        {
            var (turn, (_, since)) = wakes[0];
            run.Asleep.Remove(turn);
            Complete(turn, NodeResult.Leave(Ports.Out), since);
        }
        else
        {
            run.Walk.Expire(forks[0]);
        }
    }
}
