using Rookery.Workflows.Nodes;

namespace Rookery.Workflows.Execution;

/// <summary>Brings a run that another process had at work to where it was, from its rows.</summary>
internal static class Replay
{
    public static void Into(Run run, IReadOnlyList<NodeRow> rows, DateTimeOffset now)
    {
        foreach (var row in rows.Where(r => r.Completion is not null).OrderBy(r => r.Completion))
        {
            if (!run.Walk.UnderWay.TryGetValue(row.Sequence, out var turn) || turn.Node.Key != row.Node)
            {
                throw new InvalidOperationException($"Row {row.Sequence} of run {run.Info.ExecutionId} is of {row.Node}, which is not under way then.");
            }

            run.Complete(turn, row.ToResult(turn.Node.Node), row.CompletedAt ?? now);
            run.Completions = row.Completion!.Value;
        }

        // Rows of turns that were not taken are there already.
        var written = rows.Where(r => r.Status != "running").Select(r => r.Sequence).ToHashSet();
        run.Rows.AddRange(run.Walk.TakeSkipped().Where(t => !written.Contains(t.Sequence)).Select(t => NodeRow.Skipped(t, now)));
        foreach (var row in rows.Where(r => r is { Completion: null, Status: "running" }).OrderBy(r => r.Sequence))
        {
            if (run.Walk.UnderWay.TryGetValue(row.Sequence, out var turn))
            {
                GoOn(run, turn, row, now);
            }
        }
    }

    private static void GoOn(Run run, Turn turn, NodeRow row, DateTimeOffset now)
    {
        if (row.Until is { } until)
        {
            run.Asleep.Add(turn, (until, row.StartedAt ?? now));
        }
        else if (turn.Node.Node is CallNode { IsIdempotent: false })
        {
            run.Rows.Add(NodeRow.Outcome(turn, ++run.Completions, InDoubt, row.StartedAt ?? now, now));
            run.Complete(turn, InDoubt, now);
        }
    }

    private static NodeResult InDoubt => NodeResult.Fail(
        "in_doubt", "The server stopped while this was under way; whether it was done is not known, and it is not done twice.");
}
