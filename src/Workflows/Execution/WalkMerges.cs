using Rookery.Workflows.Definition;
using Rookery.Workflows.Nodes;

namespace Rookery.Workflows.Execution;

/// <content>Where paths come together: merges, and branches of which only the first is wanted.</content>
internal sealed partial class Walk
{
    private readonly List<Meeting> _meetings = [];
    private readonly List<Fork> _races = [];

    private void Arrive(GraphNode merge, Frame frame)
    {
        var meeting = _meetings.Find(m => m.Node == merge && m.Scope == frame.Scope);
        if (meeting is null)
        {
            _meetings.Add(meeting = new Meeting(merge, frame.Scope));
        }

        meeting.Arrived.Add(frame);
    }

    private void Win(Fork race, Frame winner)
    {
        race.IsRace = false;
        Forks.Remove(race);
        foreach (var other in race.Branches.Where(b => b != winner && !b.IsClosed).ToList())
        {
            Drop(other);
        }
    }

    /// <summary>Gives up everything in a branch.</summary>
    private void Drop(Frame branch)
    {
        GiveUp(f => f.IsWithin(branch));
        foreach (var meeting in _meetings)
        {
            meeting.Arrived.RemoveAll(f => f.IsWithin(branch));
        }

        branch.IsClosed = true;
        Leave(branch.Parent!);
    }

    /// <summary>After each change: merges that need not wait any more go on, races that are won end.</summary>
    private void Settle()
    {
        var isSettled = false;
        while (!isSettled && End is null && (_meetings.Count > 0 || _races.Count > 0))
        {
            isSettled = true;
            foreach (var race in _races.Where(r => r.IsRace).ToList())
            {
                if (race.Branches.Find(b => !b.IsClosed && IsAtMeeting(b)) is { } first)
                {
                    Win(race, first);
                }
            }

            if (_meetings.Find(m => m.Arrived.Count > 0 && (m.IsOver || IsComplete(m))) is { } meeting)
            {
                GoOn(meeting);
                isSettled = false;
            }
        }

        Forks.RemoveAll(f => f.Branches.TrueForAll(b => b.IsClosed));
        _races.RemoveAll(r => !r.IsRace);
    }

    /// <summary>True when all that is left of a branch stands at merges.</summary>
    private bool IsAtMeeting(Frame branch) =>
        _meetings.Exists(m => m.Arrived.Exists(f => f.IsWithin(branch))) && !_open.Values.Any(t => t.Frame.IsWithin(branch));

    private bool IsComplete(Meeting meeting)
    {
        var required = ((MergeNode)meeting.Node.Node).InputPortsRequired;
        return (required > 0 && meeting.Arrived.Count >= required)
            || !(_open.Values.Any(t => CanArrive(t.Node, t.Frame, meeting))
                || _meetings.Exists(m => m != meeting && m.Arrived.Count > 0 && !m.IsOver && CanArrive(m.Node, m.Scope, meeting)));
    }

    /// <summary>Whether something at a node may still come to the merge: by itself, or as the loop it is a round of.</summary>
    private static bool CanArrive(GraphNode at, Frame frame, Meeting meeting)
    {
        var scope = frame.Scope;
        while (scope != meeting.Scope)
        {
            if (scope.Loop is not { } loop)
            {
                return false;
            }

            (at, scope) = (loop.Node, loop.Frame.Scope);
        }

        return at.CanReach(meeting.Node);
    }

    private void GoOn(Meeting meeting)
    {
        var arrived = meeting.Arrived.ToList();
        meeting.Arrived.Clear();
        if (!meeting.IsOver)
        {
            meeting.IsOver = true;
            var common = arrived.Aggregate(Common);
            foreach (var frame in arrived.Distinct().OrderBy(f => f.Number))
            {
                for (var f = frame; f != common; f = f.Parent!)
                {
                    if (f.Fork is { MergesVariables: true })
                    {
                        common.Set(f.Variables);
                    }
                }
            }

            Open(meeting.Node, common, null);
        }

        foreach (var frame in arrived)
        {
            Leave(frame);
        }
    }

    private static Frame Common(Frame one, Frame other)
    {
        while (!other.IsWithin(one))
        {
            one = one.Parent!;
        }

        return one;
    }

    /// <summary>Paths that have come to a merge within one frame.</summary>
    private sealed class Meeting(GraphNode node, Frame scope)
    {
        public GraphNode Node => node;

        public Frame Scope => scope;

        public List<Frame> Arrived { get; } = [];

        /// <summary>It has gone on; who comes now comes too late.</summary>
        public bool IsOver { get; set; }
    }
}
