using Rookery.Workflows.Nodes;

namespace Rookery.Workflows.Execution;

/// <summary>Brings a run that another process had at work to where it was, from its rows.</summary>
internal static class Replay
{
    /// <param name="begun">When it began, or was resumed after a failure: branches have their time from then on.</param>
    public static void Into(Run run, IReadOnlyList<NodeRow> rows, DateTimeOffset begun, DateTimeOffset now)
    {
        var completions = rows.Where(r => r.Completion is not null).Select(r => (At: r.Completion!.Value, Row: r, IsExpiry: false));
        var expiries = rows.Where(r => r.Expiry is not null).Select(r => (At: r.Expiry!.Value, Row: r, IsExpiry: true));
        foreach (var (at, row, isExpiry) in completions.Concat(expiries).OrderBy(e => e.At))
        {
            if (isExpiry)
            {
                Expire(run, row);
            }
            else
            {
                Complete(run, row, begun, now);
            }

            run.Completions = at;
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

    private static void Complete(Run run, NodeRow row, DateTimeOffset begun, DateTimeOffset now)
    {
        if (!run.Walk.UnderWay.TryGetValue(row.Sequence, out var turn) || turn.Node.Key != row.Node)
        {
            throw Strange(row);
        }

        var at = row.CompletedAt ?? now;
        run.Complete(turn, row.ToResult(turn.Node.Node), row, at > begun ? at : begun);
    }

    private static void Expire(Run run, NodeRow row) =>
        run.Walk.Expire(run.Walk.Forks.Find(f => f.Sequence == row.Sequence) ?? throw Strange(row));

    private static ReplayException Strange(NodeRow row) => new($"step {row.Sequence} on record is of {row.Node}, which is not under way then.");

    private static void GoOn(Run run, Turn turn, NodeRow row, DateTimeOffset now)
    {
        if (row.Until is { } until)
        {
            run.Asleep.Add(turn, (until, row.StartedAt ?? now));
        }
        else if (turn.Node.Node is CallNode { IsIdempotent: false })
        {
            var outcome = NodeRow.Outcome(turn, ++run.Completions, InDoubt, row.StartedAt ?? now, now);
            run.Rows.Add(outcome);
            run.Complete(turn, InDoubt, outcome, now);
        }
    }

    private static NodeResult InDoubt => NodeResult.Fail(
        "in_doubt", "The server stopped while this was under way; whether it was done is not known, and it is not done twice.");
}
